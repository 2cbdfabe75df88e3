"""The rules that a line or a pair of lines must pass, as data: a name, what is dropped, parameters, and the check made from them.

Most look at one line: monolingual text must pass these, and each side of a pair. The others look at both sides of a pair.

Which rules and thresholds are usual: Bicleaner's hard rules (https://aclanthology.org/W18-6488), OpusFilter
(https://aclanthology.org/2020.acl-demos.20) and OpusCleaner's default filters. Lines come normalised.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pipeline.common.languages import Language
from pipeline.common.letters import LETTERS, count, foreign_letters

LineCheck = Callable[[str], bool]
PairCheck = Callable[[str, str], bool]
Check = Callable[..., bool]  # one of these
Parameters = dict[str, int | float]

# A combining mark belongs to the letter before it, and is no \w for Python; scripts of India would look half empty without.
MARKS = "\u0300-\u036f\u0900-\u0903\u093a-\u094f\u0981-\u0983\u09bc-\u09cd\u0a01-\u0dff\u0e31-\u0e4e\u1000-\u109f\u1780-\u17ff\u064b-\u065f"
MARK = re.compile(f"[{MARKS}]+")
NUMBER = re.compile(r"\d[\d.,'\u2019\u00a0\u202f]*\d")
MOJIBAKE = re.compile("\ufffd|[ÃÂ][\x80-\xbf€™œ]|â€|ï¿½")
ADDRESS = re.compile(r"(?:https?://|www\.)\S+|[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.\S+|</?[a-zA-Z][^<>]*>|\{\{.*?\}\}|&[a-z]+;")
SAME_CHARACTER = r"(\S)\1{%d,}"
SAME_WORD = r"\b(\w+)(?:\W+\1\b){%d,}"


@dataclass(frozen=True)
class Rule:
    """`make` gets the languages of the `sides` that the rule looks at, and the parameters; its check gets as many lines, and drops them."""

    name: str
    drops: str
    make: Callable[..., Check]
    parameters: Parameters
    sides: int = 1

    def check(self, *languages: Language) -> Check:
        """Given a line in each of the languages, whether they are dropped; one that looks at one line looks at either side of a pair."""
        if len(languages) == self.sides:
            return self.make(*languages, **self.parameters)
        src_check, trg_check = (self.make(language, **self.parameters) for language in languages)
        return lambda src_line, trg_line: src_check(src_line) or trg_check(trg_line)

    def describe(self) -> dict[str, object]:
        return {"name": self.name, "drops": self.drops, "parameters": self.parameters}


def empty(language: Language) -> LineCheck:
    return lambda line: not line


def mojibake(language: Language) -> LineCheck:
    return lambda line: MOJIBAKE.search(line) is not None


def identical(src: Language, trg: Language) -> PairCheck:
    return lambda src_line, trg_line: src_line.casefold() == trg_line.casefold()


def too_long(language: Language, max_words: int, max_characters: int) -> LineCheck:
    def check(line: str) -> bool:
        if len(line) > max_characters:
            return True
        words = line.count(" ") + 1 if language.spaced else len(line) / 2
        return words > max_words

    return check


def long_word(language: Language, max_characters: int) -> LineCheck:
    if not language.spaced:
        return lambda line: False
    pattern = re.compile(rf"\S{{{max_characters + 1}}}")
    return lambda line: pattern.search(line) is not None


def length_ratio(src: Language, trg: Language, max_ratio: float, slack: int) -> PairCheck:
    def check(src_line: str, trg_line: str) -> bool:
        src_length, trg_length = len(src_line) * src.density + slack, len(trg_line) * trg.density + slack
        return max(src_length, trg_length) > max_ratio * min(src_length, trg_length)

    return check


def few_letters(language: Language, min_share: float) -> LineCheck:
    def check(line: str) -> bool:
        marks = 0 if line.isascii() else count(MARK, line)
        return count(LETTERS, line) < min_share * (len(line) - line.count(" ") - marks)

    return check


def other_script(language: Language, min_share: float) -> LineCheck:
    foreign = foreign_letters(language)

    def check(line: str) -> bool:
        if language.script == "Latn" and line.isascii():
            return False
        letters = count(LETTERS, line)
        return letters - count(foreign, line) < min_share * letters

    return check


def addresses(language: Language, max_share: float) -> LineCheck:
    return lambda line: count(ADDRESS, line) > max_share * len(line)


def other_numbers(src: Language, trg: Language, min_shared: float, tolerated: int) -> PairCheck:
    def check(src_line: str, trg_line: str) -> bool:
        src_numbers, trg_numbers = set(numbers(src_line)), set(numbers(trg_line))
        either = src_numbers | trg_numbers
        shared = src_numbers & trg_numbers
        return len(either) - len(shared) > tolerated and len(shared) < min_shared * len(either)

    return check


def numbers(line: str) -> Iterator[str]:
    """Numbers of two and more digits, without the signs that group them, in ASCII digits."""
    for found in NUMBER.findall(line):
        digits = "".join(str(int(character)) for character in found if character.isdecimal())
        yield digits.lstrip("0")


def repetitive(language: Language, max_same_characters: int, max_same_words: int) -> LineCheck:
    characters, words = re.compile(SAME_CHARACTER % max_same_characters), re.compile(SAME_WORD % max_same_words)
    return lambda line: characters.search(line) is not None or words.search(line) is not None


# In this order; a pair counts under the first rule that drops it. The lengths stand before what looks at each character.
RULES = (
    Rule("empty", "a line with nothing on it", empty, {}),
    Rule("too-long", "a line with too many words or characters", too_long, {"max_words": 150, "max_characters": 1500}),
    Rule("identical", "sides that differ at most in case", identical, {}, sides=2),
    Rule("mojibake", "text that was decoded with the wrong character set", mojibake, {}),
    Rule("long-word", "a line with a word of too many characters", long_word, {"max_characters": 80}),
    Rule("length-ratio", "sides of too different length", length_ratio, {"max_ratio": 2.5, "slack": 15}, sides=2),
    Rule("few-letters", "a line with too small a share of letters", few_letters, {"min_share": 0.5}),
    Rule("other-script", "a line with too few of its letters in its language's script", other_script, {"min_share": 0.4}),
    Rule("addresses", "a line that is mostly URLs, mail addresses or markup", addresses, {"max_share": 0.5}),
    Rule("numbers", "sides with different numbers", other_numbers, {"min_shared": 0.5, "tolerated": 1}, sides=2),
    Rule(
        "repetition",
        "a line that repeats a character or a word too often in a row",
        repetitive,
        {"max_same_characters": 9, "max_same_words": 3},
    ),
)


def rules_for(*languages: Language) -> list[Rule]:
    """The rules for text in one language, or for pairs in two."""
    return [rule for rule in RULES if rule.sides <= len(languages)]


def make_checks(*languages: Language) -> list[tuple[str, Check]]:
    """The checks of monolingual text or of a language pair by the names of their rules, in order."""
    return [(rule.name, rule.check(*languages)) for rule in rules_for(*languages)]
