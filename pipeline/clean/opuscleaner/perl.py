r"""The filter `regexp`: perl -p with a program of substitutions, s/…/…/ and tr/…/…/, one or several between semicolons.

What Perl's regular expressions and the package regex write differently is translated: https://perldoc.perl.org/perlre and perlop. The rest
of the language is not there. Lines come without their line break, which Perl would see: \s+$ does not join lines.
"""

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

import regex

from pipeline.clean.opuscleaner.filters import Definition, Scope
from pipeline.clean.opuscleaner.parameters import Text
from pipeline.clean.opuscleaner.replacement import CASES, Case, Group, Part, check_line, replacement
from pipeline.common.languages import Language
from pipeline.common.script import StepError

Rewriting = Callable[[str], str]

OPERATOR = re.compile(r"(s|tr|y)(?:\s+(?=[^\s#\w])|(?=[^\s\w]))")
BRACKETS = {"(": ")", "[": "]", "{": "}", "<": ">"}
MODIFIERS = re.compile(r"[a-z]*")
FLAGS = {"i": regex.IGNORECASE, "m": regex.MULTILINE, "s": regex.DOTALL, "x": regex.VERBOSE}
NO_EFFECT = set("gaulnpo")  # or one that is always there

HORIZONTAL = r"\t\p{Zs}"
PUNCTUATION = r"\p{P}$+<=>^`|\~"  # for Perl, what Unicode calls so and the symbols of ASCII
CODE_POINT = re.compile(r"x(?:\{\s*([0-9A-Fa-f]+)\s*\}|([0-9A-Fa-f]{1,2}))")
QUOTED = re.compile(r"Q(.*?)(?:\\E|$)", re.DOTALL)
BACKREFERENCE = re.compile(r"g(?:\{(\w+)\}|(\d+))|k(?:<(\w+)>|\{(\w+)\}|'(\w+)')")
VARIABLE = re.compile(r"\$(?:[A-Za-z_]\w*|\{\w+\})")
GROUP = re.compile(r"\$(?:(\d+)|\{(\d+)\}|\+\{(\w+)\}|(&))")
CONTROL = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "e": "\x1b", "a": "\a"}


def regexp(language: Language, pattern: str) -> Rewriting:
    r"""Applies the substitutions, one after the other. Characters of the program are those of Unicode: Perl would take them for bytes.

    \$1 in a replacement is the group, which people write so on account of the shell; to Perl it is a dollar and a digit. An @ is one, and
    begins no variable.
    """
    steps = list(substitutions(pattern))
    if not steps:
        raise StepError("parameters.PATTERN: is empty; must be a substitution like s/from/to/g")

    def rewrite(line: str) -> str:
        for step in steps:
            line = step(line)
        return line

    return rewrite


def substitutions(program: str) -> Iterator[Rewriting]:
    position = 0
    while position < len(program):
        if program[position] in " \t\n;":
            position += 1
            continue
        operator = OPERATOR.match(program, position)
        if operator is None:
            raise StepError(f"parameters.PATTERN: only s/…/…/ and tr/…/…/ are known of Perl, not {program[position : position + 40]!r}")
        left, right, position = operands(program, operator.end(), raw=operator[1] == "s")
        modifiers = MODIFIERS.match(program, position)
        position += len(modifiers[0]) if modifiers else 0
        if program[position:].lstrip()[:1] not in ("", ";"):
            raise StepError(
                f"parameters.PATTERN: a substitution ends with a semicolon or the program, not {program[position:].strip()[:40]!r}"
            )
        make = substitution if operator[1] == "s" else transliteration
        yield make(left, right, modifiers[0] if modifiers else "")


def operands(program: str, position: int, *, raw: bool) -> tuple[str, str, int]:
    """Both sides of an operator whose first delimiter is at a position, and where it ends."""
    opener = program[position]
    if opener == "'":
        raise StepError("parameters.PATTERN: the delimiter ' is not known here; use /")
    left, position = delimited(program, position + 1, opener)
    if opener in BRACKETS:
        while program[position : position + 1].isspace():
            position += 1
        opener = program[position : position + 1]
        position += 1
    right, position = delimited(program, position, opener)
    return left, right, position


