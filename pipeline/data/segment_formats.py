"""The formats of parallel text in mtdata's index, read as blocks of two sides.

txt and sgm have a file for each side; tsv, csv with a header, tmx and wmt21xml have both sides in one, and more files go on where the
first ends. A tsv may be one column in each of two files. In each, "\\n" alone ends a line (in csv, one that is not quoted).
"""

import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import BinaryIO
from xml.etree import ElementTree

from pipeline.common.blocks import Block, Lines, encoded, line_blocks, read_ahead, side_by_side
from pipeline.common.script import StepError
from pipeline.data.archives import Stream
from pipeline.data.record_files import csv_records
from pipeline.data.repair import BYTE_ORDER_MARK
from pipeline.data.tmx import Selection, read_units

Row = tuple[str, str]

SEGMENT_BEGINNING = re.compile(rb"<seg\b", re.IGNORECASE)
REST_OF_SEGMENT = re.compile(rb"[^>]*?(?:/>|>(.*?)</seg\s*>)", re.IGNORECASE | re.DOTALL)
NO_TEXT = {b"__NULL__", b"_ _ NULL _ _"}  # of TED talks, where a talk lacks a language


@dataclass
class Segments:
    """The files of a dataset. `columns` are those of tsv and csv, `selection` tells the sides in a tmx by their languages.

    `left_out` counts the rows that lack a side, once `blocks` has been read.
    """

    streams: Sequence[Stream]
    columns: Sequence[int]
    selection: Selection
    left_out: Counter[str] = field(default_factory=Counter)

    def blocks(self, format_name: str) -> Iterator[Block]:
        match format_name:
            case "txt":
                return self.zipped([stream.items(line_blocks) for stream in self.streams])
            case "sgm":
                return self.zipped([stream.items(partial(elements, name=stream.name)) for stream in self.streams])
            case "tsv" if len(self.columns) == 1:
                return self.zipped([stream.items(self.one_column) for stream in self.streams])
            case "tsv":
                return (block for stream in self.streams for block in stream.items(self.two_columns))
            case "csvwithheader":
                return encoded((row for stream in self.streams for row in stream.items(partial(self.csv_rows, name=stream.name))), 2)
            case "tmx":
                return encoded((row for stream in self.streams for row in self.units(stream)), 2)
            case "wmt21xml":
                return encoded((row for stream in self.streams for row in stream.items(partial(self.documents, name=stream.name))), 2)
            case _:
                raise ValueError(format_name)

    def zipped(self, sides: Sequence[Iterable[Lines]]) -> Iterator[Block]:
        if len(sides) != 2:
            raise StepError(f"mtdata lists {len(sides)} files where there should be one for each language")
        with ExitStack() as stack:
            ahead = [stack.enter_context(read_ahead(side)) for side in sides]
            yield from side_by_side(ahead, [stream.name for stream in self.streams])

    def one_column(self, stream: BinaryIO) -> Iterator[Lines]:
        (column,) = self.columns
        for lines in line_blocks(stream):
            # A line without the column is an empty one: leaving it out would move the sides apart.
            yield [b"".join(line.split(b"\t", column + 1)[column : column + 1]) for line in lines]

    def two_columns(self, stream: BinaryIO) -> Iterator[Block]:
        first, second = self.columns
        last = max(self.columns)
        for number, lines in enumerate(line_blocks(stream)):
            if number == 0:  # of each file: only that of the first one stands where Repair looks for it
                lines[0] = lines[0].removeprefix(BYTE_ORDER_MARK)
            rows = [line.split(b"\t", last + 1) for line in lines]
            whole = [row for row in rows if len(row) > last and not {row[first].strip(), row[second].strip()} & NO_TEXT]
            self.leave_out(len(rows) - len(whole))
            if whole:
                yield [row[first] for row in whole], [row[second] for row in whole]

    def csv_rows(self, stream: BinaryIO, name: str) -> Iterator[Row]:
        first, second = self.columns
        rows = csv_records(stream, name)
        next(rows, None)
        for row in rows:
            if len(row) > max(self.columns):
                yield row[first], row[second]
            else:
                self.leave_out(1)

    def units(self, stream: Stream) -> Iterator[tuple[str, ...]]:
        before = self.selection.left_out
        yield from self.selection.rows(stream.items(partial(read_units, name=stream.name)))
        self.leave_out(self.selection.left_out - before)

    def documents(self, stream: BinaryIO, name: str) -> Iterator[Row]:
        """Pairs of the test sets of WMT from 2021 on: a segment of the source and that of the first reference with its number.

        The whole file is held in memory: some megabytes.
        """
        try:
            root = ElementTree.parse(stream).getroot()
        except ElementTree.ParseError as error:
            raise StepError(f"{name}: not well-formed XML ({error})") from error
        for document in root.iter("doc"):
            source, reference = (numbered(document.find(f".//{side}")) for side in ("src", "ref"))
            yield from ((text, reference[number]) for number, text in source.items() if number in reference)
            self.leave_out(len(source.keys() ^ reference.keys()))

    def leave_out(self, rows: int) -> None:
        self.left_out["rows-without-both-sides"] += rows


FORMATS = ("txt", "tsv", "csvwithheader", "tmx", "sgm", "wmt21xml")


def elements(stream: BinaryIO, name: str) -> Iterator[Lines]:
    """What stands in <seg> elements of the test sets of WMT before 2021, which only look like SGML.

    The whole file is held in memory: some megabytes. Raises StepError where a segment has no end: the sides would part company after it.
    """
    _, *rests = SEGMENT_BEGINNING.split(stream.read())
    found = [REST_OF_SEGMENT.match(rest) for rest in rests]
    if None in found:
        raise StepError(f"{name}: segment {found.index(None) + 1} of {len(found)} has no end, </seg>; was the file cut off?")
    yield [plain(segment[1] or b"") for segment in found if segment]


def plain(segment: bytes) -> bytes:
    text = html.unescape(segment.decode("utf-8", "surrogateescape"))
    return " ".join(text.split()).encode("utf-8", "surrogateescape")


def numbered(side: ElementTree.Element | None) -> dict[str, str]:
    segments = [] if side is None else side.iter("seg")
    return {segment.get("id", ""): " ".join((segment.text or "").split()) for segment in segments}
