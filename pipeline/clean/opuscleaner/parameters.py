"""Parameters of filters as data: which values a file may give for them, and what the filter gets.

OpusCleaner's own page writes numbers that were typed in as strings, and null where nothing was chosen; both are read.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.clean.opuscleaner.column_languages import in_its_script, named_column, names_column, without_placeholder
from pipeline.common.languages import Language
from pipeline.common.script import StepError


@dataclass(frozen=True)
class Setting:
    """Where a filter is configured: for which columns, in the order of the dataset and of the file, and in which folder the file lies."""

    columns: Sequence[Language]
    file_columns: Sequence[Language]
    folder: Path


@dataclass(frozen=True, kw_only=True)
class Parameter(ABC):
    """`read` gives what `make` gets for a value of the file, None being no value; it raises StepError that says what would be right."""

    used: bool = True  # False for what only makes OpusCleaner print

    @abstractmethod
    def read(self, value: object, setting: Setting) -> object: ...


@dataclass(frozen=True, kw_only=True)
class Number(Parameter):
    default: float
    minimum: float | None = None
    maximum: float | None = None
    whole: bool = False

    def read(self, value: object, setting: Setting) -> float:
        number = self.default if value is None else self.number(value)
        if (self.minimum is not None and number < self.minimum) or (self.maximum is not None and number > self.maximum):
            raise StepError(f"{value!r} is out of range: {self}")
        return number

    def number(self, value: object) -> float:
        try:
            number = float("no number" if isinstance(value, bool) else str(value))
            if number != number or (self.whole and number != int(number)):
                raise ValueError
        except (ValueError, OverflowError):
            raise StepError(f"{value!r} is not right: {self}") from None
        return int(number) if self.whole else number

    def __str__(self) -> str:
        limits = [f"{word} {limit:g}" for word, limit in (("at least", self.minimum), ("at most", self.maximum)) if limit is not None]
        return " ".join(["a whole number" if self.whole else "a number", *limits])


@dataclass(frozen=True, kw_only=True)
class Flag(Parameter):
    default: bool = False

    def read(self, value: object, setting: Setting) -> bool:
        if value is None:
            return self.default
        if isinstance(value, bool):
            return value
        if str(value).lower() in ("true", "false"):
            return str(value).lower() == "true"
        raise StepError(f"{value!r} is not right: true or false")


@dataclass(frozen=True, kw_only=True)
class Text(Parameter):
    """Without a default there must be a value. A value that is a placeholder becomes the language's code."""

    default: str | None = None
    choices: Sequence[str] = ()

    def read(self, value: object, setting: Setting) -> str:
        text = self.default if value is None else value
        if text is None:
            raise StepError("it has no value, and no default")
        if not isinstance(text, str):
            raise StepError(f"{text!r} is not right: a text")
        if self.choices and text not in self.choices:
            raise StepError(f"{text!r} is not right: one of {', '.join(self.choices)}")
        return without_placeholder(text, setting.columns)


@dataclass(frozen=True, kw_only=True)
class LanguageOf(Parameter):
    """The language of a column, in the script that the value names, if it does; nothing, for a column that the dataset does not have."""

    side: int

    def read(self, value: object, setting: Setting) -> Language | None:
        if value is not None and not isinstance(value, str):
            raise StepError(f"{value!r} is not right: a language code")
        code = without_placeholder(value or "", setting.columns)
        if self.side >= len(setting.file_columns):
            if code:
                raise StepError(f"{code!r} would be the language of column {self.side + 1}; this dataset has {len(setting.columns)}")
            return None
        column = setting.file_columns[self.side]
        if code and not names_column(code, column):
            raise StepError(f"{code!r} is not the language of column {self.side + 1}, which is {column.tag}{hint(code, setting)}")
        return in_its_script(code, column)


def hint(code: str, setting: Setting) -> str:
    """What to say of a code that is the other column's: the file is of two minds about its columns."""
    if named_column(code, setting.file_columns) is None:
        return ""
    return "; the columns are in the order that `files` or the first languages in the file say"


@dataclass(frozen=True, kw_only=True)
class ForEachColumn(Parameter):
    """A list with a value for each column. In monolingual text the first is taken."""

    values: Sequence[Parameter]

    def read(self, value: object, setting: Setting) -> list[object]:
        given = [None] * len(self.values) if value is None else value
        if not isinstance(given, list) or not len(setting.columns) <= len(given) <= len(self.values):
            raise StepError(f"{value!r} is not right: a list of {len(self.values)} values, one for each column")
        return [parameter.read(one, setting) for parameter, one, _ in zip(self.values, given, setting.columns, strict=False)]


@dataclass(frozen=True, kw_only=True)
class ListOf(Parameter):
    """A list of any length, each a list of these values; what is left out at the end of one is its default."""

    values: Sequence[Parameter]

    def read(self, value: object, setting: Setting) -> list[list[object]]:
        if not isinstance(value, list) or not value:
            raise StepError(f"{value!r} is not right: a list of lists")
        return [self.read_one(one, setting) for one in value]

    def read_one(self, one: object, setting: Setting) -> list[object]:
        if not isinstance(one, list) or len(one) > len(self.values):
            raise StepError(f"{one!r} is not right: a list of up to {len(self.values)} values")
        padded = [*one, *[None] * (len(self.values) - len(one))]
        return [parameter.read(part, setting) for parameter, part in zip(self.values, padded, strict=True)]


@dataclass(frozen=True, kw_only=True)
class FileBeside(Parameter):
    """The path of a file, below the folder of the filter file or its parent; None where there is none, and it has the default's name."""

    default: str

    def read(self, value: object, setting: Setting) -> Path | None:
        name = Path(Text(default=self.default).read(value, setting))
        folders = (setting.folder, setting.folder.parent)
        candidates = [folder / path for folder in folders for path in (name, Path(name.name))]
        found = next((path for path in candidates if path.is_file()), None)
        if found is None and name.name != self.default:
            raise StepError(f"{str(name)!r}: there is no such file beside the filter file, in {' or '.join(map(str, folders))}")
        return found


PRINTS = Flag(used=False)


def share(default: float) -> Number:
    return Number(default=default, minimum=0, maximum=1)
