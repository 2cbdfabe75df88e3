"""Reads what OpusCleaner writes: a dataset's filters and their parameters, `NAME.filters.json`.

    {"version": 1, "files": ["NAME.en.gz", "NAME.it.gz"], "filters": [{"filter": NAME, "parameters": {…}, "language": "en"}, …]}

`language` is the column (or, with commas, the columns) of a filter that looks at one; null for those that look at rows. Keys that begin
with an underscore are comments. `<src>` and `<trg>`, in files that are made for any pair, stand for the first and second column's language.

The columns of the file may be in the other order than the dataset's: corpora name their languages alphabetically. What says so is `files`,
of which nothing else is used, or else the first filter that names both languages; parameters and filters for "source" and "target" then
look at the second and first column.
"""

import json
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pipeline.clean.opuscleaner.column_languages import named_column, without_placeholder
from pipeline.clean.opuscleaner.filters import Definition, Filter, Row, RowFilter, RowFunction, RowsFilter, RowsFunction, Scope
from pipeline.clean.opuscleaner.parameters import Setting
from pipeline.clean.opuscleaner.table import FILTERS, REFUSED
from pipeline.common.languages import Language
from pipeline.common.script import StepError

VERSION = 1
LANGUAGE_PARAMETERS = [("LANG1", "LANG2"), ("SRC_LANG", "TRG_LANG")]


def read_filters(path: Path, columns: Sequence[Language]) -> list[Filter]:
    """The filters of the file, in its order, for a dataset of one column or two in these languages.

    Raises StepError that names the file and the place in it where it is no filter file, or a filter of it cannot be had.
    """
    return read_content(read_object(path), path, columns)


def read_content(content: dict[str, Any], path: Path, columns: Sequence[Language]) -> list[Filter]:
    """As read_filters, of a file's content; `path` is what messages call it, and where other files are looked for."""
    check_keys(str(path), content, ["version", "files", "filters"])
    if content.get("version") != VERSION:
        raise StepError(f"{path}: version: is {content.get('version')!r}; known is {VERSION}, OpusCleaner's only one")
    entries = content.get("filters")
    if not isinstance(entries, list):
        raise StepError(f"{path}: filters: must be a list of filters")
    setting = Setting(columns, file_columns(content.get("files"), entries, columns), path.parent)
    return [step for number, entry in enumerate(entries) for step in read_filter(f"{path}: filters[{number}]", entry, setting)]


