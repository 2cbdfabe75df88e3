import json
from pathlib import Path

import pytest

from pipeline.common.lines import read_lines, write_lines
from pipeline.common.script import StepError
from pipeline.translate.chunk import chunk_lengths, main

ODD_LINES = ["plain", "", "a\u2028b", "cr\r", "nul\x00", "x" * 1_000_000, "e\u0301"]


def chunk(folder: Path, sides: dict[str, list[str]], chunks: int) -> None:
    for language, lines in sides.items():
        write_lines(folder / f"corpus.{language}.zst", lines)
    corpus = [str(folder / f"corpus.{language}.zst") for language in sides]
    words = ["--corpus", *corpus, "--languages", *sides, "--chunks", str(chunks), "--output-dir", str(folder / "chunks")]
    main([*words, "--prefix", "part", "--statistics", str(folder / "statistics.json")])


def test_contiguous_chunks_of_both_sides(tmp_path: Path):
    sides = {"en": ODD_LINES, "it": [f"{number}" for number in range(7)]}
    chunk(tmp_path, sides, 3)
    names = [f"part.{number}.{language}.zst" for number in (1, 2, 3) for language in sides]
    assert sorted(path.name for path in (tmp_path / "chunks").iterdir()) == names
    for language, lines in sides.items():
        chunks = [list(read_lines(tmp_path / "chunks" / f"part.{number}.{language}.zst")) for number in (1, 2, 3)]
        assert [len(each) for each in chunks] == [3, 2, 2]
        assert [line for each in chunks for line in each] == lines
    assert json.loads((tmp_path / "statistics.json").read_text()) == {"lines": 7, "chunks": [3, 2, 2]}


@pytest.mark.parametrize("size", [1, 40, 1000])
@pytest.mark.parametrize("chunks", [1, 4, 7, 150])
def test_chunks_begin_and_end_anywhere_in_what_is_compressed_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, chunks: int
):
    monkeypatch.setattr("pipeline.translate.chunk.PIECE_SIZE", size)
    sides = {"en": [f"line {number}" for number in range(100)], "it": [str(number) * (number % 4) for number in range(100)]}
    chunk(tmp_path, sides, chunks)
    for language, lines in sides.items():
        found = [list(read_lines(tmp_path / "chunks" / f"part.{number}.{language}.zst")) for number in range(1, chunks + 1)]
        assert [len(each) for each in found] == chunk_lengths(100, chunks)
        assert [line for each in found for line in each] == lines
    assert not list(tmp_path.glob(".*"))


def test_a_corpus_that_was_cut_off(tmp_path: Path):
    write_lines(tmp_path / "corpus.en.zst", [str(number**9) for number in range(10_000)])
    whole = (tmp_path / "corpus.en.zst").read_bytes()
    (tmp_path / "corpus.en.zst").write_bytes(whole[: len(whole) // 2])
    words = ["--corpus", str(tmp_path / "corpus.en.zst"), "--languages", "en", "--chunks", "2", "--output-dir", str(tmp_path / "chunks")]
    with pytest.raises(StepError, match=r"corpus\.en\.zst: broken after line \d+"):
        main(words)
    assert not (tmp_path / "chunks").exists()


def test_more_chunks_than_lines(tmp_path: Path):
    chunk(tmp_path, {"en": ["one"]}, 3)
    assert [list(read_lines(tmp_path / "chunks" / f"part.{number}.en.zst")) for number in (1, 2, 3)] == [["one"], [], []]
    assert json.loads((tmp_path / "statistics.json").read_text()) == {"lines": 1, "chunks": [1, 0, 0]}


@pytest.mark.parametrize("sides", [{"en": ["1", "2"], "it": ["1", "2", "3"]}, {"en": ["1", "2", "3"], "it": ["1", "2"]}])
def test_unequal_sides(tmp_path: Path, sides: dict[str, list[str]]):
    with pytest.raises(StepError, match=r"corpus\.en\.zst has . lines, .*corpus\.it\.zst has .: they are not the sides of one corpus"):
        chunk(tmp_path, sides, 2)
    assert not (tmp_path / "chunks").exists()


@pytest.mark.parametrize(("total", "chunks"), [(0, 4), (3, 4), (10, 3), (12, 4)])
def test_lengths(total: int, chunks: int):
    lengths = chunk_lengths(total, chunks)
    assert len(lengths) == chunks and sum(lengths) == total and max(lengths) - min(lengths) <= 1
