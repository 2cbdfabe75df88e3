import json
from pathlib import Path

import pytest

from pipeline.common.lines import read_lines, write_lines
from pipeline.common.script import StepError
from pipeline.merge import shuffle
from pipeline.merge.merge_devset import main as merge_devset
from pipeline.merge.merge_parallel import main as merge_parallel

Pairs = list[tuple[str, str]]


def write_set(folder: Path, name: str, pairs: Pairs) -> None:
    for language, lines in zip(("en", "it"), zip(*pairs, strict=True), strict=True):
        write_lines(folder / f"{name}.{language}.zst", lines)


def merge(folder: Path, *words: str, main=merge_parallel) -> tuple[Pairs, dict]:
    outputs = [folder / "out" / "corpus.en.zst", folder / "out" / "corpus.it.zst"]
    arguments = ["--corpora", str(folder / "corpora"), "--src", "en", "--trg", "it", "--output", *map(str, outputs)]
    main([*arguments, "--statistics", str(folder / "statistics.json"), *words])
    return list(zip(*map(read_lines, outputs), strict=True)), json.loads((folder / "statistics.json").read_text())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_set(tmp_path / "corpora", "opus.v1", [(f"source {number}", f"fonte {number}") for number in range(1000)])
    twice = [("twice", "due volte")] * 2
    leaked = [("The Test: line!", "altro"), ("other", "«Riga» di PROVA…")]
    write_set(tmp_path / "corpora", "books", [("first wins", "fonte 1"), *twice, *leaked])
    held_out = [("the test line", "non usata"), ("unused", "riga di prova"), ("ﬁle\u200a7", "fonte, 7")]
    write_set(tmp_path / "held-out", "wmt", held_out)
    return tmp_path


def test_merging(folder: Path):
    pairs, statistics = merge(folder, "--held-out", str(folder / "held-out"))
    expected = {(f"source {number}", f"fonte {number}") for number in range(1000) if number not in {1, 7}}
    assert set(pairs) == expected | {("first wins", "fonte 1"), ("twice", "due volte")}
    assert len(pairs) == 1000 and pairs != sorted(pairs)
    assert statistics["datasets"] == {
        "books": {"lines": 5, "leaked": 2, "duplicates": 1, "kept": 2},
        "opus.v1": {"lines": 1000, "leaked": 1, "duplicates": 1, "kept": 998},
    }
    assert statistics["total"] == {"lines": 1005, "leaked": 3, "duplicates": 2, "kept": 1000, "written": 1000, "over-the-cap": 0}
    assert statistics["held-out"] == {"en": 3, "it": 3}
    assert sorted(statistics["leaked-samples"]["books"]) == [["The Test: line!", "altro"], ["other", "«Riga» di PROVA…"]]
    assert {name: len(rows) for name, rows in statistics["leaked-samples"].items()} == {"books": 2, "opus.v1": 1}
    assert sorted(path.name for path in (folder / "out").iterdir()) == ["corpus.en.zst", "corpus.it.zst"]


def test_the_best_score_wins_across_datasets(tmp_path: Path):
    write_set(
        tmp_path / "corpora", "crawled", [("good", "uno"), ("bad", "due"), ("first", "tre"), ("alone", "quattro"), ("crawled", "cinque")]
    )
    write_lines(tmp_path / "corpora" / "crawled.scores.zst", ["0.9", "0.2", "0.500", "0", "1"])
    write_set(tmp_path / "corpora", "mined", [("worse", "uno"), ("better", "due"), ("second", "tre"), ("mined", "cinque")])
    write_lines(tmp_path / "corpora" / "mined.scores.zst", ["0.8", "0.3", "0.5", "0.99"])
    write_set(tmp_path / "corpora", "trusted", [("trusted", "uno"), ("later", "cinque")])
    pairs, statistics = merge(tmp_path, "--threads", "2")
    assert set(pairs) == {("trusted", "uno"), ("better", "due"), ("first", "tre"), ("alone", "quattro"), ("crawled", "cinque")}
    assert {name: counts["duplicates"] for name, counts in statistics["datasets"].items()} == {"crawled": 2, "mined": 3, "trusted": 1}


