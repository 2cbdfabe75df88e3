"""Lines by the block: what a step does to a hundred million lines is done to some thousands at a time, as bytes, never one by one.

A block holds the same number of lines for each side, as bytes without their "\\n". Bytes that come from this pipeline are UTF-8; others are
repaired as they come in (pipeline/data/repair.py).
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import Full, Queue
from typing import BinaryIO, Protocol, TypeVar

from pipeline.common.lines import BROKEN, open_input, open_output
from pipeline.common.script import StepError
from pipeline.common.workers import batches

Lines = list[bytes]
Block = tuple[Lines, ...]
Item = TypeVar("Item")
AnySide = TypeVar("AnySide", bound="Side")

READ_SIZE = 1 << 20  # bytes of text at a time
READ_AHEAD = 3  # blocks that wait for whoever works on them
LONGEST_LINE = 1 << 28  # bytes; a file without line breaks must not fill the memory


class LongLineError(ValueError):
    """What is read can be no text of lines."""


class UnequalSidesError(StepError):
    """One side has more lines than another."""


def texts_of(stream: BinaryIO, size: int = READ_SIZE) -> Iterator[bytes]:
    """The content of a stream in pieces of whole lines, about `size` bytes at a time; every line has its "\\n", the last one too.

    Memory: a piece, and the longest line. Raises LongLineError where that is longer than LONGEST_LINE.
    """
    begun: list[bytes] = []  # of a line whose end has not been read
    while text := stream.read(size):
        if end := text.rfind(b"\n") + 1:
            yield b"".join([*begun, memoryview(text)[:end]])
            begun = [text[end:]]
            continue
        begun.append(text)
        if sum(map(len, begun)) > LONGEST_LINE:
            raise LongLineError(f"a line of more than {LONGEST_LINE >> 20} MiB")
    if last := b"".join(begun):
        yield last + b"\n"


def line_blocks(stream: BinaryIO) -> Iterator[Lines]:
    """The lines of a stream; see texts_of."""
    return map(split, texts_of(stream))


def stream_texts(open_stream: Callable[[], BinaryIO], name: object, size: int = READ_SIZE) -> Iterator[bytes]:
    """The texts of a stream, opened when the first is asked for; raises StepError, by its name, where it is broken or ends too early."""
    try:
        with open_stream() as stream:
            yield from texts_of(stream, size)
    except (*BROKEN, LongLineError) as error:
        raise StepError(f"{name}: broken after line {readable_lines(open_stream)} ({error})") from error


def readable_lines(open_stream: Callable[[], BinaryIO]) -> int:
    """How many lines a broken stream has before it breaks. Counted only then: all the time, it would be a tenth of what reading takes."""
    lines = 0
    with suppress(*BROKEN, LongLineError), open_stream() as stream:
        for text in texts_of(stream):
            lines += text.count(b"\n")
    return lines


def read_texts(path: Path, size: int = READ_SIZE) -> Iterator[bytes]:
    """The content of a file in pieces of whole lines, for whoever need not know one line from the next; every line has its "\\n".

    Raises StepError where its compressed bytes are broken or end too early.
    """
    return stream_texts(partial(open_input, path), path, size)


def read_blocks(path: Path) -> Iterator[Lines]:
    """The lines of a file; raises StepError as read_texts does."""
    return map(split, read_texts(path))


def split(text: bytes) -> Lines:
    """The lines of a text, of which each has its "\\n"."""
    return text.split(b"\n")[:-1]


def joined(lines: Lines) -> bytes:
    """Lines as a text, each with its "\\n"."""
    return b"\n".join([*lines, b""])


class Side(Protocol):
    """Lines of which a part is of the same kind."""

    def __len__(self) -> int: ...
    def __getitem__(self: AnySide, part: slice, /) -> AnySide: ...


def side_by_side(sides: Sequence[Iterable[AnySide]], names: Sequence[object]) -> Iterator[tuple[AnySide, ...]]:
    """Blocks of as many lines on each side; raises StepError, by the sides' names, where one ends before the others."""
    iterators = [iter(side) for side in sides]
    waiting: list[AnySide | None] = [None for _ in iterators]
    number = 0
    while True:
        for side, iterator in enumerate(iterators):
            while not waiting[side] and (lines := next(iterator, None)) is not None:
                waiting[side] = lines
        block = [lines for lines in waiting if lines]
        if len(block) < len(waiting):
            if block:
                lacks = [not lines for lines in waiting]
                raise UnequalSidesError(f"{names[lacks.index(True)]}: ends after {number} lines, but {names[lacks.index(False)]} goes on")
            return
        size = min(map(len, block))
        yield tuple(lines[:size] for lines in block)
        waiting = [lines[size:] for lines in block]
        number += size


