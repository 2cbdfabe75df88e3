"""Fields of records in parquet, JSON, CSV and text files, as `datasets` takes these files to be, some thousand records at a time.

A nested field is written with dots, `translation.en`. A field that a record lacks is null, as is an empty one of CSV.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, cast

from pipeline.common.blocks import line_blocks
from pipeline.common.script import StepError
from pipeline.common.workers import batches
from pipeline.data.archives import Stream, open_text

Texts = list[bytes | None]
Columns = tuple[Texts, ...]  # a column for each field, of the same length
Row = tuple[str | None, ...]
Reader = Callable[[Path, Any, Sequence[str]], Iterator[Columns]]

RECORDS = 5000
READ_SIZE = 1 << 20  # characters of JSON at a time
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
BETWEEN_ITEMS = re.compile(r"[\s,]*")
FIELD_LIMIT = 1 << 30  # characters in a field of a CSV file; the module's default is 131,072
# Bytes that are not UTF-8 go through as lone surrogates, and are mended with those of other formats.
ERRORS = "surrogateescape"


class UnknownFieldError(StepError):
    """No record has the field."""

    def __init__(self, path: Path, field: str, known: Iterable[str]):
        super().__init__(f"{path.name}: there is no field {field!r}; there are {', '.join(known)}")


def read_columns(reader: str, path: Path, options: Any, fields: Sequence[str]) -> Iterator[Columns]:
    """The fields of a file's records; `reader` and `options` are the package's module for the format and its options.

    Raises StepError where the format is none of these, a field is not there or is no text, or the file is broken.
    """
    if reader not in READERS:
        raise StepError(f"{path.name}: read by the module {reader} of the package `datasets`, which is not done here: {', '.join(READERS)}")
    return READERS[reader](path, options, fields)


def parquet_columns(path: Path, options: Any, fields: Sequence[str]) -> Iterator[Columns]:
    """Memory: of one row group, the columns asked for."""
    import pyarrow
    import pyarrow.compute
    import pyarrow.parquet

    def text(batch: pyarrow.RecordBatch, places: list[str]) -> Texts:
        column = batch.column(places[0])
        if places[1:]:
            column = pyarrow.compute.struct_field(column, places[1:])
        if pyarrow.types.is_dictionary(column.type):
            column = column.dictionary_decode()
        texts: Texts = column.cast(pyarrow.large_string(), safe=False).cast(pyarrow.large_binary()).to_pylist()
        return texts

    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            places = [parquet_field(path, file.schema_arrow, field) for field in fields]
            for batch in file.iter_batches(batch_size=RECORDS, columns=[".".join(words) for words in places]):
                yield tuple(text(batch, words) for words in places)
    except (pyarrow.ArrowException, OSError) as error:
        raise StepError(f"{path}: broken or cut off ({' '.join(str(error).split())})") from error


def parquet_field(path: Path, schema: Any, field: str) -> list[str]:
    """The names on the way to a field of text; the name of a column may have dots itself."""
    from pyarrow import types

    leaves = {".".join(words): (words, kind) for words, kind in parquet_leaves(schema)}
    if field not in leaves:
        raise UnknownFieldError(path, field, leaves)
    words, kind = leaves[field]
    value = kind.value_type if types.is_dictionary(kind) else kind
    if not (types.is_string(value) or types.is_large_string(value) or types.is_string_view(value)):
        raise StepError(f"{path.name}: the field {field!r} is {kind}, not text")
    return words


def parquet_leaves(parent: Any, above: Sequence[str] = ()) -> Iterator[tuple[list[str], Any]]:
    from pyarrow import types

    for child in parent:
        words = [*above, child.name]
        if types.is_struct(child.type):
            yield from parquet_leaves(child.type, words)
        else:
            yield words, child.type


def json_columns(path: Path, options: Any, fields: Sequence[str]) -> Iterator[Columns]:
    """JSON lines, or one array of records; with the option `field`, an array within one object, which is held in memory."""
    missing = set(fields)
    known: dict[str, None] = {}

    def rows() -> Iterator[Row]:
        for record in text_of(path).items(lambda stream: json_records(stream, path, options)):
            if not isinstance(record, dict):
                record = {"text": record}  # as the package does it
            if missing:
                leaves = dict.fromkeys(json_leaves(record))
                missing.difference_update(leaves)
                known.update(leaves)
            yield tuple(json_text(path, record, field) for field in fields)

    yield from in_columns(rows(), len(fields))
    if missing and known:
        raise UnknownFieldError(path, min(missing), known)


def json_records(stream: BinaryIO, path: Path, options: Any) -> Iterator[Any]:
    encoding = options.encoding or "utf-8"
    if options.field is not None:
        content = json.loads(stream.read().decode(encoding, ERRORS).removeprefix("\ufeff"))
        if not isinstance(content, dict) or not isinstance(content.get(options.field), list):
            raise StepError(f"{path.name}: no list {options.field!r} in it")
        yield from content[options.field]
        return
    buffered = io.BufferedReader(cast(io.RawIOBase, stream), READ_SIZE)
    if buffered.peek(len(BYTE_ORDER_MARK)).startswith(BYTE_ORDER_MARK):
        buffered.read(len(BYTE_ORDER_MARK))
    if buffered.peek().lstrip().startswith(b"["):
        yield from array_items(io.TextIOWrapper(buffered, encoding, ERRORS), path)
        return
    number = 0
    for lines in line_blocks(buffered):
        for line in lines:
            number += 1
            if line.strip():
                try:
                    yield json.loads(line.decode(encoding, ERRORS))
                except json.JSONDecodeError as error:
                    raise StepError(f"{path.name}:{number}: not JSON ({error})") from error


def array_items(text: io.TextIOWrapper, path: Path) -> Iterator[Any]:
    """The items of a JSON array, each as soon as it is whole."""
    decoder = json.JSONDecoder()
    pending, start, more = text.read(READ_SIZE).lstrip().removeprefix("["), 0, "["
    while True:
        while True:
            between = BETWEEN_ITEMS.match(pending, start)
            start = between.end() if between else start
            if pending.startswith("]", start):
                return
            try:
                item, start = decoder.raw_decode(pending, start)
            except json.JSONDecodeError as error:
                if more:
                    break
                raise StepError(f"{path.name}: a JSON array that ends too early or has something else in it ({error})") from error
            yield item
        more = text.read(READ_SIZE)
        pending, start = pending[start:] + more, 0


def json_text(path: Path, record: dict[str, Any], field: str) -> str | None:
    value: Any = record
    if field in record:
        value = record[field]
    else:
        for word in field.split("."):
            value = value.get(word) if isinstance(value, dict) else None
    if value is not None and not isinstance(value, str):
        raise StepError(f"{path.name}: the field {field!r} is {type(value).__name__}, not text")
    return value


def json_leaves(record: dict[str, Any], above: str = "") -> Iterator[str]:
    for name, value in record.items():
        if isinstance(value, dict):
            yield from json_leaves(value, f"{above}{name}.")
        else:
            yield f"{above}{name}"


def csv_records(stream: BinaryIO, name: str, encoding: str = "utf-8-sig", **dialect: Any) -> Iterator[list[str]]:
    """The rows of CSV that "\\n" ends; raises StepError, by the name and the line, where one is not well-formed.

    Strictly, since a quote too many, or one that was cut off, would make one field of all that comes after it.
    """
    csv.field_size_limit(FIELD_LIMIT)
    reader = csv.reader(io.TextIOWrapper(stream, encoding, ERRORS, newline="\n"), strict=True, **dialect)
    begun = 1
    try:
        for row in reader:
            yield row
            begun = reader.line_num + 1
    except csv.Error as error:
        right = 'quotes that are closed, doubled inside a quoted field, and no "\\r" outside of one but before "\\n"'
        raise StepError(f"{name}: the row that begins in line {begun} is no CSV ({error}); expected are {right}") from error


def csv_columns(path: Path, options: Any, fields: Sequence[str]) -> Iterator[Columns]:
    """By the options that the package hands on to pandas, as far as they say how the text is written."""

    def rows(stream: BinaryIO) -> Iterator[Row]:
        records = csv_records(
            stream,
            path.name,
            options.encoding or "utf-8-sig",
            delimiter=options.sep,
            quotechar=options.quotechar,
            quoting=options.quoting,
            escapechar=options.escapechar,
            doublequote=options.doublequote,
            skipinitialspace=options.skipinitialspace,
        )
        for _ in range(options.skiprows or 0):
            next(records, None)
        names = [str(name) for name in options.names or []]
        if options.header == 0 or (options.header == "infer" and not names):
            head = next(records, [])
            names = names or head
        for field in fields:
            if field not in names:
                raise UnknownFieldError(path, field, names)
        places = [names.index(field) for field in fields]
        for record in records:
            if record:
                yield tuple((record[place] or None) if place < len(record) else None for place in places)

    yield from in_columns(text_of(path).items(rows), len(fields))


def text_columns(path: Path, options: Any, fields: Sequence[str]) -> Iterator[Columns]:
    """Each line is a record with the one field `text`."""
    if options.sample_by != "line":
        raise StepError(f"{path.name}: a record is a {options.sample_by} there, and only lines are read here")
    for field in fields:
        if field != "text":
            raise UnknownFieldError(path, field, ["text"])
    for lines in text_of(path).items(line_blocks):
        yield tuple(list(lines) for _ in fields)


def text_of(path: Path) -> Stream:
    return Stream(path.name, partial(open_text, path, path.name))


def in_columns(rows: Iterable[Row], width: int) -> Iterator[Columns]:
    for batch in batches(rows, RECORDS):
        columns = list(zip(*batch, strict=True)) or [()] * width
        yield tuple([None if text is None else text.encode("utf-8", "surrogatepass") for text in column] for column in columns)


READERS: dict[str, Reader] = {"parquet": parquet_columns, "json": json_columns, "csv": csv_columns, "text": text_columns}
