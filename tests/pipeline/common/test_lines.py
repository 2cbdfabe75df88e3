import gzip
import lzma
from pathlib import Path

import pytest
import zstandard

from pipeline.common.lines import (
    count_lines,
    count_parallel,
    open_input,
    open_output,
    open_parallel_output,
    read_lines,
    read_parallel,
    write_lines,
)
from pipeline.common.script import StepError

ADVERSARIAL = [
    *("", " ", "a\u2028b", "a\u2029b", "a\x85b", "a\rb", "\r", "nul\0nul", "e\u0301", "\ufeffbom", "\x0b\x0c\x1c", "\U0001f600"),
    "x" * 1_000_000,
]
SUFFIXES = ["", ".zst", ".gz"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_only_a_line_feed_ends_a_line(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"corpus{suffix}"
    assert write_lines(path, ADVERSARIAL) == len(ADVERSARIAL)
    assert list(read_lines(path)) == ADVERSARIAL
    assert count_lines(path) == len(ADVERSARIAL)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_same_lines_give_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    first, second = tmp_path / f"one{suffix}", tmp_path / f"two{suffix}"
    for path in (first, second):
        write_lines(path, ADVERSARIAL)
    assert first.read_bytes() == second.read_bytes()


def test_compression_goes_by_the_suffix(tmp_path: Path) -> None:
    write_lines(tmp_path / "a.zst", ["a"])
    write_lines(tmp_path / "a.gz", ["a"])
    (tmp_path / "a.xz").write_bytes(lzma.compress(b"a\n"))
    assert zstandard.ZstdDecompressor().stream_reader((tmp_path / "a.zst").open("rb")).read() == b"a\n"
    assert gzip.decompress((tmp_path / "a.gz").read_bytes()) == b"a\n"
    assert list(read_lines(tmp_path / "a.xz")) == ["a"]


def test_joined_zst_frames_are_one_file(tmp_path: Path) -> None:
    path = tmp_path / "joined.zst"
    path.write_bytes(zstandard.compress(b"a\nb\n") + zstandard.compress(b"c\n"))
    assert list(read_lines(path)) == ["a", "b", "c"]
    assert count_lines(path) == 3


def test_a_last_line_without_line_feed_counts(tmp_path: Path) -> None:
    path = tmp_path / "corpus"
    path.write_bytes(b"a\nb")
    assert list(read_lines(path)) == ["a", "b"]
    assert count_lines(path) == 2
    path.write_bytes(b"")
    assert list(read_lines(path)) == []
    assert count_lines(path) == 0


def test_bytes_that_are_not_utf8_are_named_by_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "corpus"
    path.write_bytes(b"a\n\xff\n")
    with pytest.raises(StepError, match=r"corpus:2: not UTF-8"):
        list(read_lines(path))


@pytest.mark.parametrize("suffix", [".zst", ".gz", ".xz"])
def test_a_file_that_was_cut_off_is_an_error(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"corpus{suffix}"
    lines = [str(number) * 20 for number in range(5000)]
    if suffix == ".xz":
        path.write_bytes(lzma.compress("\n".join(lines).encode()))
    else:
        write_lines(path, lines)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    for read in (count_lines, lambda path: list(read_lines(path))):
        with pytest.raises(StepError, match=r"corpus\.\w+: broken after line \d+"):
            read(path)


def test_a_gzip_file_with_damage_inside_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "corpus.gz"
    write_lines(path, [str(number) * 20 for number in range(5000)])
    content = bytearray(path.read_bytes())
    content[200:260] = bytes(60)
    path.write_bytes(content)
    for read in (count_lines, lambda path: list(read_lines(path))):
        with pytest.raises(StepError, match=r"corpus\.gz: broken after line \d+"):
            read(path)


def test_counting_what_is_parallel(tmp_path: Path) -> None:
    long, short = tmp_path / "long.zst", tmp_path / "short.zst"
    write_lines(long, ["a", "b", "c"])
    write_lines(short, ["A", "B"])
    assert count_parallel(short, short, short) == 2
    with pytest.raises(StepError, match=r"long\.zst has 3 lines, .*short\.zst has 2: they are not the sides of one corpus"):
        count_parallel(long, long, short)


def test_parallel_files_must_have_the_same_length(tmp_path: Path) -> None:
    long, short = tmp_path / "long.zst", tmp_path / "short.zst"
    write_lines(long, ["a", "b", "c"])
    write_lines(short, ["A", "B"])
    rows = read_parallel(long, short)
    assert [next(rows), next(rows)] == [("a", "A"), ("b", "B")]
    with pytest.raises(StepError, match=r"short\.zst: ends after 2 lines, but .*long\.zst goes on"):
        next(rows)


def test_an_output_that_fails_does_not_appear(tmp_path: Path) -> None:
    path = tmp_path / "out.zst"
    with pytest.raises(RuntimeError), open_output(path) as output:
        output.write(b"half")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_a_row_goes_to_all_files_or_none(tmp_path: Path) -> None:
    paths = tmp_path / "a.zst", tmp_path / "b.zst"
    with open_parallel_output(*paths) as output:
        output.write("x", "y")
    assert output.lines == 1
    assert [list(read_lines(path)) for path in paths] == [["x"], ["y"]]
    with pytest.raises(ValueError, match="zip"), open_parallel_output(*paths) as output:
        output.write("only one")
    assert [list(read_lines(path)) for path in paths] == [["x"], ["y"]]


def test_blocks_of_any_size_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "corpus.zst"
    write_lines(path, ["a" * 10, "b" * 10])
    with open_input(path) as stream:
        assert stream.read(3) + stream.read() == b"a" * 10 + b"\n" + b"b" * 10 + b"\n"