def read_parallel_blocks(*paths: Path) -> Iterator[Block]:
    """The lines of several files side by side."""
    return ahead_side_by_side([read_blocks(path) for path in paths], paths)


def ahead_side_by_side(sides: Sequence[Iterable[AnySide]], names: Sequence[object]) -> Iterator[tuple[AnySide, ...]]:
    """As side_by_side, each side read ahead: decompression, which needs no interpreter, runs beside what is done to the lines."""
    with ExitStack() as stack:
        yield from side_by_side([stack.enter_context(read_ahead(side)) for side in sides], names)


def regrouped(blocks: Iterable[Block], size: int) -> Iterator[Block]:
    """The same lines in blocks of `size`, the last one shorter: boundaries that do not depend on how long the lines are."""
    waiting: Block = ()
    for block in blocks:
        waiting = tuple(old + new for old, new in zip(waiting, block, strict=True)) if waiting else block
        start = 0
        while len(waiting[0]) - start >= size:
            yield tuple(lines[start : start + size] for lines in waiting)
            start += size
        waiting = tuple(lines[start:] for lines in waiting)
    if waiting and waiting[0]:
        yield waiting


@contextmanager
def read_ahead(items: Iterable[Item], depth: int = READ_AHEAD) -> Iterator[Iterator[Item]]:
    """Iterates in a thread of its own, a few items ahead; what it raises is raised where the item would have come."""
    queue: Queue[tuple[Item | None, BaseException | None]] = Queue(depth)
    closed = threading.Event()

    def put(item: Item | None, error: BaseException | None = None) -> bool:
        while not closed.is_set():
            try:
                queue.put((item, error), timeout=0.1)
                return True
            except Full:
                continue
        return False

    def work() -> None:
        try:
            for item in items:
                if not put(item):
                    return
            put(None)
        except BaseException as error:
            put(None, error)

    def ahead() -> Iterator[Item]:
        while True:
            item, error = queue.get()
            if error is not None:
                raise error
            if item is None:
                return
            yield item

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield ahead()
    finally:
        closed.set()
        thread.join()


@dataclass(frozen=True)
class Packed:
    """A block as one text for each side, each line with its "\\n": what goes from process to process, and into files, at once."""

    rows: int
    texts: tuple[bytes, ...]

    def block(self) -> Block:
        return tuple(map(split, self.texts))


def packed(block: Block) -> Packed:
    return Packed(len(block[0]), tuple(map(joined, block)))


class BlockWriter:
    """Writes blocks, a stream for each side, so that they cannot get out of step."""

    def __init__(self, streams: Sequence[BinaryIO]):
        self.streams = streams
        self.lines = 0

    def write(self, *sides: Lines) -> None:
        if len({len(lines) for lines in sides}) > 1:
            raise ValueError(f"sides of {[len(lines) for lines in sides]} lines")
        self.write_content(len(sides[0]), *map(joined, sides))

    def write_content(self, rows: int, *sides: bytes | memoryview) -> None:
        """Writes sides of so many rows, every line of them with its "\\n"."""
        for stream, content in zip(self.streams, sides, strict=True):
            stream.write(content)
        self.lines += rows


@contextmanager
def open_block_output(*paths: Path) -> Iterator[BlockWriter]:
    """A writer of blocks, one side to each file; all files appear when the block ends well."""
    with ExitStack() as stack:
        yield BlockWriter([stack.enter_context(open_output(path, len(paths) - 1)) for path in paths])


def is_utf8(text: bytes) -> bool:
    try:
        text.decode()
        return True
    except UnicodeDecodeError:
        return False


def as_line(text: str) -> bytes:
    """The text as one line: a line break inside, such as the character reference `&#10;` stands for, becomes a blank."""
    return text.replace("\n", " ").encode("utf-8", "replace")


def encoded(rows: Iterable[Sequence[str]], sides: int, size: int = 5000) -> Iterator[Block]:
    """Rows of text, such as a provider's records, as blocks. A line break inside a text becomes a blank: a row is a line."""
    for batch in batches(rows, size):
        columns = list(zip(*batch, strict=True))
        if len(columns) != sides:
            raise ValueError(f"rows of {len(columns)} texts for {sides} sides")
        yield tuple([text.replace("\n", " ").encode("utf-8", "surrogatepass") for text in column] for column in columns)


def decoded(blocks: Iterable[Block]) -> Iterator[tuple[str, ...]]:
    """The rows of blocks as text."""
    for block in blocks:
        yield from zip(*([line.decode("utf-8") for line in lines] for lines in block), strict=True)
