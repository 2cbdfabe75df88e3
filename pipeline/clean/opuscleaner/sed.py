"""The filter `sed`: sed -E s/PATTERN/REPLACEMENT/g, as GNU sed reads both.

Extended regular expressions: POSIX.1-2017, chapter 9.4, https://pubs.opengroup.org/onlinepubs/9699919799/basedefs/V1_chap09.html; what GNU
adds to them: https://www.gnu.org/software/sed/manual/html_node/regexp-extensions.html
"""

import re
from collections.abc import Callable, Iterator

import regex

from pipeline.clean.opuscleaner.filters import Definition, Scope
from pipeline.clean.opuscleaner.parameters import Text
from pipeline.clean.opuscleaner.replacement import CASES, Case, Group, Match, Part, check_line, replacement
from pipeline.common.languages import Language
from pipeline.common.script import StepError

ESCAPES = {"a": "\a", "t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v"}
SAME = set("wWsSbB123456789")  # means the same after a backslash here
ANCHORS = {"<": r"\b(?=\w)", ">": r"\b(?<=\w)", "`": r"\A", "'": r"\Z"}

BRACKET = re.compile(r"\[(\^?)(\]?(?:\[:[a-z]+:\]|[^\]])*)\]")
CLASS = re.compile(r"\[:[a-z]+:\]")
INTERVAL = re.compile(r"\{\d*,?\d*\}")
QUANTIFIERS = re.compile(r"[*+?]+")


def sed(language: Language, pattern: str, replacement: str) -> Callable[[str], str]:
    """Replaces each match, the longest of the leftmost; nothing is none right behind another match.

    Characters are those of Unicode, in any locale; a / needs no backslash.
    """
    if not pattern:
        raise StepError("parameters.PATTERN: is empty: sed has no regular expression to use again")
    expression = compiled(pattern)
    substitute = parsed_replacement(replacement, expression.groups)

    def rewrite(line: str) -> str:
        end = -1

        def unless_at_end_of_last(match: Match) -> str:
            nonlocal end
            again = match.end() == match.start() == end
            end = match.end()
            return "" if again else substitute(match)

        return expression.sub(unless_at_end_of_last, line)

    return rewrite


def compiled(pattern: str) -> "regex.Pattern[str]":
    try:
        return regex.compile("".join(translated(pattern)), regex.POSIX)
    except regex.error as error:
        raise StepError(f"parameters.PATTERN: {pattern!r} is no extended regular expression: {error}") from None


def translated(pattern: str) -> Iterator[str]:
    """An extended regular expression as one of the package regex, piece by piece."""
    position = 0
    while position < len(pattern):
        character = pattern[position]
        if character == "\\":
            yield escape(pattern[position + 1 : position + 2])
            position += 2
        elif character == "[":
            bracket = BRACKET.match(pattern, position)
            if bracket is None:
                raise StepError(f"parameters.PATTERN: {pattern!r}: a [ has no end")
            yield f"[{bracket[1]}{bracket_content(bracket[2])}]"
            position = bracket.end()
        elif run := QUANTIFIERS.match(pattern, position):
            # Where Perl has lazy and possessive quantifiers, here one applies to the other.
            yield run[0][0] if len(set(run[0])) == 1 else "*"
            position = run.end()
        elif character == "{" and not INTERVAL.match(pattern, position):
            raise StepError(f"parameters.PATTERN: {pattern!r}: a {{ that repeats nothing must be \\{{")
        else:
            yield character
            position += 1


def escape(character: str) -> str:
    if character in ANCHORS:
        return ANCHORS[character]
    if character in SAME:
        return f"\\{character}"
    if character in ESCAPES:
        return ESCAPES[character]
    if not character or character.isalnum():
        raise StepError(f"parameters.PATTERN: sed has no \\{character}" + ("; a digit is [0-9]" if character == "d" else ""))
    return re.escape(character)


def bracket_content(content: str) -> str:
    r"""In brackets a backslash stands for itself, but for \n, \t and the like."""
    if "[." in content or "[=" in content:
        raise StepError("parameters.PATTERN: collating symbols ([. .] and [= =]) are not known here; name the characters")
    known = re.sub(r"\\([atnrfv])", lambda match: ESCAPES[match[1]], content)
    position, pieces = 0, []
    for found in CLASS.finditer(known):
        pieces += [escaped_in_bracket(known[position : found.start()]), found[0]]
        position = found.end()
    return "".join([*pieces, escaped_in_bracket(known[position:])])


def escaped_in_bracket(text: str) -> str:
    return re.sub(r"[\[\]\\&~|^]", r"\\\g<0>", text)


def parsed_replacement(text: str, groups: int) -> Callable[..., str]:
    parts = list(replacement_parts(text))
    for part in parts:
        if isinstance(part, str):
            check_line(part)
        elif isinstance(part, Group) and int(part.name) > groups:
            raise StepError(f"parameters.REPLACEMENT: \\{part.name} is no group of PATTERN, which has {groups}")
    return replacement(parts)


def replacement_parts(text: str) -> Iterator[Part]:
    for escaped, plain in re.findall(r"\\(.)|([^\\]|\\$)", text, re.DOTALL):
        if plain == "&":
            yield Group(0)
        elif plain:
            yield plain
        elif escaped.isdigit():
            yield Group(int(escaped))
        elif escaped in CASES:
            yield Case(escaped)
        else:
            yield ESCAPES.get(escaped, escaped)


SED = Definition("sed", Scope.COLUMN, sed, {"PATTERN": Text(default=""), "REPLACEMENT": Text(default="")})
