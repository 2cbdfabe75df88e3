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
