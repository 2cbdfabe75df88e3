import json
from pathlib import Path

import pytest

from pipeline.common.lines import read_lines, write_lines
from pipeline.common.script import StepError
from pipeline.merge import shuffle
from pipeline.merge.merge_mono import main

BOOKS = ["riga 1", "due volte", "due volte", "«Riga» di PROVA…", "the test line", "a\u2028b"]


def merge(folder: Path, *words: str) -> tuple[list[str], dict]:
    output, statistics = folder / "out" / "mono.it.zst", folder / "statistics.json"
    arguments = ["--corpora", str(folder / "corpora"), "--language", "it", "--output", str(output), "--statistics", str(statistics)]
    main([*arguments, *words])
    return list(read_lines(output)), json.loads(statistics.read_text())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_lines(tmp_path / "corpora" / "news.2021.it.zst", [f"riga {number}" for number in range(1000)])
    write_lines(
        tmp_path / "corpora" / "books.it.zst", ["riga 1", "due volte", "due volte", "«Riga» di PROVA…", "the test line", "a\u2028b"]
    )
    for language, lines in {"en": ["the test line", "unused"], "it": ["non usata", "riga di prova"]}.items():
        write_lines(tmp_path / "devsets" / f"flores.{language}.zst", lines)
        write_lines(tmp_path / "tests" / f"wmt.{language}.zst", ["riga 7", "Riga, 7!"])
    write_lines(tmp_path / "tests" / "of.another.pair.de.zst", ["riga 8"])
    return tmp_path


def test_merging(folder: Path):
    lines, statistics = merge(folder, "--held-out", str(folder / "devsets"), str(folder / "tests"))
    # A line of the other side's held-out text stays: it is text in another language.
    expected = {f"riga {number}" for number in range(1000) if number != 7} | {"due volte", "the test line", "a\u2028b"}
    assert len(lines) == 1002 and set(lines) == expected and lines != sorted(lines)
    assert statistics["datasets"] == {
        "books": {"lines": 6, "leaked": 1, "duplicates": 1, "kept": 4},
        "news.2021": {"lines": 1000, "leaked": 1, "duplicates": 1, "kept": 998},
    }
    assert statistics["total"] == {"lines": 1006, "leaked": 2, "duplicates": 2, "kept": 1002, "written": 1002, "over-the-cap": 0}
    assert statistics["held-out"] == {"it": 3}
    assert [path.name for path in (folder / "out").iterdir()] == ["mono.it.zst"]


def test_order_and_cap_depend_on_the_seed_alone(folder: Path):
    lines, _ = merge(folder)
    first = (folder / "out" / "mono.it.zst").read_bytes()
    merge(folder)
    assert (folder / "out" / "mono.it.zst").read_bytes() == first
    capped, statistics = merge(folder, "--max-sentences", "10")
    assert capped == lines[:10]
    assert statistics["total"]["written"] == 10 and statistics["total"]["over-the-cap"] == statistics["total"]["kept"] - 10
    other, _ = merge(folder, "--seed", "2")
    assert other != lines and sorted(other) == sorted(lines)


def test_several_buckets_give_every_line_once_and_stay_in_the_work_folder(folder: Path, monkeypatch):
    lines, _ = merge(folder)
    monkeypatch.setattr(shuffle, "BUCKET_BYTES", 2000)
    bucketed, _ = merge(folder, "--work-dir", str(folder / "work"))
    assert bucketed != lines and sorted(bucketed) == sorted(lines)
    assert not list((folder / "work").iterdir())


def test_no_dataset_of_the_language(folder: Path):
    expected = r"{}: no dataset in it; expected NAME\.it\.zst$"
    for language in ("en", "it"):
        (folder / "devsets" / f"flores.{language}.zst").rename(folder / "devsets" / f"flores.{language}.other")
    with pytest.raises(StepError, match=expected.format("devsets")):
        merge(folder, "--held-out", str(folder / "devsets"))
    for path in (folder / "corpora").iterdir():
        path.unlink()
    with pytest.raises(StepError, match=expected.format("corpora")):
        merge(folder)


def test_a_broken_dataset_leaves_no_output(folder: Path):
    whole = (folder / "corpora" / "news.2021.it.zst").read_bytes()
    (folder / "corpora" / "news.2021.it.zst").write_bytes(whole[:-5])
    with pytest.raises(StepError, match=r"news\.2021\.it\.zst: broken after line"):
        merge(folder)
    assert not (folder / "out" / "mono.it.zst").exists()


def test_nothing_left(folder: Path):
    with pytest.raises(StepError, match="nothing is left"):
        merge(folder, "--held-out", str(folder / "corpora"))