def delimited(program: str, begin: int, opener: str) -> tuple[str, int]:
    """The text up to the delimiter that belongs to an opening one, and the place after it.

    A backslash before the delimiter is taken away, so that it means what it means, unless it is a bracket: as Perl does.
    """
    closer = BRACKETS.get(opener, opener)
    depth, position = 1, begin
    while closer and position < len(program):
        if program[position] == "\\":
            position += 2
            continue
        depth += (program[position] == closer and -1) or (program[position] == opener)
        if depth == 0:
            text = program[begin:position]
            unescaped = text if opener in BRACKETS else re.sub(r"\\(.)", lambda found: found[found[1] == closer], text, flags=re.DOTALL)
            return unescaped, position + 1
        position += 1
    raise StepError(f"parameters.PATTERN: {program!r}: the end of a substitution is missing, {closer or 'its second part'}")


def substitution(left: str, right: str, modifiers: str) -> Rewriting:
    flags = 0
    for modifier in modifiers:
        if modifier not in FLAGS and modifier not in NO_EFFECT:
            raise StepError(f"parameters.PATTERN: s/…/…/{modifiers}: the modifier {modifier} is not known here")
        flags |= FLAGS.get(modifier, 0)
    try:
        expression = regex.compile("".join(translated(left)), flags)
    except regex.error as error:
        raise StepError(f"parameters.PATTERN: {left!r} cannot be read as a regular expression: {error}") from None
    parts = list(replacement_parts(right))
    for part in parts:
        if isinstance(part, str):
            check_line(part)
        elif isinstance(part, Group) and part.name not in {*range(expression.groups + 1), *expression.groupindex}:
            raise StepError(f"parameters.PATTERN: {right!r}: {left!r} has no group {part.name}")
    substitute = replacement(parts)
    count = 0 if "g" in modifiers else 1
    return lambda line: expression.sub(substitute, line, count=count)


def translated(pattern: str) -> Iterator[str]:
    """A regular expression of Perl as one of the package regex, piece by piece."""
    position, in_class = 0, False
    while position < len(pattern):
        character = pattern[position]
        if character == "\\":
            text, position = translated_escape(pattern, position + 1, in_class)
            yield text
            continue
        if character == "$" and VARIABLE.match(pattern, position):
            raise StepError(f"parameters.PATTERN: {pattern!r}: there are no variables here; a dollar sign is \\$")
        if character == "[" and not in_class:
            in_class = True
            first = re.compile(r"\[\^?\]?").match(pattern, position)
            text = first[0] if first else character
            yield text.replace("]", r"\]")
            position += len(text)
            continue
        if in_class and (posix := re.compile(r"\[:\^?[a-z]+:\]").match(pattern, position)):
            yield PUNCTUATION if posix[0] == "[:punct:]" else posix[0]
            position = posix.end()
            continue
        if character == "]":
            in_class = False
        yield rf"\{character}" if in_class and character in "[&~|" else character
        position += 1


def translated_escape(pattern: str, position: int, in_class: bool) -> tuple[str, int]:
    """What stands for the escape whose backslash is before the position, and where it ends."""
    if found := CODE_POINT.match(pattern, position):
        return f"\\U{code_point(found):08x}", found.end()
    if found := QUOTED.match(pattern, position):
        return regex.escape(found[1]), found.end()
    if found := BACKREFERENCE.match(pattern, position):
        return f"\\g<{next(filter(None, found.groups()))}>", found.end()
    character = pattern[position : position + 1]
    if character == "h":
        return HORIZONTAL if in_class else f"[{HORIZONTAL}]", position + 1
    # \Z and \z are one without a line break; \E ends nothing.
    return {"z": r"\Z", "E": ""}.get(character, f"\\{character}"), position + 1


def code_point(found: re.Match[str]) -> int:
    number = int(found[1] or found[2], 16)
    if number > 0x10FFFF:
        raise StepError(f"parameters.PATTERN: \\{found[0]} is no character of Unicode")
    return number


