"""The summary of a run as Markdown, with columns aligned so that it reads well in a terminal."""

import unicodedata
from collections.abc import Sequence
from typing import Any

METRICS = {"chrf": "chrF", "bleu": "BLEU", "ter": "TER", "comet": "COMET"}
COLUMNS = ("test set", "model", *METRICS.values(), "lines")
DATASET_COLUMNS = ("dataset", "languages", "lines")
LEFT_ALIGNED = 2
NO_SCORE = "—"


def render(summary: dict[str, Any]) -> str:
    """Markdown of what pipeline.report.summary.summarize returns: scores, samples, datasets, the size of the exported model."""
    sections = [score_table(summary["scores"]), sample_list(summary["samples"])]
    if datasets := summary["datasets"]:
        sections.append(dataset_table(datasets))
    if exported := summary["exported"]:
        sections.append(exported_line(exported))
    return "\n\n".join(sections) + "\n"


def score_table(scores: Sequence[dict[str, Any]]) -> str:
    """One row per test set and model; a test set is named in its first row. A note says what is missing."""
    rows, last = [], ""
    for score in scores:
        test_set = f"{score['dataset']} {score['src']}-{score['trg']}"
        numbers = [NO_SCORE if (number := score.get(metric)) is None else f"{number:.1f}" for metric in METRICS]
        rows.append(["" if test_set == last else test_set, score["model"], *numbers, f"{score['lines']:,}"])
        last = test_set
    missing = [name for metric, name in METRICS.items() if any(score.get(metric) is None for score in scores)]
    note = f"\n\n{NO_SCORE} {', '.join(missing)}: not available where the evaluation ran, see docs/evaluation.md." if missing else ""
    return table(COLUMNS, rows) + note


def dataset_table(datasets: Sequence[dict[str, Any]]) -> str:
    rows = [[dataset["dataset"], "-".join(dataset["languages"]), f"{dataset['lines']:,}"] for dataset in datasets]
    return "Data, as it was downloaded:\n\n" + table(DATASET_COLUMNS, rows)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; the first LEFT_ALIGNED columns hold words, the others numbers."""
    widths = [max(map(width, column)) for column in zip(head, *rows, strict=True)]
    rule = ["-" * width if place < LEFT_ALIGNED else "-" * (width - 1) + ":" for place, width in enumerate(widths)]
    lines = [
        [pad(cell, width, left=place < LEFT_ALIGNED) for place, (cell, width) in enumerate(zip(row, widths, strict=True))]
        for row in (head, *rows)
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in (lines[0], rule, *lines[1:]))


def width(text: str) -> int:
    """Columns that a text takes in a terminal: East Asian characters take two."""
    return sum(1 + (unicodedata.east_asian_width(character) in "WF") for character in text)


def pad(text: str, columns: int, *, left: bool) -> str:
    space = " " * (columns - width(text))
    return text + space if left else space + text


def sample_list(samples: dict[str, Any]) -> str:
    """Each sample as a block: source, reference, and every model's translation, one below the other."""
    rows = samples["rows"]
    names = ["source", "reference", *(rows[0]["translations"] if rows else [])]
    column = max(map(width, names))
    blocks = [
        "\n".join(
            f"{pad(name, column, left=True)}  {text}"
            for name, text in zip(names, [row["source"], row["reference"], *row["translations"].values()], strict=True)
        )
        for row in rows
    ]
    title = f"{len(rows)} of the {samples['lines']:,} lines of {samples['dataset']}, {samples['src']}-{samples['trg']}:"
    return "\n".join([title, "", "```text", "\n\n".join(blocks), "```"])


def exported_line(exported: dict[str, Any]) -> str:
    return (
        f"Exported model: {exported['architecture']}, {exported['parameters']:,} parameters, {megabytes(exported['bytes'])} "
        f"with its vocabulary and shortlist, {megabytes(exported['download_bytes'])} to download."
    )


def megabytes(number: int) -> str:
    return f"{number / 1e6:.2f} MB"
