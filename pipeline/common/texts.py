"""Lines as Arrow keeps them: one piece of bytes, and where each line begins.

What has to be done to whole lines, such as to pick some or to put them into another order, is done to all of them at once: no line becomes
an object of Python, and other threads run meanwhile.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow
import pyarrow.compute
from numpy.typing import NDArray

from pipeline.common.blocks import Block, BlockWriter, Lines, ahead_side_by_side, joined, split, stream_texts
from pipeline.common.lines import open_input

READ_SIZE = 4 << 20  # bytes of text at a time: the more, the less is done in the interpreter
LINE_BREAK = ord("\n")

Bytes = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Numbers = NDArray[np.intp]
TextBlock = tuple["Text", ...]


class Text:
    """Lines, each with its "\\n". Slices of it share its memory."""

    def __init__(self, lines: pyarrow.LargeBinaryArray) -> None:
        self.array = lines

    @classmethod
    def of(cls, content: bytes) -> "Text":
        """The lines of a text that ends with "\\n", or is empty."""
        ends = np.flatnonzero(np.frombuffer(content, dtype=np.uint8) == LINE_BREAK)
        offsets = np.zeros(len(ends) + 1, dtype=np.int64)
        np.add(ends, 1, out=offsets[1:])
        buffers = [None, pyarrow.py_buffer(offsets), pyarrow.py_buffer(content)]
        return cls(pyarrow.LargeBinaryArray.from_buffers(pyarrow.large_binary(), len(ends), buffers))

    @classmethod
    def of_lines(cls, lines: Lines) -> "Text":
        """Lines without their "\\n", none of which has another inside."""
        return cls.of(joined(lines))

    def __len__(self) -> int:
        return len(self.array)

    def __getitem__(self, part: slice) -> "Text":
        return Text(self.array[part])

    @property
    def offsets(self) -> NDArray[np.int64]:
        """Where each line begins in its memory, and at last where the last one ends."""
        _, offsets, _ = self.array.buffers()
        return np.frombuffer(offsets, dtype=np.int64, count=len(self) + 1, offset=8 * self.array.offset)

    @property
    def codes(self) -> Bytes:
        """The bytes of all lines one after the other."""
        offsets = self.offsets
        _, _, content = self.array.buffers()
        return np.frombuffer(content, dtype=np.uint8)[offsets[0] : offsets[-1]]

    @property
    def starts(self) -> NDArray[np.int64]:
        """Where each line begins in `codes`."""
        offsets = self.offsets
        return offsets[:-1] - offsets[0]

    def lines(self) -> Lines:
        return split(self.codes.tobytes())

    def take(self, rows: Numbers) -> "Text":
        """The lines of these numbers, in their order."""
        # pyarrow.array(rows) would import pandas, where it is installed.
        indices = pyarrow.Int64Array.from_buffers(pyarrow.int64(), len(rows), [None, pyarrow.py_buffer(rows)])
        return Text(pyarrow.compute.take(self.array, indices, boundscheck=False))

    def filter(self, mask: Mask) -> "Text":
        """The marked lines."""
        return self if mask.all() else self.take(np.flatnonzero(mask))

    def numbers(self) -> NDArray[np.float32]:
        """The number on each line; raises ValueError where there is another text, or none."""
        numbers = pyarrow.compute.ascii_rtrim(self.array.view(pyarrow.large_string()), "\n").cast(pyarrow.float32())
        return np.frombuffer(numbers.buffers()[1], dtype=np.float32, count=len(numbers), offset=4 * numbers.offset).copy()

    def is_utf8(self) -> bool:
        try:
            self.array.cast(pyarrow.large_string())
            return True
        except pyarrow.ArrowInvalid:
            return False


def read_parallel(*paths: Path) -> Iterator[TextBlock]:
    """The lines of several files side by side; raises StepError where one is broken, or ends before the others."""
    return ahead_side_by_side([stream_lines(partial(open_input, path), path) for path in paths], paths)


def stream_lines(open_stream: Callable[[], BinaryIO], name: object) -> Iterator[Text]:
    """The lines of a stream, as stream_texts opens and reads it."""
    return map(Text.of, stream_texts(open_stream, name, READ_SIZE))


def write(writer: BlockWriter, block: TextBlock) -> None:
    writer.write_content(len(block[0]), *(text.codes.data for text in block))


def as_texts(blocks: Iterable[Block]) -> Iterator[TextBlock]:
    for block in blocks:
        yield tuple(map(Text.of_lines, block))


def as_blocks(texts: Iterable[Sequence[Text]]) -> Iterator[Block]:
    for block in texts:
        yield tuple(text.lines() for text in block)
