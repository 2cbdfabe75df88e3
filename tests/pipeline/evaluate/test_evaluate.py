"""The script that evaluates models of Marian."""

import json
from pathlib import Path

import pytest
import sacrebleu

from pipeline.common.lines import read_lines, write_lines
from pipeline.common.script import StepError
from pipeline.evaluate import evaluate


def run_evaluate(models: list[Path], vocab: tuple[Path, Path], test_set: list[Path], folder: Path, *marian_options: str) -> dict:
    evaluate.main(
        [
            *("--models", *map(str, models), "--vocab", *map(str, vocab), "--model-name", "student"),
            *("--test-set", *map(str, test_set), "--dataset", "toy", "--src", "en", "--trg", "it"),
            *("--output-metrics", str(folder / "metrics.json"), "--output-translations", str(folder / "translations.zst")),
            *("--work-dir", str(folder / "work"), "--threads", "1", "--", *marian_options),
        ]
    )
    return json.loads((folder / "metrics.json").read_text())


@pytest.fixture
def test_set(tiny_corpus: tuple[Path, Path], tmp_path: Path) -> list[Path]:
    """The first 40 pairs of the toy corpus."""
    sides = [tmp_path / "test.en.zst", tmp_path / "test.it.zst"]
    for corpus, side in zip(tiny_corpus, sides, strict=True):
        write_lines(side, list(read_lines(corpus))[:40])
    return sides


def test_the_metrics_are_those_of_the_translations(
    tiny_model: Path, vocab: tuple[Path, Path], test_set: list[Path], tmp_path: Path
) -> None:
    metrics = run_evaluate([tiny_model], vocab, test_set, tmp_path)
    translations = list(read_lines(tmp_path / "translations.zst"))
    references = list(read_lines(test_set[1]))
    assert (metrics["model"], metrics["dataset"], metrics["src"], metrics["trg"], metrics["lines"]) == ("student", "toy", "en", "it", 40)
    assert metrics["scores"]["chrf"]["score"] == sacrebleu.corpus_chrf(translations, [references]).score > 60
    assert [sample["translation"] for sample in metrics["samples"]] == [translations[line] for line in (4, 12, 20, 28, 36)]
    assert not list((tmp_path / "work").iterdir())


def test_marian_gets_an_ensemble_and_options(tiny_model: Path, vocab: tuple[Path, Path], test_set: list[Path], tmp_path: Path) -> None:
    """A length limit shows that the options arrive; an ensemble of a model with itself translates as the model."""
    one = run_evaluate([tiny_model], vocab, test_set, tmp_path / "one", "--beam-size", "1")
    two = run_evaluate([tiny_model, tiny_model], vocab, test_set, tmp_path / "two", "--beam-size", "1")
    assert two["samples"] == one["samples"]
    short = run_evaluate([tiny_model], vocab, test_set, tmp_path / "short", "--max-length", "2", "--max-length-crop")
    assert short["scores"]["chrf"]["score"] < one["scores"]["chrf"]["score"]


def test_sides_of_different_length_are_refused(tiny_model: Path, vocab: tuple[Path, Path], test_set: list[Path], tmp_path: Path) -> None:
    write_lines(test_set[0], ["house"])
    with pytest.raises(StepError, match=r"test\.en\.zst: ends after 1 lines"):
        run_evaluate([tiny_model], vocab, test_set, tmp_path)
    assert not (tmp_path / "metrics.json").exists()


def test_every_missing_input_is_named(vocab: tuple[Path, Path], test_set: list[Path], tmp_path: Path) -> None:
    with pytest.raises(StepError, match=r"missing input: .*one\.npz, .*two\.npz"):
        run_evaluate([tmp_path / "one.npz", tmp_path / "two.npz"], vocab, test_set, tmp_path)
