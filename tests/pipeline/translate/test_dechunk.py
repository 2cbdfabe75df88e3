import json
from pathlib import Path

import pytest

from pipeline.common.lines import read_lines, write_lines
from pipeline.common.script import StepError
from pipeline.translate.dechunk import main


@pytest.fixture
def chunks(tmp_path: Path) -> list[Path]:
    """Twelve chunks of one line each, the third written without its last line break, and the corpus of twelve lines."""
    write_lines(tmp_path / "corpus.en.zst", (f"line {number}" for number in range(12)))
    paths = [tmp_path / f"chunk.{number}.it{'' if number == 3 else '.zst'}" for number in range(1, 13)]
    for number, path in enumerate(paths):
        write_lines(path, [f"riga\u2028 {number}"])
        write_lines(tmp_path / f"chunk.{number + 1}.en.zst", [f"line {number}"])
    paths[2].write_bytes(paths[2].read_bytes().rstrip(b"\n"))
    return paths


def dechunk(folder: Path, chunks: list[Path], *words: str) -> list[str]:
    corpus, output = str(folder / "corpus.en.zst"), str(folder / "out.it.zst")
    main(["--chunks", *map(str, chunks), "--corpus", corpus, "--output", output, "--statistics", str(folder / "statistics.json"), *words])
    return list(read_lines(folder / "out.it.zst"))


def test_in_the_order_given(tmp_path: Path, chunks: list[Path]):
    assert dechunk(tmp_path, chunks) == [f"riga\u2028 {number}" for number in range(12)]
    assert json.loads((tmp_path / "statistics.json").read_text()) == {"lines": 12, "chunks": [1] * 12}


def test_a_lost_line(tmp_path: Path, chunks: list[Path]):
    write_lines(chunks[4], [])
    with pytest.raises(StepError, match=r"has 12 lines, its translated chunks have 11 \(.*chunk\.5\.it\.zst 0"):
        dechunk(tmp_path, chunks)
    assert not (tmp_path / "out.it.zst").exists()


def test_a_lost_line_that_another_chunk_makes_up_for(tmp_path: Path, chunks: list[Path]):
    write_lines(chunks[4], [])
    write_lines(chunks[7], ["una", "due"])
    sources = [str(tmp_path / f"chunk.{number}.en.zst") for number in range(1, 13)]
    with pytest.raises(StepError, match=r"chunk\.5\.it\.zst: 0 lines, but .*chunk\.5\.en\.zst, which it translates, has 1"):
        dechunk(tmp_path, chunks, "--source-chunks", *sources)
