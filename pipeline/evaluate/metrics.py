"""The metrics file of one model on one test set: scores, and a few translations to look at."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.common.lines import read_parallel, write_lines
from pipeline.common.outputs import write_json
from pipeline.common.script import StepError
from pipeline.evaluate.comet import comet_score
from pipeline.evaluate.scores import corpus_scores

SAMPLES = 5


def read_test_set(source: Path, reference: Path) -> tuple[list[str], list[str]]:
    """The two sides of a test set; raises StepError where they differ in length or are empty. A test set fits into memory."""
    pairs = list(read_parallel(source, reference))
    if not pairs:
        raise StepError(f"{source}: an empty test set, nothing to evaluate on")
    return [source for source, _ in pairs], [reference for _, reference in pairs]


def sample_lines(lines: int) -> list[int]:
    """Indices of SAMPLES lines spread evenly over `lines`, fewer where there are fewer: the same for every model on one test set."""
    return sorted({(2 * sample + 1) * lines // (2 * SAMPLES) for sample in range(SAMPLES)})


def write_evaluation(
    metrics_file: Path,
    translations_file: Path,
    sources: Sequence[str],
    references: Sequence[str],
    translations: Sequence[str],
    *,
    model: str,
    dataset: str,
    src: str,
    trg: str,
    **details: object,
) -> dict[str, Any]:
    """Writes the translations, then the metrics JSON; returns the metrics.

    Keys: model, dataset, src, trg, lines, scores (see corpus_scores; comet: see comet_score), samples [{source, reference, translation}],
    and the `details`.
    """
    if len(translations) != len(sources):
        raise StepError(f"{model} gave {len(translations)} translations for the {len(sources)} lines of {dataset}")
    scores = corpus_scores(translations, references, trg) | {"comet": comet_score(sources, translations, references)}
    metrics = {
        "model": model,
        "dataset": dataset,
        "src": src,
        "trg": trg,
        "lines": len(sources),
        "scores": scores,
        "samples": [
            {"source": sources[line], "reference": references[line], "translation": translations[line]}
            for line in sample_lines(len(sources))
        ],
        **details,
    }
    write_lines(translations_file, translations)
    write_json(metrics_file, metrics)
    return metrics
