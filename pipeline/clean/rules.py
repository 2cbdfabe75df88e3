"""The rules that a pair of lines must pass, as data: a name, what is dropped, parameters, and the check made from them.

Which rules and thresholds are usual: Bicleaner's hard rules (https://aclanthology.org/W18-6488), OpusFilter
(https://aclanthology.org/2020.acl-demos.20) and OpusCleaner's default filters. Lines come normalised.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pipeline.common.languages import Language

Check = Callable[[str, str], bool]
Parameters = dict[str, int | float]

LETTER = r"[^\W\d_]"
LETTERS = re.compile(LETTER + "+")
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
    """`make` gets both languages and the parameters, and returns a check: given both lines, whether the pair is dropped."""

    name: str
    drops: str
    make: Callable[..., Check]
    parameters: Parameters

    def describe(self) -> dict[str, object]:
        return {"name": self.name, "drops": self.drops, "parameters": self.parameters}


def on_either_side(make: Callable[..., Callable[[str], bool]]) -> Callable[..., Check]:
    """Makes a rule out of one that looks at a single line in a single language."""

    def make_pair(src: Language, trg: Language, **parameters: float) -> Check:
        src_check, trg_check = make(src, **parameters), make(trg, **parameters)
        return lambda src_line, trg_line: src_check(src_line) or trg_check(trg_line)

    return make_pair


def count(characters: re.Pattern[str], line: str) -> int:
    """How many characters of the line are of a kind; the pattern matches runs of it."""
    return sum(map(len, characters.findall(line)))


def empty(language: Language) -> Callable[[str], bool]:
    return lambda line: not line


def mojibake(language: Language) -> Callable[[str], bool]:
    return lambda line: MOJIBAKE.search(line) is not None


def identical(src: Language, trg: Language) -> Check:
    return lambda src_line, trg_line: src_line.casefold() == trg_line.casefold()


def too_long(language: Language, max_words: int, max_characters: int) -> Callable[[str], bool]:
    def check(line: str) -> bool:
        if len(line) > max_characters:
            return True
        words = line.count(" ") + 1 if language.spaced else len(line) / 2
        return words > max_words

    return check


def long_word(language: Language, max_characters: int) -> Callable[[str], bool]:
    if not language.spaced:
        return lambda line: False
    pattern = re.compile(rf"\S{{{max_characters + 1}}}")
    return lambda line: pattern.search(line) is not None


def length_ratio(src: Language, trg: Language, max_ratio: float, slack: int) -> Check:
    def check(src_line: str, trg_line: str) -> bool:
        src_length, trg_length = len(src_line) * src.density + slack, len(trg_line) * trg.density + slack
        return max(src_length, trg_length) > max_ratio * min(src_length, trg_length)

    return check


def few_letters(language: Language, min_share: float) -> Callable[[str], bool]:
    def check(line: str) -> bool:
        marks = 0 if line.isascii() else count(MARK, line)
        return count(LETTERS, line) < min_share * (len(line) - line.count(" ") - marks)

    return check


def other_script(language: Language, min_share: float) -> Callable[[str], bool]:
    own = re.compile(rf"(?:(?=[{language.characters}]){LETTER})+")

    def check(line: str) -> bool:
        if language.script == "Latn" and line.isascii():
            return False
        return count(own, line) < min_share * count(LETTERS, line)

    return check


def addresses(language: Language, max_share: float) -> Callable[[str], bool]:
    return lambda line: count(ADDRESS, line) > max_share * len(line)


def other_numbers(src: Language, trg: Language, min_shared: float, tolerated: int) -> Check:
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


def repetitive(language: Language, max_same_characters: int, max_same_words: int) -> Callable[[str], bool]:
    characters, words = re.compile(SAME_CHARACTER % max_same_characters), re.compile(SAME_WORD % max_same_words)
    return lambda line: characters.search(line) is not None or words.search(line) is not None


# In this order; a pair counts under the first rule that drops it. The lengths stand before what looks at each character.
RULES = (
    Rule("empty", "a side with nothing on it", on_either_side(empty), {}),
    Rule("too-long", "a side with too many words or characters", on_either_side(too_long), {"max_words": 150, "max_characters": 1500}),
    Rule("identical", "sides that differ at most in case", identical, {}),
    Rule("mojibake", "text that was decoded with the wrong character set", on_either_side(mojibake), {}),
    Rule("long-word", "a side with a word of too many characters", on_either_side(long_word), {"max_characters": 80}),
    Rule("length-ratio", "sides of too different length", length_ratio, {"max_ratio": 2.5, "slack": 15}),
    Rule("few-letters", "a side with too small a share of letters", on_either_side(few_letters), {"min_share": 0.5}),
    Rule("other-script", "a side with too few of its letters in its language's script", on_either_side(other_script), {"min_share": 0.4}),
    Rule("addresses", "a side that is mostly URLs, mail addresses or markup", on_either_side(addresses), {"max_share": 0.5}),
    Rule("numbers", "sides with different numbers", other_numbers, {"min_shared": 0.5, "tolerated": 1}),
    Rule(
        "repetition",
        "a side that repeats a character or a word too often in a row",
        on_either_side(repetitive),
        {"max_same_characters": 9, "max_same_words": 3},
    ),
)


def make_checks(src: Language, trg: Language, rules: tuple[Rule, ...] = RULES) -> list[tuple[str, Check]]:
    """The checks of a language pair by the names of their rules, in order."""
    return [(rule.name, rule.make(src, trg, **rule.parameters)) for rule in rules]