@pytest.mark.parametrize("score", ["1.5", "-0.1", "nan", "", "high"])
def test_what_is_no_score(tmp_path: Path, score: str):
    write_set(tmp_path / "corpora", "crawled", [("one", "uno"), ("two", "due")])
    write_lines(tmp_path / "corpora" / "crawled.scores.zst", ["0.5", score])
    with pytest.raises(StepError, match="crawled: a score from 0 to 1 is expected on each line"):
        merge(tmp_path)


def test_scores_for_fewer_pairs(tmp_path: Path):
    write_set(tmp_path / "corpora", "crawled", [("one", "uno"), ("two", "due")])
    write_lines(tmp_path / "corpora" / "crawled.scores.zst", ["0.5"])
    with pytest.raises(StepError, match=r"crawled\.scores\.zst: ends after 1 lines"):
        merge(tmp_path)


def test_the_same_for_any_number_of_threads(folder: Path):
    words = ["--held-out", str(folder / "held-out")]
    merge(folder, *words, "--threads", "1")
    one = [path.read_bytes() for path in sorted((folder / "out").iterdir())]
    merge(folder, *words, "--threads", "3")
    assert [path.read_bytes() for path in sorted((folder / "out").iterdir())] == one


def test_order_and_cap_depend_on_the_seed_alone(folder: Path):
    pairs, _ = merge(folder)
    assert merge(folder)[0] == pairs
    capped, statistics = merge(folder, "--max-sentences", "10")
    assert capped == pairs[:10] and statistics["total"]["over-the-cap"] == statistics["total"]["kept"] - 10
    other, _ = merge(folder, "--seed", "2")
    assert other != pairs and sorted(other) == sorted(pairs)


def test_several_buckets_give_every_pair_once(folder: Path, monkeypatch):
    pairs, _ = merge(folder)
    monkeypatch.setattr(shuffle, "BUCKET_BYTES", 2000)
    bucketed, _ = merge(folder)
    assert bucketed != pairs and sorted(bucketed) == sorted(pairs)


def test_what_a_killed_run_left_is_no_part_of_the_next(folder: Path):
    pairs, _ = merge(folder)
    left = folder / "out" / ".corpus.en.zst.merge"
    left.mkdir()
    (left / "bucket.0.0").write_bytes(b"left\n")
    (left / "bucket.9.1").write_bytes(b"half")
    assert merge(folder)[0] == pairs
    assert not left.exists()


def test_a_devset_without_lines_of_the_test_sets(folder: Path):
    words = ["--held-out", str(folder / "held-out")]
    everything, statistics = merge(folder, *words, main=merge_devset)
    assert len(everything) == 1000 and ("source 7", "fonte 7") not in everything
    assert statistics["total"] == {"lines": 1005, "leaked": 3, "duplicates": 2, "kept": 1000, "written": 1000, "over-the-cap": 0}
    capped, statistics = merge(folder, *words, "--max-sentences", "50", main=merge_devset)
    assert capped == everything[:50]
    assert (statistics["total"]["written"], statistics["total"]["over-the-cap"]) == (50, 950)


def test_a_missing_side(folder: Path):
    (folder / "corpora" / "opus.v1.it.zst").unlink()
    with pytest.raises(StepError, match=r"opus\.v1\.en\.zst: its other side .*opus\.v1\.it\.zst is missing"):
        merge(folder)


def test_held_out_folder_without_corpora(folder: Path):
    (folder / "empty").mkdir()
    with pytest.raises(StepError, match="no dataset in it"):
        merge(folder, "--held-out", str(folder / "empty"))
    with pytest.raises(StepError, match="no such folder"):
        merge(folder, "--held-out", str(folder / "nowhere"))


def test_unequal_sides_leave_no_output(folder: Path):
    write_lines(folder / "corpora" / "books.it.zst", ["una"])
    with pytest.raises(StepError, match=r"books\.it\.zst: ends after 1 lines"):
        merge(folder)
    assert not list((folder / "out").glob("corpus.*"))


def test_nothing_left(folder: Path):
    with pytest.raises(StepError, match="nothing is left"):
        merge(folder, "--held-out", str(folder / "corpora"))