def read_object(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise StepError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise StepError(f"{path}: is no JSON: {error}") from None
    if not isinstance(content, dict):
        raise StepError(f'{path}: must be an object with the keys "version", "files" and "filters", as OpusCleaner writes it')
    return content


def check_keys(place: str, content: dict[str, Any], known: Sequence[str]) -> None:
    for key in content:
        if key not in known and not key.startswith("_"):
            raise StepError(f"{place}: there is no key {key!r}{nearest(key, known)}; known are {', '.join(known)}")


def nearest(name: str, known: Sequence[str]) -> str:
    """What to add to a message about a name that is not known."""
    by_lower_case = {one.lower(): one for one in known}
    close = get_close_matches(name.lower(), by_lower_case, n=1)
    return f"; did you mean {by_lower_case[close[0]]}?" if close else ""


def file_columns(files: object, entries: Sequence[object], columns: Sequence[Language]) -> Sequence[Language]:
    """The columns in the file's order, where it says one; otherwise in the dataset's."""
    if len(columns) == 2:
        for codes in [languages_of_files(files), *map(languages_of_entry, entries)]:
            order = [number for number in (named_column(code, columns) for code in codes) if number is not None]
            if sorted(order) == [0, 1]:
                return [columns[number] for number in order]
    return columns


def languages_of_files(files: object) -> list[str]:
    """`NAME.en.gz`, `NAME.it.gz`: en, it; placeholders and all else have no say in the order."""
    parts = [str(name).removesuffix(".gz").rpartition(".")[2] for name in files] if isinstance(files, list) else []
    return parts if len(parts) == 2 else []


def languages_of_entry(entry: object) -> list[str]:
    parameters = entry.get("parameters") if isinstance(entry, dict) else None
    given = parameters if isinstance(parameters, dict) else {}
    return next(([str(given[name]) for name in names] for names in LANGUAGE_PARAMETERS if given.keys() >= set(names)), [])


def read_filter(place: str, entry: object, setting: Setting) -> list[Filter]:
    """The filter of an entry; one for each column where it is for several."""
    if not isinstance(entry, dict) or not isinstance(entry.get("filter"), str):
        raise StepError(f'{place}: must be an object whose "filter" is the name of a filter')
    definition = find_definition(place, entry["filter"])
    place = f"{place} ({definition.name})"
    check_keys(place, entry, ["filter", "parameters", "language"])
    parameters = read_parameters(place, definition, entry.get("parameters"), setting)
    try:
        if definition.scope is Scope.COLUMN:
            numbers = read_columns(definition, entry.get("language"), setting.columns)
            return [for_column(definition, number, definition.make(setting.columns[number], **parameters)) for number in numbers]
        if entry.get("language"):
            raise StepError("language: must be null: the filter looks at whole rows")
        if definition.scope is Scope.PAIR and len(setting.columns) != 2:
            raise StepError(f"compares the sides of a pair, and this dataset has only {setting.columns[0].tag}: take it out")
        made = definition.make(setting.file_columns, **parameters)
    except StepError as error:
        raise StepError(f"{place}: {error}") from None
    return [for_rows(definition, made, swapped=list(setting.file_columns) != list(setting.columns))]


def find_definition(place: str, name: str) -> Definition:
    if name in REFUSED:
        raise StepError(f"{place}: {name} cannot be had here: {REFUSED[name]}")
    if name not in FILTERS:
        known = sorted({*FILTERS, *REFUSED})
        raise StepError(f"{place}: there is no filter {name!r}{nearest(name, known)}; there are {', '.join(sorted(FILTERS))}")
    return FILTERS[name]


def read_parameters(place: str, definition: Definition, given: object, setting: Setting) -> dict[str, object]:
    """What `make` gets for the parameters; those that the file leaves out have their defaults, as in OpusCleaner."""
    values = {} if given is None else given
    if not isinstance(values, dict):
        raise StepError(f"{place}: parameters: must be an object of names and values")
    check_keys(f"{place}: parameters", values, list(definition.parameters))
    read = {}
    for name, parameter in definition.parameters.items():
        try:
            value = parameter.read(values.get(name), setting)
        except StepError as error:
            raise StepError(f"{place}: parameters.{name}: {error}") from None
        if parameter.used:
            read[name.lower()] = value
    return read


def read_columns(definition: Definition, language: object, columns: Sequence[Language]) -> list[int]:
    """The numbers of the columns that `language` names. Monolingual text has but one; filters that once were for rows look at all."""
    if language is None and (len(columns) == 1 or definition.all_columns):
        return list(range(len(columns)))
    tags = ", ".join(column.tag for column in columns)
    if not isinstance(language, str):
        raise StepError(f"language: is {language!r}; must be that of the column to look at, one of {tags}")
    numbers = []
    for code in (without_placeholder(part.strip(), columns) for part in language.split(",")):
        number = named_column(code, columns)
        if number is None:
            raise StepError(f"language: {code!r} is the language of no column; the columns are {tags}")
        numbers.append(number)
    return sorted(set(numbers))


def for_column(definition: Definition, column: int, made: Callable[[Any], Any]) -> Filter:
    """A function of lines, for rows of which it sees one column."""
    if definition.several:

        def apply_all(rows: Sequence[Row]) -> list[list[Row]]:
            lines = made([row[column] for row in rows])
            return [[(*row[:column], line, *row[column + 1 :])] for row, line in zip(rows, lines, strict=True)]

        return RowsFilter(definition.name, apply_all)

    def apply(row: Row) -> Row:
        return (*row[:column], made(row[column]), *row[column + 1 :])

    return RowFilter(definition.name, apply)


def for_rows(definition: Definition, made: Callable[[Any], Any], *, swapped: bool) -> Filter:
    if definition.several:
        return RowsFilter(definition.name, swap_rows(made) if swapped else made)
    return RowFilter(definition.name, swap_row(made) if swapped else made)


def swap_row(apply: RowFunction) -> RowFunction:
    def swapped(row: Row) -> Row | None:
        result = apply(row[::-1])
        return None if result is None else result[::-1]

    return swapped


def swap_rows(apply_all: RowsFunction) -> RowsFunction:
    return lambda rows: [[row[::-1] for row in result] for result in apply_all([row[::-1] for row in rows])]