def replacement_parts(text: str) -> Iterator[Part]:
    position = 0
    while position < len(text):
        if text[position] == "\\":
            part, position = replacement_escape(text, position + 1)
            yield part
        elif found := GROUP.match(text, position):
            yield group_named(next(filter(None, found.groups())))
            position = found.end()
        elif text[position] == "$" and VARIABLE.match(text, position):
            raise StepError(f"parameters.PATTERN: {text!r}: there are no variables here; a dollar sign is \\$")
        else:
            yield text[position]
            position += 1


def group_named(name: str) -> Group:
    return Group(0 if name == "&" else int(name) if name.isdigit() else name)


def replacement_escape(text: str, position: int) -> tuple[Part, int]:
    if found := CODE_POINT.match(text, position):
        return chr(code_point(found)), found.end()
    if found := GROUP.match(text, position):
        logging.warning(
            "regexp: %s in a replacement is read as a group, although Perl would write it out", text[position - 1 : found.end()]
        )
        return group_named(next(filter(None, found.groups()))), found.end()
    character = text[position : position + 1]
    if character.isdigit():
        return Group(int(character)), position + 1
    if character in CASES:
        return Case(character), position + 1
    if character == "Q":
        raise StepError(f"parameters.PATTERN: {text!r}: \\Q is not known in a replacement here")
    return CONTROL.get(character, character), position + 1


def transliteration(left: str, right: str, modifiers: str) -> Rewriting:
    """tr/…/…/ with the modifiers c (all other characters), d (delete what has no counterpart) and s (one of a run)."""
    if set(modifiers) - set("cds"):
        raise StepError(f"parameters.PATTERN: tr/…/…/{modifiers}: known modifiers are c, d and s")
    search, counterparts = listed(left), listed(right)
    for character in counterparts:
        check_line(character)
    if "c" in modifiers:
        kept = set(search)
        last = counterparts[-1:]

        def of_other(character: str) -> str | None:
            return None if character in kept else "" if "d" in modifiers else last[0] if last else character

        return lambda line: transliterated(line, of_other, squeeze="s" in modifiers)
    table = counterpart_of(search, counterparts, delete="d" in modifiers)
    return lambda line: transliterated(line, table.get, squeeze="s" in modifiers)


def counterpart_of(search: Sequence[str], counterparts: Sequence[str], *, delete: bool) -> dict[str, str]:
    """Where there are fewer counterparts, the last is that of the rest, or, to delete, nothing; without any, each is its own."""
    if not delete:
        counterparts = counterparts or search
        counterparts = [*counterparts, *[counterparts[-1]] * len(search)] if counterparts else []
    table: dict[str, str] = {}
    for number, character in enumerate(search):
        table.setdefault(character, counterparts[number] if number < len(counterparts) else "")
    return table


def transliterated(line: str, result: Callable[[str], str | None], *, squeeze: bool) -> str:
    results = [(result(character), character) for character in line]
    if not squeeze:
        return "".join(character if new is None else new for new, character in results)
    pieces = []
    for new, run in groupby((pair for pair in results if pair[0] != ""), key=lambda pair: pair[0]):
        pieces.append("".join(character for _, character in run) if new is None else new)
    return "".join(pieces)


def listed(text: str) -> list[str]:
    """The characters of a side of tr, with ranges written out."""
    characters: list[tuple[str, bool]] = []  # and whether it was escaped: an escaped hyphen makes no range
    position = 0
    while position < len(text):
        if text[position] != "\\":
            characters.append((text[position], False))
            position += 1
        elif found := CODE_POINT.match(text, position + 1):
            characters.append((chr(code_point(found)), True))
            position = found.end()
        else:
            character = text[position + 1 : position + 2]
            characters.append((CONTROL.get(character, character), True))
            position += 2
    plain: list[str] = []
    position = 0
    while position < len(characters):
        if position + 2 < len(characters) and characters[position + 1] == ("-", False):
            first, last = ord(characters[position][0]), ord(characters[position + 2][0])
            if first > last:
                raise StepError(f"parameters.PATTERN: tr: the range {chr(first)}-{chr(last)} runs backwards")
            plain += map(chr, range(first, last + 1))
            position += 3
        else:
            plain.append(characters[position][0])
            position += 1
    return plain


REGEXP = Definition("regexp", Scope.COLUMN, regexp, {"PATTERN": Text()})
