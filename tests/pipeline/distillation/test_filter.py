import json
from pathlib import Path

import pytest

from pipeline.common.lines import read_parallel, write_lines
from pipeline.common.script import StepError
from pipeline.distillation.filter import main


def remove_worst(folder: Path, scores: list[str], remove: str, pairs: int | None = None) -> list[int]:
    """The numbers of the pairs that stay."""
    numbers = range(len(scores) if pairs is None else pairs)
    corpus = [folder / "corpus.en.zst", folder / "corpus.it.zst"]
    for side, path in zip(("source", "target"), corpus, strict=True):
        write_lines(path, (f"{side} {number}" for number in numbers))
    write_lines(folder / "scores.zst", scores)
    outputs = [folder / "out.en.zst", folder / "out.it.zst"]
    files = ["--corpus", *map(str, corpus), "--scores", str(folder / "scores.zst"), "--output", *map(str, outputs)]
    main([*files, "--remove", remove, "--statistics", str(folder / "statistics.json")])
    rows = list(read_parallel(*outputs))
    kept = [int(source.split()[1]) for source, _ in rows]
    assert rows == [(f"source {number}", f"target {number}") for number in kept]
    return kept


@pytest.mark.parametrize(
    ("scores", "remove", "kept"),
    [
        pytest.param("-1 -5 -2 -4 -3", "0.4", [0, 2, 4], id="the worst go, the rest keeps its order"),
        pytest.param("-1 -2 -2 -2 -1", "0.4", [0, 3, 4], id="the earlier of equal ones"),
        pytest.param("-1 -2 -3", "0.3", [0, 1, 2], id="rounded down"),
        pytest.param("-1 -2 -3", "0", [0, 1, 2], id="nothing"),
        pytest.param("-1 -inf -3", "0.5", [0, 2], id="impossible"),
    ],
)
def test_the_worst_are_removed(tmp_path: Path, scores: str, remove: str, kept: list[int]):
    assert remove_worst(tmp_path, scores.split(), remove) == kept


@pytest.mark.parametrize(("remove", "removed"), [("0.05", 5), ("0.29", 29), ("0.999", 99)])
def test_the_share_is_exact(tmp_path: Path, remove: str, removed: int):
    assert remove_worst(tmp_path, [f"{number / 10}" for number in range(100)], remove) == list(range(removed, 100))
    expected = {"lines": 100, "removed": removed, "kept": 100 - removed, "threshold": removed / 10}
    assert json.loads((tmp_path / "statistics.json").read_text()) == expected


def test_nothing_to_filter(tmp_path: Path):
    assert remove_worst(tmp_path, [], "0.05") == []


@pytest.mark.parametrize(("pairs", "error"), [(2, r"corpus\.en\.zst: ends after 2 lines"), (4, r"scores\.zst: ends after 3")])
def test_scores_of_another_corpus(tmp_path: Path, pairs: int, error: str):
    with pytest.raises(StepError, match=error):
        remove_worst(tmp_path, ["-1", "-2", "-3"], "0.5", pairs)
    assert not (tmp_path / "out.en.zst").exists()


@pytest.mark.parametrize(
    ("line", "error"),
    [("good", r"scores\.zst:2: a score expected, found 'good'"), ("nan", r"scores\.zst:2: the score is not a number")],
)
def test_lines_that_are_no_scores(tmp_path: Path, line: str, error: str):
    with pytest.raises(StepError, match=error):
        remove_worst(tmp_path, ["-1", line], "0.5")


@pytest.mark.parametrize("remove", ["1", "-0.1", "5%", "nan"])
def test_what_is_no_share(tmp_path: Path, remove: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        remove_worst(tmp_path, ["-1"], remove)
    assert "--remove" in capsys.readouterr().err
