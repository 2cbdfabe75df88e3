import random
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from pipeline.common.blocks import BlockWriter, is_utf8
from pipeline.common.lines import write_lines
from pipeline.common.script import StepError
from pipeline.common.texts import Text, as_blocks, as_texts, read_parallel, write

LINES = [b"one", b"", "due\u2028\r è".encode(), b"\xff\0", b"x" * 100_000, b" "]


def test_lines_come_out_as_they_went_in():
    text = Text.of_lines(LINES)
    assert text.lines() == LINES and len(text) == len(LINES)
    assert text.codes.tobytes() == b"".join(line + b"\n" for line in LINES)
    assert [text.codes[start : start + 1].tobytes() for start in text.starts] == [(line + b"\n")[:1] for line in LINES]
    empty = Text.of(b"")
    assert empty.lines() == [] and len(empty) == 0 and empty.codes.tobytes() == b"" and empty.starts.tolist() == []


@pytest.mark.parametrize("part", [slice(2), slice(2, None), slice(1, 4), slice(0), slice(6, None)])
def test_parts(part: slice):
    """A part has offsets of its own in memory that it shares."""
    text = Text.of_lines(LINES)[part]
    assert text.lines() == LINES[part]
    assert text.starts.tolist() == Text.of_lines(LINES[part]).starts.tolist()
    assert text[1:].lines() == LINES[part][1:]
    assert text.take(np.arange(len(text))[::-1].copy()).lines() == LINES[part][::-1]
    assert Text.of(text.codes.tobytes()).lines() == LINES[part]


def test_any_rows_in_any_order():
    generator = random.Random(1)
    lines = [b"%d" % generator.randrange(10 ** generator.randrange(1, 30)) for _ in range(1000)]
    rows = [generator.randrange(1000) for _ in range(3000)]
    text = Text.of_lines(lines)
    assert text.take(np.array(rows)).lines() == [lines[row] for row in rows]
    mask = np.array([generator.random() < 0.3 for _ in lines])
    assert text.filter(mask).lines() == [line for line, marked in zip(lines, mask, strict=True) if marked]
    assert text.filter(np.zeros(1000, dtype=bool)).lines() == [] and text.filter(np.ones(1000, dtype=bool)).lines() == lines


@pytest.mark.parametrize(
    "line", [b"a\xed\xa0\xbd", b"\xc0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"\x80", b"\xff", "aà\U0001f600".encode()]
)
def test_utf8_is_what_python_takes_it_for(line: bytes):
    assert Text.of_lines([b"good", line]).is_utf8() == is_utf8(line)
    assert Text.of_lines([line, b"good"])[1:].is_utf8()


def test_a_character_is_in_one_line():
    """Two halves of a character are none, in lines of which the second begins with the other half."""
    assert not Text.of_lines([b"\xe2\x82", b"\xac"]).is_utf8()
    assert not Text.of(b"\xc3\n\xa9\n").is_utf8()


def test_numbers():
    assert Text.of_lines([b"0.5", b"1", b"-1e-3", b"nan"])[1:].numbers().tolist()[:2] == [1.0, pytest.approx(-0.001)]
    for line in (b"", b"x", b"0,5", b"1 2", b"\xff", b"0.5\n"):
        with pytest.raises(ValueError):
            Text.of_lines([b"1", line]).numbers()


def test_files_side_by_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("pipeline.common.texts.READ_SIZE", 100)
    paths = [tmp_path / "a.en.zst", tmp_path / "a.it.zst"]
    sides = [[f"{name} {number}" * (number % 5) for number in range(500)] for name in ("line", "la riga numero")]
    for path, lines in zip(paths, sides, strict=True):
        write_lines(path, lines)
    blocks = list(as_blocks(read_parallel(*paths)))
    assert len(blocks) > 10
    assert [[line.decode() for block in blocks for line in block[side]] for side in range(2)] == sides
    write_lines(paths[1], sides[1][:-1])
    with pytest.raises(StepError, match=r"a\.it\.zst: ends after 499 lines, but .*a\.en\.zst goes on"):
        list(read_parallel(*paths))


def test_writing():
    streams = [BytesIO(), BytesIO()]
    writer = BlockWriter(streams)
    for block in as_texts([([b"a", b"b"], [b"", b"d"]), ([b"e"], [b"f"])]):
        write(writer, tuple(text[1:] for text in block) if len(block[0]) > 1 else block)
    assert [stream.getvalue() for stream in streams] == [b"b\ne\n", b"d\nf\n"] and writer.lines == 2


def test_pandas_is_not_imported():
    """It takes seconds, and Arrow imports it, where it is installed, to look at what it is given."""
    code = (
        "import sys; from pipeline.common.texts import Text; import numpy as np\n"
        "text = Text.of_lines([b'1', b'2']); text.take(np.array([1]))\n"
        "text.filter(np.array([True, False])); text.numbers(); text.is_utf8()\n"
        "sys.exit('pandas' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
