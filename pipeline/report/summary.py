"""Summarizes a run: scores of each model on each test set, sample translations side by side, the data, and the size of the exported model.

In: a folder with the metrics of evaluations (any metrics.json below it), one with the analyses of datasets (any analysis.json below it, if
there are some), and the metadata.json of the exported model.
Out: the summary as Markdown that reads well in a terminal too, and as JSON.
"""

import argparse
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.common.outputs import write_json, write_text
from pipeline.common.script import StepError, base_parser, check_files, run
from pipeline.report.markdown import render

# The order of models in a run, by the start of their names: each learns from the ones before it.
MODELS = ("backwards", "teacher", "student", "finetuned-student", "student-quantized")
METRICS_KEYS = ("model", "dataset", "src", "trg", "lines", "scores", "samples")
ANALYSIS_KEYS = ("dataset", "lines", "sides")


def parser() -> argparse.ArgumentParser:
    parser = base_parser(__doc__)
    parser.add_argument("--metrics", type=Path, required=True, metavar="DIR", help="searched for metrics.json, at any depth")
    parser.add_argument("--analyses", type=Path, metavar="DIR", help="searched for analysis.json, at any depth; need not exist")
    parser.add_argument("--export-metadata", type=Path, metavar="FILE", help="metadata.json of the exported model")
    parser.add_argument("--output", type=Path, nargs=2, required=True, metavar=("MARKDOWN", "JSON"))
    return parser


def main(argv: Sequence[str] | None = None) -> None:
    args = parser().parse_args(argv)
    exported = None
    if args.export_metadata:
        check_files([args.export_metadata])
        exported = json.loads(args.export_metadata.read_text(encoding="utf-8"))
    analyses = read_analyses(args.analyses) if args.analyses else []
    summary = summarize(read_metrics(args.metrics), analyses, exported)
    markdown, data = args.output
    write_text(markdown, render(summary))
    write_json(data, summary)
    write_json(args.statistics, {"evaluations": len(summary["scores"]), "datasets": len(summary["datasets"])})


def read_metrics(folder: Path) -> list[dict[str, Any]]:
    """Every metrics.json below `folder`; raises StepError where there is none, one is broken, or two are of one model on one test set."""
    found: dict[tuple[str, ...], Path] = {}
    evaluations = []
    for file in sorted(folder.rglob("metrics.json")):
        metrics = read_object(file, METRICS_KEYS, "the metrics of an evaluation")
        evaluation = (metrics["src"], metrics["trg"], metrics["dataset"], metrics["model"])
        if other := found.get(evaluation):
            raise StepError(f"{file} and {other} are both metrics of {metrics['model']} on {metrics['dataset']}: one run has one of them")
        found[evaluation] = file
        evaluations.append(metrics)
    if not evaluations:
        raise StepError(f"{folder}: no metrics.json below it")
    return evaluations


def read_analyses(folder: Path) -> list[dict[str, Any]]:
    """Dataset, languages and lines of every analysis.json below `folder`, by dataset; [] where there is none, or no such folder."""
    analyses = [read_object(file, ANALYSIS_KEYS, "the analysis of a dataset") for file in folder.rglob("analysis.json")]
    datasets = [
        {"dataset": analysis["dataset"], "languages": [side["language"] for side in analysis["sides"]], "lines": analysis["lines"]}
        for analysis in analyses
    ]
    return sorted(datasets, key=lambda dataset: (dataset["dataset"], dataset["languages"], dataset["lines"]))


def read_object(file: Path, keys: Sequence[str], expected: str) -> dict[str, Any]:
    """A JSON object that has the keys; raises StepError where it is something else."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise StepError(f"{file}: not JSON ({error})") from error
    if not isinstance(content, dict):
        raise StepError(f"{file}: no JSON object, expected {expected}")
    if missing := [key for key in keys if key not in content]:
        raise StepError(f"{file}: no {', '.join(missing)}, expected {expected}")
    return content


def model_order(name: str) -> tuple[int, list[tuple[str, int]]]:
    """Sorts the models of a run, teacher-2 before teacher-10; those of other names come last."""
    places = [place for place, start in enumerate(MODELS) if name.startswith(start)]
    parts = [(text, int(number or 0)) for text, number in re.findall(r"(\D*)(\d*)", name)]
    return max(places, default=len(MODELS)), parts


def summarize(evaluations: Sequence[dict[str, Any]], analyses: Sequence[dict[str, Any]], exported: dict[str, Any] | None) -> dict[str, Any]:
    """The summary as data.

    scores: one row per test set and model, [{src, trg, dataset, model, lines, chrf, bleu, ter, comet, signatures: {metric: signature}}], a
    score that was not available is None; samples: those of the first test set of the direction that is exported, {src, trg, dataset, lines,
    rows: [{source, reference, translations: {model: text}}]}; datasets: [{dataset, languages, lines}]; exported: {architecture, parameters,
    bytes, download_bytes, files: {name: bytes}}, or None.
    """
    direction = (exported["sourceLanguage"], exported["targetLanguage"]) if exported else None
    # The direction that the run is about comes first, the backwards model's after it.
    ordered = sorted(
        evaluations,
        key=lambda one: ((one["src"], one["trg"]) != direction, one["src"], one["trg"], one["dataset"], model_order(one["model"])),
    )
    return {
        "scores": [score_row(metrics) for metrics in ordered],
        "samples": samples(ordered),
        "datasets": list(analyses),
        "exported": exported_size(exported) if exported else None,
    }


def score_row(metrics: dict[str, Any]) -> dict[str, Any]:
    scored = {name: value for name, value in metrics["scores"].items() if isinstance(value, dict)}
    return (
        {key: metrics[key] for key in ("src", "trg", "dataset", "model", "lines")}
        | dict.fromkeys(metrics["scores"])
        | {name: value["score"] for name, value in scored.items()}
        | {"signatures": {name: value["signature"] for name, value in scored.items()}}
    )


def samples(evaluations: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The samples of the first test set, with the translations of all its models side by side.

    Raises StepError where the models were not given the same lines: their scores could not be compared either.
    """
    first = evaluations[0]
    test_set = {key: first[key] for key in ("src", "trg", "dataset", "lines")}
    same_set = [metrics for metrics in evaluations if all(metrics[key] == first[key] for key in ("src", "trg", "dataset"))]
    rows: list[dict[str, Any]] = [
        {"source": sample["source"], "reference": sample["reference"], "translations": {}} for sample in first["samples"]
    ]
    for metrics in same_set:
        sides = [(sample["source"], sample["reference"]) for sample in metrics["samples"]]
        if metrics["lines"] != first["lines"] or sides != [(row["source"], row["reference"]) for row in rows]:
            raise StepError(f"{first['dataset']}: {metrics['model']} and {first['model']} were evaluated on different lines")
        for row, sample in zip(rows, metrics["samples"], strict=True):
            row["translations"][metrics["model"]] = sample["translation"]
    return test_set | {"rows": rows}


def exported_size(exported: dict[str, Any]) -> dict[str, Any]:
    sizes = {kind: {name: file[kind]["byteSize"] for name, file in exported["files"].items()} for kind in ("plain", "gzipped")}
    return {
        "architecture": exported["architecture"],
        "parameters": exported["modelStatistics"]["parameters"],
        "bytes": sum(sizes["plain"].values()),
        "download_bytes": sum(sizes["gzipped"].values()),
        "files": sizes["plain"],
    }


if __name__ == "__main__":
    run(main)
