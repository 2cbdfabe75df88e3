"""What is mended of every line as it is downloaded, of training and evaluation sets alike, so that it is one line for whatever reads it.

Bytes that are not UTF-8 become U+FFFD, by which cleaning knows the line; NUL and the "\\r" of Windows' line ends go. All else stays as
it is: U+2028 and its like are no line breaks, and cleaning looks after them.
"""

from collections import Counter

from pipeline.common.blocks import Block, Lines, is_utf8
from pipeline.common.script import StepError

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
NOT_UTF8, NUL, CARRIAGE_RETURN = "not-utf-8", "nul", "carriage-return"


class Repair:
    """Mends blocks in their order; `counts` says how many lines of all sides were mended of what."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter({NOT_UTF8: 0, NUL: 0, CARRIAGE_RETURN: 0})
        self.begun = False

    def block(self, block: Block) -> Block:
        """Raises StepError where a file turns out to be UTF-16."""
        if not self.begun:
            self.begun = True
            block = tuple(without_mark(lines) for lines in block)
        return tuple(map(self.lines, block))

    def lines(self, lines: Lines) -> Lines:
        text = b"\n".join(lines)
        if b"\r" in text or b"\0" in text or not is_utf8(text):
            return [self.line(line) for line in lines]
        return lines

    def line(self, line: bytes) -> bytes:
        if line.endswith(b"\r"):
            self.counts[CARRIAGE_RETURN] += 1
            line = line.rstrip(b"\r")
        if b"\0" in line:
            self.counts[NUL] += 1
            line = line.replace(b"\0", b"")
        if not is_utf8(line):
            self.counts[NOT_UTF8] += 1
            line = line.decode("utf-8", "replace").encode()
        return line


def without_mark(lines: Lines) -> Lines:
    """The first lines of a file without its byte order mark."""
    if lines[0].startswith(UTF16_MARKS):
        raise StepError("the text is UTF-16: convert it to UTF-8 first")
    return [lines[0].removeprefix(BYTE_ORDER_MARK), *lines[1:]]
