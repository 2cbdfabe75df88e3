"""What a filter of OpusCleaner becomes here: something that keeps, drops or rewrites rows, a row being a line of each of the columns.

OpusCleaner: https://github.com/hplt-project/OpusCleaner. Its filters are programs that read rows and write those they keep; these do the
same inside the process. What each of them does stands in the module of its family, and which there are in table.py.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from pipeline.clean.opuscleaner.parameters import Parameter

Row = tuple[str, ...]
RowFunction = Callable[[Row], Row | None]
RowsFunction = Callable[[Sequence[Row]], list[list[Row]]]


@dataclass(frozen=True)
class RowFilter:
    """Looks at each row alone: `apply` gives it back, rewritten or as it was, or None where it is dropped, for the reason `name`."""

    name: str
    apply: RowFunction


@dataclass(frozen=True)
class RowsFilter:
    """Looks at rows that follow one another, or makes several of one: `apply_all` gives for each row what becomes of it, [] if dropped."""

    name: str
    apply_all: RowsFunction


Filter = RowFilter | RowsFilter


class Scope(Enum):
    COLUMN = "the column of one language"  # `make` gets its Language, and gives a function of a line
    ROW = "a row of one column or two"  # `make` gets the Languages of the columns, and gives a RowFunction
    PAIR = "both sides of a pair"  # as ROW, where there are two


@dataclass(frozen=True)
class Definition:
    """A filter as it can be configured. `make` gets the parameters that have a use, by their names in lower case.

    With `several`, what is made is a function of all rows or, for a column, of all its lines: a RowsFunction, or list[str] -> list[str].
    With `all_columns`, a filter of a column that names no language looks at each: in older files it was one of rows.
    """

    name: str
    scope: Scope
    make: Callable[..., Callable[[Any], Any]]
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    several: bool = False
    all_columns: bool = False


def keep_lines(keeps: Callable[[str], bool]) -> RowFunction:
    """Drops a row unless each of its lines is kept."""
    return lambda row: row if all(map(keeps, row)) else None


def keep_pairs(keeps: Callable[[str, str], bool]) -> RowFunction:
    return lambda row: row if keeps(*row) else None


def rewrite_lines(rewrite: Callable[[str], str]) -> RowFunction:
    return lambda row: tuple(map(rewrite, row))


def apply_filters(filters: Iterable[Filter], rows: Sequence[Row], drop: Callable[[str, Row], None]) -> list[Row]:
    """What the filters, one after the other, leave of a batch of rows; `drop` is told the name of the filter and the row that it dropped.

    Filters that look at rows together see those of the batch: the result depends on its limits, never on the number of processes.
    """
    kept = list(rows)
    for step in filters:
        before, kept = kept, []
        results = step.apply_all(before) if isinstance(step, RowsFilter) else map(one_result(step.apply), before)
        for row, result in zip(before, results, strict=True):
            if result:
                kept.extend(result)
            else:
                drop(step.name, row)
    return kept


def one_result(apply: RowFunction) -> Callable[[Row], Sequence[Row]]:
    def result(row: Row) -> Sequence[Row]:
        new = apply(row)
        return () if new is None else (new,)

    return result
