from pipeline.common.texts import Text
from pipeline.data.repair import Repair


def test_what_is_mended_of_lines_and_how_often():
    repair = Repair()
    lines = [b"\xef\xbb\xbfone\r\0", b"tw\0o\0\r", b"three\r\r", b"fo\rur", b"\xff\0\r", b"", b"\0"]
    [text] = repair.block((Text.of_lines(lines),))
    assert text.lines() == [b"one", b"two", b"three", b"fo\rur", "\ufffd".encode(), b"", b""]
    assert repair.counts == {"carriage-return": 4, "nul": 4, "not-utf-8": 1}
