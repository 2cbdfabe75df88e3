"""The script that evaluates models of Marian."""

import json
from pathlib import Path

import numpy
import pytest
import sacrebleu

from pipeline.common.lines import read_lines, write_lines
from pipeline.common.script import StepError
from pipeline.evaluate import evaluate
from pipeline.evaluate.comet import comet_score


def run_evaluate(models: list[Path], vocab: tuple[Path, Path], test_set: list[Path], folder: Path, *marian_options: str) -> dict:
    evaluate.main(
        [
            *("--models", *map(str, models), "--vocab", *map(str, vocab), "--model-name", "student"),
            *("--test-set", *map(str, test_set), "--dataset", "toy", "--src", "en", "--trg", "it"),
            *("--output-metrics", str(folder / "metrics.json"), "--output-translations", str(folder / "translations.zst")),
            *("--work-dir", str(folder / "work"), "--statistics", str(folder / "statistics.json"), "--threads", "1", "--", *marian_options),
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


def disturbed(model: Path, folder: Path) -> Path:
    """The model with noise on its weights: it has learned the same, and makes mistakes."""
    weights = dict(numpy.load(model))
    noise = numpy.random.default_rng(1)
    for name, tensor in weights.items():
        if tensor.dtype == numpy.float32 and tensor.size > 1:
            weights[name] = (tensor + noise.normal(0, 0.5 * tensor.std(), tensor.shape)).astype(numpy.float32)
    numpy.savez(folder / "disturbed.npz", **weights)
    return folder / "disturbed.npz"


def test_the_metrics_are_those_of_the_translations(
    tiny_model: Path, vocab: tuple[Path, Path], test_set: list[Path], tmp_path: Path
) -> None:
    metrics = run_evaluate([tiny_model], vocab, test_set, tmp_path)
    translations = list(read_lines(tmp_path / "translations.zst"))
    references = list(read_lines(test_set[1]))
    assert (metrics["model"], metrics["dataset"], metrics["src"], metrics["trg"], metrics["lines"]) == ("student", "toy", "en", "it", 40)
    assert metrics["scores"]["chrf"]["score"] == sacrebleu.corpus_chrf(translations, [references]).score > 60
    assert [sample["translation"] for sample in metrics["samples"]] == [translations[line] for line in (4, 12, 20, 28, 36)]
    assert metrics["scores"]["comet"] == "not available"
    assert json.loads((tmp_path / "statistics.json").read_text()) == {"lines": 40, "scores": metrics["scores"]}
    assert not list((tmp_path / "work").iterdir())


@pytest.mark.usefixtures("comet")
def test_comet_is_among_the_scores_where_its_model_is(
    tiny_model: Path, vocab: tuple[Path, Path], test_set: list[Path], tmp_path: Path
) -> None:
    metrics = run_evaluate([tiny_model], vocab, test_set, tmp_path)
    sides = [list(read_lines(path)) for path in (test_set[0], tmp_path / "translations.zst", test_set[1])]
    assert metrics["scores"]["comet"] == comet_score(*sides)
    assert metrics["scores"]["comet"]["score"] > 70


def test_half_a_comet_model_stops_it_before_it_translates(
    comet: Path, tiny_model: Path, vocab: tuple[Path, Path], test_set: list[Path], tmp_path: Path
) -> None:
    comet.unlink()
    with pytest.raises(StepError, match="COMET needs its model and its vocabulary"):
        run_evaluate([tiny_model], vocab, test_set, tmp_path)
    assert not (tmp_path / "work").exists()


def test_marian_gets_an_ensemble_and_options(tiny_model: Path, vocab: tuple[Path, Path], test_set: list[Path], tmp_path: Path) -> None:
    """A length limit shows that the options arrive; an ensemble of a model with one of other weights translates as neither of them."""
    one = run_evaluate([tiny_model], vocab, test_set, tmp_path / "one", "--beam-size", "1")
    other = run_evaluate([disturbed(tiny_model, tmp_path)], vocab, test_set, tmp_path / "other", "--beam-size", "1")
    both = run_evaluate([tiny_model, disturbed(tiny_model, tmp_path)], vocab, test_set, tmp_path / "both", "--beam-size", "1")
    translations = [list(read_lines(tmp_path / name / "translations.zst")) for name in ("one", "other", "both")]
    assert translations[2] not in translations[:2]
    assert both["scores"]["chrf"]["score"] == sacrebleu.corpus_chrf(translations[2], [list(read_lines(test_set[1]))]).score
    assert other["scores"]["chrf"]["score"] < both["scores"]["chrf"]["score"] < one["scores"]["chrf"]["score"]
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
