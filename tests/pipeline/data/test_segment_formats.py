"""Files that are not as they should be, in the formats of mtdata's index; that these are read at all is in test_mtdata.py."""

import io
from functools import partial

import pytest

from pipeline.common.script import StepError
from pipeline.data.archives import Stream
from pipeline.data.segment_formats import Segments
from pipeline.data.tmx import Selection

Rows = list[tuple[bytes, bytes]]


def read(format_name: str, *contents: bytes) -> tuple[Rows, int]:
    """The pairs of files that are called "0", "1" and so on, and how many rows were left out."""
    streams = [Stream(str(number), partial(io.BytesIO, content)) for number, content in enumerate(contents)]
    segments = Segments(streams, (0, 1), Selection(("en", "it")))
    rows = [row for block in segments.blocks(format_name) for row in zip(*block, strict=True)]
    return rows, segments.left_out.total()


def test_each_table_may_begin_with_a_byte_order_mark():
    mark = b"\xef\xbb\xbf"
    assert read("tsv", mark + b"one\tuno\n", mark + b"two\tdue\n" + mark + b"three\ttre\n") == (
        [(b"one", b"uno"), (b"two", b"due"), (mark + b"three", b"tre")],
        0,
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'en,it\n"one","un\no"\n"two,due\nthree,tre\n', "0: the row that begins in line 4 is no CSV .unexpected end of data"),
        (b'en,it\none,uno\n"two","due and th', "0: the row that begins in line 3 is no CSV .unexpected end of data"),
        (b'en,it\n"one,uno\n"two",due\n', "0: the row that begins in line 2 is no CSV .*expected are quotes that are closed"),
        (b"en,it\none\rmore,uno\n", "0: the row that begins in line 2 is no CSV .new-line character seen in unquoted field"),
    ],
)
def test_csv_that_would_lose_rows(content: bytes, message: str):
    with pytest.raises(StepError, match=message):
        read("csvwithheader", content)


def test_csv_with_line_ends_of_windows_and_quotes_within_a_field():
    content = b'\xef\xbb\xbfen,it\r\n"one\rmore",uno\r\na "word",parola\r\nalone\r\n'
    assert read("csvwithheader", content) == ([(b"one\rmore", b"uno"), (b'a "word"', b"parola")], 1)


def test_a_segment_of_sgm_may_have_several_lines_and_no_other_elements_are_segments():
    source = b'<doc><segments>\n<seg id="1">one</seg>\n<SEG\n id="2">two\n  words</SEG><seg>three</seg></doc>'
    reference = b'<seg id="1">uno</seg><seg id="2"></seg>\n<seg id="3">tre\ncose\n</seg>\n'
    assert read("sgm", source, reference) == ([(b"one", b"uno"), (b"two words", b""), (b"three", b"tre cose")], 0)


def test_a_segment_of_sgm_may_be_empty():
    assert read("sgm", b'<seg id="1"/>\n<seg id="2">two</seg >', b"<seg></seg>\n<seg>due</seg>") == ([(b"", b""), (b"two", b"due")], 0)


@pytest.mark.parametrize("cut", [b"<seg>due\n<seg>tre</seg>\n", b"<seg>due</seg><seg>tr", b"<seg>due</seg><seg"])
def test_a_segment_of_sgm_without_an_end(cut: bytes):
    number = 2 if cut.endswith(b"</seg>\n") else 3
    with pytest.raises(StepError, match=rf"^1: segment {number} of 3 has no end, </seg>"):
        read("sgm", b"<seg>one</seg><seg>two</seg><seg>three</seg>", b"<seg>uno</seg>\n" + cut)


def test_segments_of_xml_without_their_other_side_are_counted():
    first = b"<src><seg id='1'>one</seg><seg id='2'>two</seg></src><ref><seg id='2'>due</seg><seg id='3'>tre</seg></ref>"
    second = b"<src><seg id='1'>one</seg></src>"
    assert read("wmt21xml", b"<set><doc>" + first + b"</doc><doc>" + second + b"</doc></set>") == ([(b"two", b"due")], 3)
