import json
from pathlib import Path

import pytest
import zstandard

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
    assert json.loads((tmp_path / "statistics.json").read_text()) == {"lines": 12, "chunks": [1] * 12, "empty-translations": 0}


@pytest.mark.parametrize("unended", [2, 11])
def test_compressed_chunks_of_which_one_lacks_its_last_line_break(tmp_path: Path, chunks: list[Path], unended: int):
    """The last one may."""
    write_lines(tmp_path / "chunk.3.it.zst", ["riga\u2028 2"])
    chunks[2] = tmp_path / "chunk.3.it.zst"
    chunks[unended].write_bytes(zstandard.compress(f"riga\u2028 {unended}".encode()))
    assert dechunk(tmp_path, chunks) == [f"riga\u2028 {number}" for number in range(12)]


def test_the_corpus_beside_its_translations(tmp_path: Path, chunks: list[Path]):
    """Translations that are empty are kept, and counted where the sentence is not."""
    write_lines(tmp_path / "corpus.en.zst", [f"line\u2028 {number}" if number != 5 else " " for number in range(12)])
    for number in (3, 6, 8):
        write_lines(chunks[number - 1], ["  " if number == 3 else ""])
    without = dechunk(tmp_path, chunks)
    translations = dechunk(tmp_path, chunks, "--output-corpus", str(tmp_path / "out.en.zst"))
    assert translations == without
    assert [number for number, line in enumerate(translations) if not line.strip()] == [2, 5, 7]
    assert list(read_lines(tmp_path / "out.en.zst")) == list(read_lines(tmp_path / "corpus.en.zst"))
    assert json.loads((tmp_path / "statistics.json").read_text())["empty-translations"] == 2


def test_a_lost_line(tmp_path: Path, chunks: list[Path]):
    write_lines(chunks[4], [])
    with pytest.raises(StepError, match=r"has 12 lines, its translated chunks have 11 \(.*chunk\.5\.it\.zst 0"):
        dechunk(tmp_path, chunks)
    assert not (tmp_path / "out.it.zst").exists()


def test_too_many_lines(tmp_path: Path, chunks: list[Path]):
    write_lines(chunks[11], ["una", "due", "tre"])
    with pytest.raises(StepError, match=r"has 12 lines, its translated chunks have 14 \(.*chunk\.12\.it\.zst 3"):
        dechunk(tmp_path, chunks, "--output-corpus", str(tmp_path / "out.en.zst"))
    assert not (tmp_path / "out.it.zst").exists()
    assert not (tmp_path / "out.en.zst").exists()


def test_chunks_in_another_order(tmp_path: Path, chunks: list[Path]):
    """As a shell sorts names: 10 after 1."""
    with pytest.raises(
        StepError, match=r"chunk\.10\.it\.zst comes after chunk\.1\.it\.zst: expected are chunks in the order of their numbers"
    ):
        dechunk(tmp_path, sorted(chunks))
    sources = sorted(str(tmp_path / f"chunk.{number}.en.zst") for number in range(1, 13))
    with pytest.raises(StepError, match=r"chunk\.10\.en\.zst comes after chunk\.1\.en\.zst"):
        dechunk(tmp_path, chunks, "--source-chunks", *sources)


def test_a_chunk_that_is_left_out_or_given_twice(tmp_path: Path, chunks: list[Path]):
    with pytest.raises(StepError, match=r"chunk\.7\.it\.zst comes after chunk\.5\.it\.zst: .*, and all of them"):
        dechunk(tmp_path, [*chunks[:5], *chunks[6:]])
    with pytest.raises(StepError, match=r"chunk\.5\.it\.zst comes after chunk\.5\.it\.zst"):
        dechunk(tmp_path, [*chunks[:5], *chunks[4:]])


def test_chunks_without_numbers_are_in_order_as_given(tmp_path: Path, chunks: list[Path]):
    named = [chunk.rename(tmp_path / f"{name}.it{chunk.suffix}") for name, chunk in zip("lkjihgfedcba", chunks, strict=True)]
    assert dechunk(tmp_path, named) == [f"riga\u2028 {number}" for number in range(12)]
    named[3] = named[3].rename(tmp_path / "chunk.4.it.zst")
    with pytest.raises(StepError, match=r"l\.it\.zst: no number in its name, the other chunks have one"):
        dechunk(tmp_path, named)


def test_a_lost_line_that_another_chunk_makes_up_for(tmp_path: Path, chunks: list[Path]):
    write_lines(chunks[4], [])
    write_lines(chunks[7], ["una", "due"])
    sources = [str(tmp_path / f"chunk.{number}.en.zst") for number in range(1, 13)]
    with pytest.raises(StepError, match=r"chunk\.5\.it\.zst: 0 lines, but .*chunk\.5\.en\.zst, which it translates, has 1"):
        dechunk(tmp_path, chunks, "--source-chunks", *sources)
