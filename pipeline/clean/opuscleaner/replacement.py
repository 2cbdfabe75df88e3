"""The right side of a substitution, as sed and Perl write it: text, groups, and changes of case."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from pipeline.common.script import StepError

# Until the end or the next of them; the last two for one character.
UPPER, LOWER, END, UPPER_FIRST, LOWER_FIRST = "U", "L", "E", "u", "l"
CASES = (UPPER, LOWER, END, UPPER_FIRST, LOWER_FIRST)


class Match(Protocol):
    """Of re or regex."""

    def start(self) -> int: ...

    def end(self) -> int: ...

    def __getitem__(self, group: int | str, /) -> str | None: ...


@dataclass(frozen=True)
class Group:
    name: int | str


@dataclass(frozen=True)
class Case:
    change: str


Part = str | Group | Case


def replacement(parts: Sequence[Part]) -> Callable[[Match], str]:
    """What puts the parts together for a match; groups that did not take part are empty."""
    if all(isinstance(part, str) for part in parts):
        text = "".join(part for part in parts if isinstance(part, str))
        return lambda match: text
    if any(isinstance(part, Case) for part in parts):
        return lambda match: in_case(parts, match)
    return lambda match: "".join(text_of(part, match) for part in parts)


def text_of(part: Part, match: Match) -> str:
    return part if isinstance(part, str) else (match[part.name] or "") if isinstance(part, Group) else ""


def in_case(parts: Sequence[Part], match: Match) -> str:
    pieces: list[str] = []
    run, first = END, END
    for part in parts:
        if isinstance(part, Case):
            if part.change in (UPPER_FIRST, LOWER_FIRST):
                first = part.change
            else:
                run = part.change
            continue
        text = text_of(part, match)
        text = text.upper() if run == UPPER else text.lower() if run == LOWER else text
        if first != END and text:
            text = (text[0].title() if first == UPPER_FIRST else text[0].lower()) + text[1:]
            first = END
        pieces.append(text)
    return "".join(pieces)


def check_line(text: str) -> None:
    """Raises StepError for what would make two lines of one."""
    if "\n" in text or "\r" in text:
        raise StepError("the replacement has a line break, which would make two lines of one")
