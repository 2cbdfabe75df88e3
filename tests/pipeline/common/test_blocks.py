import io
import random
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import BinaryIO

import pytest
import zstandard

from pipeline.common import blocks as blocks_module
from pipeline.common.blocks import (
    READ_AHEAD,
    READ_SIZE,
    Block,
    BlockWriter,
    Lines,
    LongLineError,
    UnequalSidesError,
    decoded,
    encoded,
    is_utf8,
    line_blocks,
    open_block_output,
    read_ahead,
    read_blocks,
    read_parallel_blocks,
    regrouped,
    side_by_side,
)
from pipeline.common.lines import open_input
from pipeline.common.script import StepError

LONG = b"x" * (3 << 20)


def lines_of(text: bytes) -> Lines:
    return [line for lines in line_blocks(io.BytesIO(text)) for line in lines]


def write(path: Path, text: bytes) -> Path:
    path.write_bytes(zstandard.compress(text))
    return path


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (b"", []),
        (b"\n", [b""]),
        (b"\n\n", [b"", b""]),
        (b"a\nb\n", [b"a", b"b"]),
        (b"a\nb", [b"a", b"b"]),
        (b"a\n\nb", [b"a", b"", b"b"]),
        (b"a\r\n\xe2\x80\xa8\x85\0\n", [b"a\r", b"\xe2\x80\xa8\x85\0"]),
        (LONG, [LONG]),
        (b"a\n" + LONG + b"\n\nb", [b"a", LONG, b"", b"b"]),
        (LONG[: READ_SIZE - 1] + b"\nb\n", [LONG[: READ_SIZE - 1], b"b"]),
        (LONG[:READ_SIZE] + b"\nb\n", [LONG[:READ_SIZE], b"b"]),
    ],
)
def test_only_a_line_feed_ends_a_line(text: bytes, lines: Lines):
    assert lines_of(text) == lines


def test_blocks_are_about_as_large_as_what_is_read_at_a_time():
    text = b"".join(b"line %d\n" % number for number in range(400_000))
    blocks = list(line_blocks(io.BytesIO(text)))
    assert [line for lines in blocks for line in lines] == text.split(b"\n")[:-1]
    assert all(0 < sum(map(len, lines)) + len(lines) < READ_SIZE + 20 for lines in blocks)


def test_a_file_without_line_breaks_is_no_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(blocks_module, "LONGEST_LINE", 2 << 20)
    with pytest.raises(LongLineError, match="a line of more than 2 MiB"):
        lines_of(b"a\n" + LONG)
    with pytest.raises(StepError, match=r"en\.zst: broken after line 1 \(a line of more than 2 MiB\)"):
        list(read_blocks(write(tmp_path / "en.zst", b"a\n" + b"x" * (READ_SIZE - 2) + LONG)))


def test_a_file_that_was_cut_off(tmp_path: Path):
    path = tmp_path / "en.zst"
    generator = random.Random(1)
    path.write_bytes(zstandard.compress(b"".join(b"%x\n" % generator.getrandbits(400) for _ in range(20_000)))[:-1000])
    with pytest.raises(StepError, match=r"en\.zst: broken after line [1-9]\d* \(the file ends inside a zstd frame\)"):
        list(read_blocks(path))


def cut(lines: Lines, generator: random.Random) -> Iterator[Lines]:
    """The lines in blocks of random lengths, none of which is empty."""
    start = 0
    while start < len(lines):
        size = generator.choice([1, 2, 7, 30])
        yield lines[start : start + size]
        start += size


@pytest.mark.parametrize("seed", range(20))
def test_sides_come_side_by_side_wherever_their_blocks_end(seed: int):
    generator = random.Random(seed)
    sides = [[b"%d %d" % (side, number) for number in range(100)] for side in range(3)]
    blocks = list(side_by_side([cut(lines, generator) for lines in sides], "abc"))
    assert all(len({len(lines) for lines in block}) == 1 and block[0] for block in blocks)
    assert [[line for block in blocks for line in block[side]] for side in range(3)] == sides


def test_sides_without_lines():
    assert list(side_by_side([[], []], ["en", "it"])) == []
    assert list(side_by_side([[[], [b"a"]], [[b"b"], []]], ["en", "it"])) == [([b"a"], [b"b"])]


@pytest.mark.parametrize(
    ("sides", "message"),
    [
        (([[b"a", b"b"], [b"c"]], [[b"a", b"b"]]), "^it: ends after 2 lines, but en goes on$"),
        (([[b"a"]], [[b"a", b"b"]]), "^en: ends after 1 lines, but it goes on$"),
        (([], [[b"a"]]), "^en: ends after 0 lines, but it goes on$"),
    ],
)
def test_unequal_sides(sides: tuple[list[Lines], list[Lines]], message: str):
    with pytest.raises(UnequalSidesError, match=message):
        list(side_by_side(sides, ["en", "it"]))


def test_files_side_by_side(tmp_path: Path):
    en = write(tmp_path / "en.zst", b"".join(b"line %d\n" % number for number in range(300_000)))
    it = write(tmp_path / "it.zst", b"".join(b"%d\n" % number for number in range(300_000)))
    rows = [row for block in read_parallel_blocks(en, it) for row in zip(*block, strict=True)]
    assert len(rows) == 300_000 and rows[123_456] == (b"line 123456", b"123456") and len(set(rows)) == 300_000
    with pytest.raises(UnequalSidesError, match=r"short\.zst: ends after 1 lines, but .*en\.zst goes on"):
        list(read_parallel_blocks(en, write(tmp_path / "short.zst", b"a")))


