"""The metrics file of an evaluation."""

import json
from pathlib import Path

import pytest

from pipeline.common.lines import read_lines, write_lines
from pipeline.common.script import StepError
from pipeline.evaluate.metrics import read_test_set, sample_lines, write_evaluation


@pytest.mark.parametrize(
    ("lines", "sampled"), [(1000, [100, 300, 500, 700, 900]), (7, [0, 2, 3, 4, 6]), (5, [0, 1, 2, 3, 4]), (2, [0, 1]), (1, [0])]
)
def test_samples_are_spread_over_the_test_set(lines: int, sampled: list[int]) -> None:
    assert sample_lines(lines) == sampled


def test_the_metrics_hold_scores_samples_and_details(tmp_path: Path) -> None:
    sources, references = [f"s{n}" for n in range(10)], [f"r{n} ." for n in range(10)]
    written = write_evaluation(
        *(tmp_path / "metrics.json", tmp_path / "translations.zst", sources, references, references),
        model="teacher-1", dataset="toy", src="en", trg="it", ensemble=2,
    )  # fmt: skip
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    assert metrics == written
    assert {key: metrics[key] for key in ("model", "dataset", "src", "trg", "lines", "ensemble")} == {
        "model": "teacher-1",
        "dataset": "toy",
        "src": "en",
        "trg": "it",
        "lines": 10,
        "ensemble": 2,
    }
    assert metrics["samples"][1] == {"source": "s3", "reference": "r3 .", "translation": "r3 ."}
    assert metrics["scores"]["chrf"]["score"] == 100
    assert metrics["scores"]["comet"] == "not available"
    assert list(read_lines(tmp_path / "translations.zst")) == references


def test_a_missing_translation_is_an_error_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(StepError, match="teacher-1 gave 1 translations for the 2 lines of toy"):
        write_evaluation(
            *(tmp_path / "metrics.json", tmp_path / "translations.zst", ["a", "b"], ["c", "d"], ["c"]),
            model="teacher-1", dataset="toy", src="en", trg="it",
        )  # fmt: skip
    assert not list(tmp_path.iterdir())


def test_a_test_set_is_refused_where_it_is_empty_or_its_sides_differ(tmp_path: Path) -> None:
    source, reference = tmp_path / "test.en.zst", tmp_path / "test.it.zst"
    write_lines(source, ["a", "b", "c"])
    write_lines(reference, ["a", "b"])
    with pytest.raises(StepError, match=r"test\.it\.zst: ends after 2 lines, but .*test\.en\.zst goes on"):
        read_test_set(source, reference)
    for side in (source, reference):
        write_lines(side, [])
    with pytest.raises(StepError, match="an empty test set"):
        read_test_set(source, reference)
