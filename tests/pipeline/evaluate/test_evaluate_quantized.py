"""The script that evaluates exported files."""

import json
from pathlib import Path

import pytest
import sacrebleu

from pipeline.common.lines import read_lines, write_lines
from pipeline.common.script import StepError
from pipeline.evaluate import evaluate_quantized
from pipeline.evaluate.comet import comet_score


@pytest.fixture
def test_set(tiny_corpus: tuple[Path, Path], tmp_path: Path) -> list[Path]:
    """The first 40 pairs of the toy corpus."""
    sides = [tmp_path / "test.en.zst", tmp_path / "test.it.zst"]
    for corpus, side in zip(tiny_corpus, sides, strict=True):
        write_lines(side, list(read_lines(corpus))[:40])
    return sides


def evaluate(model_dir: Path, test_set: list[Path], output: Path, *more: str) -> dict:
    evaluate_quantized.main(
        [
            *("--model-dir", str(model_dir), "--test-set", *map(str, test_set), "--dataset", "toy", "--src", "en", "--trg", "it"),
            *("--output-metrics", str(output / "metrics.json"), "--output-translations", str(output / "translations.zst"), *more),
        ]
    )
    return json.loads((output / "metrics.json").read_text())


def test_the_metrics_are_those_of_the_translations(exported_model: Path, test_set: list[Path], tmp_path: Path) -> None:
    metrics = evaluate(exported_model, test_set, tmp_path / "first")
    translations = list(read_lines(tmp_path / "first" / "translations.zst"))
    references = list(read_lines(test_set[1]))
    assert (metrics["model"], metrics["dataset"], metrics["lines"]) == ("student-quantized", "toy", 40)
    assert metrics["scores"]["chrf"]["score"] == sacrebleu.corpus_chrf(translations, [references]).score > 60
    assert metrics["scores"]["bleu"]["score"] == sacrebleu.corpus_bleu(translations, [references]).score
    assert metrics["samples"][0]["translation"] == translations[4]
    assert metrics["download_bytes"]["model.enit.intgemm8.bin.gz"] == (exported_model / "model.enit.intgemm8.bin.gz").stat().st_size
    assert len(metrics["download_bytes"]) == 3

    evaluate(exported_model, test_set, tmp_path / "second")
    for name in ("metrics.json", "translations.zst"):
        assert (tmp_path / "second" / name).read_bytes() == (tmp_path / "first" / name).read_bytes()


def test_without_shortlist_and_under_another_name(exported_model: Path, test_set: list[Path], tmp_path: Path) -> None:
    statistics = tmp_path / "statistics.json"
    more = ("--no-shortlist", "--model-name", "quantized-no-shortlist", "--statistics", str(statistics))
    metrics = evaluate(exported_model, test_set, tmp_path, *more)
    assert metrics["model"] == "quantized-no-shortlist"
    assert metrics["scores"]["chrf"]["score"] > 60
    assert json.loads(statistics.read_text()) == {"lines": 40, "scores": metrics["scores"]}


@pytest.mark.usefixtures("comet")
def test_comet_is_among_the_scores_where_its_model_is(exported_model: Path, test_set: list[Path], tmp_path: Path) -> None:
    metrics = evaluate(exported_model, test_set, tmp_path)
    sides = [list(read_lines(path)) for path in (test_set[0], tmp_path / "translations.zst", test_set[1])]
    assert metrics["scores"]["comet"] == comet_score(*sides)


def test_a_folder_without_model_is_refused(test_set: list[Path], tmp_path: Path) -> None:
    with pytest.raises(StepError, match=r"missing input: .*model\.enit\.intgemm8\.bin\.gz, expected the folder of an exported en-it model"):
        evaluate(tmp_path, test_set, tmp_path)


def test_sides_of_different_length_are_refused(exported_model: Path, test_set: list[Path], tmp_path: Path) -> None:
    write_lines(test_set[1], ["uno", "due"])
    with pytest.raises(StepError, match=r"test\.it\.zst: ends after 2 lines"):
        evaluate(exported_model, test_set, tmp_path)
    assert not (tmp_path / "metrics.json").exists()
