"""What is wrong or odd in a training config, said for the person who reads it at night."""

import difflib
import json
import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any

# Keys and list positions from the top of the config to a value. A config that was no text may have keys of any type.
Path = tuple[Hashable, ...]

_LONGEST_SHOWN = 80
# What would break a problem's one line, wherever in the config it comes from.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True)
class Finding:
    """Something at a path of a config: an error, or a warning where the config still runs."""

    path: Path
    message: str
    warning: bool = False


@dataclass(frozen=True, order=True)
class Problem:
    """A finding with its place in a file. `line` counts from 1, and is 0 where the config has no text; `key` may be empty."""

    file: str
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        return self._line(self.message)

    def as_warning(self) -> str:
        return self._line(f"warning: {self.message}")

    def _line(self, message: str) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        text = ": ".join(part for part in (place, self.key, message) if part)
        return _CONTROL.sub(lambda match: repr(match[0])[1:-1], text)


class ConfigErrors(Exception):  # noqa: N818 (it is all the errors of a config)
    """A config that cannot run. `problems` are all its errors by line, `warnings` what else is odd in it."""

    def __init__(self, problems: Iterable[Problem], warnings: Iterable[Problem] = ()) -> None:
        self.problems = sorted(problems)
        self.warnings = sorted(warnings)
        super().__init__("\n".join(map(str, self.problems)))


def phrase(what: str, *, found: Any, allowed: str, suggestion: str | None = None) -> str:
    """One message: what is wrong, what was found, what is allowed, and what was probably meant."""
    hint = f"; did you mean {suggestion}?" if suggestion is not None else ""
    return f"{what} (found {show(found)}, allowed: {allowed}{hint})"


def show(value: Any) -> str:
    """A value as a person would write it in YAML, on one line, shortened."""
    match value:
        case None:
            return "nothing"
        case list():
            return f"a list of {_count(len(value), 'item')}"
        case dict():
            return f"a mapping of {_count(len(value), 'key')}"
        case str():
            text = "'" + json.dumps(value, ensure_ascii=False)[1:-1].replace('\\"', '"') + "'"
        case bool() | int() | float():
            text = json.dumps(value)
        case _:
            text = f"the {type(value).__name__} {value}"
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 4]}...'"


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" + ("" if number == 1 else "s")


def nearest(name: Any, known: Iterable[str]) -> str | None:
    """The known name that a misspelt one most resembles, or None where none is near. Case does not count."""
    by_folded = {candidate.casefold(): candidate for candidate in known}
    matches = difflib.get_close_matches(str(name).casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[matches[0]] if matches else None


def dotted(path: Path) -> str:
    """A path as messages name it: `datasets.train[2]`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")