@pytest.mark.parametrize("size", [1, 3, 30, 100, 101])
def test_regrouped_blocks_do_not_depend_on_how_the_lines_came(size: int):
    lines = [b"%d" % number for number in range(100)]
    expected = [(lines[start : start + size], lines[start : start + size]) for start in range(0, 100, size)]
    for seed in range(30):
        generator = random.Random(seed)
        blocks: list[Block] = [(part, part) for part in cut(lines, generator)]
        blocks.insert(generator.randrange(len(blocks) + 1), ([], []))
        assert list(regrouped(blocks, size)) == expected


def test_nothing_regrouped():
    assert list(regrouped([], 3)) == list(regrouped([([], [])], 3)) == []


def test_items_are_read_ahead_in_order():
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield number

    with read_ahead(items()) as ahead:
        assert next(ahead) == 0
        assert list(ahead) == list(range(1, 100)) == taken[1:]


def test_an_error_is_raised_where_the_item_would_have_come():
    def items() -> Iterator[int]:
        yield 1
        yield 2
        raise StepError("broken")

    read = []
    with pytest.raises(StepError, match=r"^broken$"), read_ahead(items()) as ahead:
        for item in ahead:
            read.append(item)
    assert read == [1, 2]


@pytest.mark.parametrize("depth", [1, READ_AHEAD])
def test_whoever_stops_early_leaves_no_thread_behind(depth: int):
    readers: list[threading.Thread] = []
    with read_ahead(endless(readers), depth) as ahead:
        assert [next(ahead), next(ahead)] == [0, 1]
        assert readers[0].is_alive() and readers[0] is not threading.current_thread()
    assert not readers[0].is_alive()
    assert len(readers) <= 2 + depth + 1  # those asked for, those that wait, and one in hand


def endless(readers: list[threading.Thread]) -> Iterator[int]:
    """Numbers without end; notes for each the thread that asked for it."""
    for number in count():
        readers.append(threading.current_thread())
        yield number


def test_whoever_fails_leaves_no_thread_behind():
    readers: list[threading.Thread] = []
    with pytest.raises(ZeroDivisionError), read_ahead(endless(readers)) as ahead:
        1 / next(ahead)
    assert not readers[0].is_alive()


def test_files_are_closed_by_whoever_stops_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    opened: list[BinaryIO] = []

    def remembered(path: Path) -> BinaryIO:
        opened.append(open_input(path))
        return opened[-1]

    monkeypatch.setattr(blocks_module, "open_input", remembered)
    paths = [write(tmp_path / f"{side}.zst", b"a line\n" * 2_000_000) for side in ("en", "it")]
    blocks = read_parallel_blocks(*paths)
    next(blocks)
    assert len(opened) == 2 and not any(stream.closed for stream in opened)
    blocks.close()  # type: ignore[attr-defined]
    assert all(stream.closed for stream in opened)


def test_written_blocks_are_read_again(tmp_path: Path):
    paths = [tmp_path / "en.zst", tmp_path / "it.gz"]
    with open_block_output(*paths) as output:
        output.write([b"a", b""], [b"", b"\r"])
        output.write([], [])
        output.write([LONG], [b"c"])
        assert output.lines == 3 and not any(path.exists() for path in paths)
    assert [[line for lines in read_blocks(path) for line in lines] for path in paths] == [[b"a", b"", LONG], [b"", b"\r", b"c"]]


def test_sides_cannot_get_out_of_step():
    streams = [io.BytesIO(), io.BytesIO()]
    with pytest.raises(ValueError, match=r"sides of \[2, 1\] lines"):
        BlockWriter(streams).write([b"a", b"b"], [b"a"])
    assert [stream.getvalue() for stream in streams] == [b"", b""]


def test_texts_become_rows_of_lines():
    rows = [("one\ntwo\n", "uno"), ("a\r\u2028b", "\0"), ("", "\U0001f600")]
    blocks = list(encoded(rows, 2, size=2))
    assert blocks == [([b"one two ", b"a\r\xe2\x80\xa8b"], [b"uno", b"\0"]), ([b""], ["\U0001f600".encode()])]
    assert list(decoded(blocks)) == [("one two ", "uno"), *rows[1:]]
    assert list(encoded([], 2)) == list(decoded([])) == []


def test_a_lone_surrogate_is_kept_for_whoever_repairs_text():
    [(lines,)] = encoded([("a\ud83d",)], 1)
    assert lines == [b"a\xed\xa0\xbd"] and not is_utf8(lines[0]) and is_utf8("aà\U0001f600".encode())
    with pytest.raises(UnicodeDecodeError):
        list(decoded([(lines,)]))


def test_rows_of_the_wrong_length():
    with pytest.raises(ValueError, match="rows of 1 texts for 2 sides"):
        list(encoded([("a",)], 2))
    with pytest.raises(ValueError, match="zip"):
        list(encoded([("a", "b"), ("c",)], 2))
    with pytest.raises(ValueError, match="zip"):
        list(decoded([([b"a"], [])]))
