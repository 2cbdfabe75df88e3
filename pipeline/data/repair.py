"""What is mended of every line as it is downloaded, of training and evaluation sets alike, so that it is one line for whatever reads it.

Bytes that are not UTF-8 become U+FFFD, by which cleaning knows the line; NUL and the "\\r" of Windows' line ends go. All else stays as
it is: U+2028 and its like are no line breaks, and cleaning looks after them.
"""

from collections import Counter

from pipeline.common.blocks import is_utf8
from pipeline.common.script import StepError
from pipeline.common.texts import Text, TextBlock

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
NOT_UTF8, NUL, CARRIAGE_RETURN = "not-utf-8", "nul", "carriage-return"


class Repair:
    """Mends texts in their order; `counts` says how many lines of all sides were mended of what."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter({NOT_UTF8: 0, NUL: 0, CARRIAGE_RETURN: 0})
        self.begun = False

    def block(self, block: TextBlock) -> TextBlock:
        """Raises StepError where a file turns out to be UTF-16."""
        if not self.begun:
            self.begun = True
            block = tuple(map(without_mark, block))
        return tuple(map(self.text, block))

    def text(self, text: Text) -> Text:
        codes = text.codes
        if codes.min() > 0 and not (codes == ord("\r")).any() and text.is_utf8():
            return text
        return Text.of_lines(list(map(self.line, text.lines())))

    def line(self, line: bytes) -> bytes:
        # First, since a NUL after it would hide the "\r" of the line's end.
        if b"\0" in line:
            self.counts[NUL] += 1
            line = line.replace(b"\0", b"")
        if line.endswith(b"\r"):
            self.counts[CARRIAGE_RETURN] += 1
            line = line.rstrip(b"\r")
        if not is_utf8(line):
            self.counts[NOT_UTF8] += 1
            line = line.decode("utf-8", "replace").encode()
        return line


def without_mark(text: Text) -> Text:
    """The beginning of a file without its byte order mark."""
    beginning = text.codes[: len(BYTE_ORDER_MARK)].tobytes()
    if beginning.startswith(UTF16_MARKS):
        raise StepError("the text is UTF-16: convert it to UTF-8 first")
    return Text.of(text.codes.tobytes().removeprefix(BYTE_ORDER_MARK)) if beginning == BYTE_ORDER_MARK else text
