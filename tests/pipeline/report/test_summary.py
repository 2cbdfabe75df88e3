"""The summary of a run: order, samples side by side, and what cannot be compared."""

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.analyze import analyze
from pipeline.common.lines import write_lines
from pipeline.common.script import StepError
from pipeline.report import summary

EXPORTED = {
    "sourceLanguage": "en",
    "targetLanguage": "it",
    "architecture": "tiny",
    "modelStatistics": {"parameters": 1234567},
    "files": {
        "model.enit.intgemm8.bin": {"plain": {"byteSize": 2_000_000}, "gzipped": {"byteSize": 1_500_000}},
        "vocab.enit.spm": {"plain": {"byteSize": 500_000}, "gzipped": {"byteSize": 250_000}},
    },
}


def evaluation(model: str, dataset: str = "devtest", **changes: Any) -> dict[str, Any]:
    """Metrics as an evaluation writes them, with two samples."""
    scores = {name: {"score": score, "signature": f"{name} signature"} for name, score in (("bleu", 31.25), ("chrf", 55.5), ("ter", 60.0))}
    samples = [{"source": f"source {n}", "reference": f"reference {n}", "translation": f"{model} {n}"} for n in (1, 2)]
    metrics = {"model": model, "dataset": dataset, "src": "en", "trg": "it", "lines": 1000, "samples": samples}
    return metrics | {"scores": scores | {"comet": "not available"}} | changes


def write_metrics(folder: Path, *evaluations: dict[str, Any]) -> Path:
    for number, metrics in enumerate(evaluations):
        file = folder / f"{number}" / "deeper" / "metrics.json"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(metrics))
    return folder


def run_summary(folder: Path, output: Path, *more: str) -> tuple[str, dict[str, Any]]:
    markdown, data = output / "summary.md", output / "summary.json"
    statistics = ["--statistics", str(output / "statistics.json")]
    summary.main(["--metrics", str(folder), "--output", str(markdown), str(data), *statistics, *more])
    return markdown.read_text(encoding="utf-8"), json.loads(data.read_text(encoding="utf-8"))


def test_the_summary_of_a_run(tmp_path: Path) -> None:
    models = ["student-quantized", "teacher-2", "student", "teacher-1"]
    metrics = write_metrics(tmp_path / "metrics", *(evaluation(model) for model in models))
    (tmp_path / "metadata.json").write_text(json.dumps(EXPORTED))
    markdown, data = run_summary(metrics, tmp_path, "--export-metadata", str(tmp_path / "metadata.json"))
    assert markdown == (
        """\
| test set      | model             | chrF | BLEU |  TER | COMET | lines |
| ------------- | ----------------- | ---: | ---: | ---: | ----: | ----: |
| devtest en-it | teacher-1         | 55.5 | 31.2 | 60.0 |     — | 1,000 |
|               | teacher-2         | 55.5 | 31.2 | 60.0 |     — | 1,000 |
|               | student           | 55.5 | 31.2 | 60.0 |     — | 1,000 |
|               | student-quantized | 55.5 | 31.2 | 60.0 |     — | 1,000 |

— COMET: not available where the evaluation ran, see docs/evaluation.md.

2 of the 1,000 lines of devtest, en-it:

```text
source             source 1
reference          reference 1
teacher-1          teacher-1 1
teacher-2          teacher-2 1
student            student 1
student-quantized  student-quantized 1

source             source 2
reference          reference 2
teacher-1          teacher-1 2
teacher-2          teacher-2 2
student            student 2
student-quantized  student-quantized 2
```

Exported model: tiny, 1,234,567 parameters, 2.50 MB with its vocabulary and shortlist, 1.75 MB to download.
"""
    )
    assert data["exported"]["bytes"] == 2_500_000
    assert data["samples"]["rows"][1]["translations"]["student"] == "student 2"
    assert data["scores"][0] == {
        "model": "teacher-1",
        "dataset": "devtest",
        "src": "en",
        "trg": "it",
        "lines": 1000,
        "bleu": 31.25,
        "chrf": 55.5,
        "ter": 60.0,
        "comet": None,
        "signatures": {"bleu": "bleu signature", "chrf": "chrf signature", "ter": "ter signature"},
    }


def test_every_model_on_every_test_set_in_one_table(tmp_path: Path) -> None:
    """COMET for some only: a machine had its model."""
    comet = {"score": 84.126, "signature": "model:wmt22-comet-da"}
    models = ["teacher-10", "teacher-2", "teacher-ensemble", "student", "finetuned-student", "student-quantized"]
    evaluations = [evaluation(model, dataset) for model in models for dataset in ("flores", "books")]
    evaluations += [evaluation("backwards", dataset, src="it", trg="en") for dataset in ("flores", "books")]
    for metrics in evaluations:
        if metrics["model"] != "student-quantized":
            metrics["scores"]["comet"] = comet
    (tmp_path / "metadata.json").write_text(json.dumps(EXPORTED))
    folder = write_metrics(tmp_path / "metrics", *evaluations)
    markdown, data = run_summary(folder, tmp_path, "--export-metadata", str(tmp_path / "metadata.json"))
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in markdown.splitlines() if line.startswith("|")]
    ordered = ["teacher-2", "teacher-10", "teacher-ensemble", "student", "finetuned-student", "student-quantized"]
    assert [row[:2] for row in rows[2:]] == [
        *([name, model] for test_set in ("books", "flores") for name, model in zip([f"{test_set} en-it", *[""] * 5], ordered, strict=True)),
        ["books it-en", "backwards"],
        ["flores it-en", "backwards"],
    ]
    assert [row[5] for row in rows[2:]] == (["84.1"] * 5 + ["—"]) * 2 + ["84.1"] * 2
    assert "— COMET: not available" in markdown
    assert [row["comet"] for row in data["scores"][4:7]] == [84.126, None, 84.126]
    assert data["scores"][0]["signatures"]["comet"] == "model:wmt22-comet-da"

    for file in folder.rglob("metrics.json"):
        file.write_text(file.read_text().replace('"not available"', json.dumps(comet)))
    markdown, _ = run_summary(folder, tmp_path)
    assert "not available" not in markdown


def test_the_data_of_the_run(tmp_path: Path) -> None:
    metrics = write_metrics(tmp_path / "metrics", evaluation("student"))
    for dataset, languages, lines in (("opus_Books/v1", ["en", "it"], 1200), ("news-crawl_2021", ["it"], 7)):
        file = tmp_path / "analyses" / languages[0] / "analysis.json"
        file.parent.mkdir(parents=True)
        corpus = [file.with_name(f"set.{language}.zst") for language in languages]
        for side in corpus:
            write_lines(side, ["una riga"] * lines)
        statistics = file.with_name("statistics.json")
        words = ["--corpus", *corpus, "--languages", *languages, "--dataset", dataset, "--output", file, "--statistics", statistics]
        analyze.main([str(word) for word in (*words, "--threads", 1)])
    markdown, data = run_summary(metrics, tmp_path, "--analyses", str(tmp_path / "analyses"))
    assert (
        """\
Data, as it was downloaded:

| dataset         | languages | lines |
| --------------- | --------- | ----: |
| news-crawl_2021 | it        |     7 |
| opus_Books/v1   | en-it     | 1,200 |
"""
        in markdown
    )
    assert data["datasets"][1] == {"dataset": "opus_Books/v1", "languages": ["en", "it"], "lines": 1200}
    assert json.loads((tmp_path / "statistics.json").read_text()) == {"evaluations": 1, "datasets": 2}

    file.write_text('{"lines": 1}')
    with pytest.raises(StepError, match=r"analysis\.json: no dataset, sides, expected the analysis of a dataset"):
        run_summary(metrics, tmp_path, "--analyses", str(tmp_path / "analyses"))


@pytest.mark.parametrize("folder", ["empty", "nowhere"])
def test_without_analyses_there_is_no_table(folder: str, tmp_path: Path) -> None:
    metrics = write_metrics(tmp_path / "metrics", evaluation("student"))
    (tmp_path / "empty").mkdir()
    markdown, data = run_summary(metrics, tmp_path, "--analyses", str(tmp_path / folder))
    assert "Data" not in markdown
    assert data["datasets"] == []


def test_the_exported_direction_comes_first(tmp_path: Path) -> None:
    backwards = evaluation("backwards", src="en", trg="cs")
    metrics = write_metrics(tmp_path / "metrics", backwards, evaluation("student", "b"), evaluation("student", "a"))
    (tmp_path / "metadata.json").write_text(json.dumps(EXPORTED))
    _, data = run_summary(metrics, tmp_path, "--export-metadata", str(tmp_path / "metadata.json"))
    assert [(row["trg"], row["dataset"]) for row in data["scores"]] == [("it", "a"), ("it", "b"), ("cs", "devtest")]
    assert data["samples"]["dataset"] == "a"
    _, data = run_summary(metrics, tmp_path)
    assert data["scores"][0]["trg"] == "cs"
    assert data["exported"] is None


def test_columns_stay_aligned_with_wide_characters(tmp_path: Path) -> None:
    metrics = write_metrics(tmp_path / "metrics", evaluation("student", "新聞"), evaluation("student", "devtest"))
    markdown, _ = run_summary(metrics, tmp_path)
    rows = [line for line in markdown.splitlines() if line.startswith("|")]
    assert len(rows[-1]) == len(rows[0]) - 2  # two characters of two columns each


def test_models_of_a_run_stand_in_the_order_of_their_making() -> None:
    names = ["student-quantized", "something", "teacher-10", "finetuned-student", "student", "teacher-ensemble", "backwards", "teacher-2"]
    assert sorted(names, key=summary.model_order) == [
        *("backwards", "teacher-2", "teacher-10", "teacher-ensemble", "student", "finetuned-student", "student-quantized", "something"),
    ]


def test_models_that_saw_different_lines_are_not_compared(tmp_path: Path) -> None:
    other = evaluation("student")
    other["samples"][1] = other["samples"][1] | {"source": "another line"}
    metrics = write_metrics(tmp_path / "metrics", evaluation("teacher-1"), other)
    with pytest.raises(StepError, match="devtest: student and teacher-1 were evaluated on different lines"):
        run_summary(metrics, tmp_path)


@pytest.mark.parametrize(
    ("evaluations", "message"),
    [
        ([], r"metrics: no metrics\.json below it"),
        ([evaluation("student"), evaluation("student")], "are both metrics of student on devtest"),
        ([{"model": "student"}], r"metrics\.json: no dataset, src, trg, lines, scores, samples"),
    ],
)
def test_what_cannot_be_summarized(evaluations: list[dict[str, Any]], message: str, tmp_path: Path) -> None:
    with pytest.raises(StepError, match=message):
        run_summary(write_metrics(tmp_path / "metrics", *evaluations), tmp_path)


def test_a_broken_metrics_file_is_named(tmp_path: Path) -> None:
    metrics = write_metrics(tmp_path / "metrics", evaluation("student"))
    next(metrics.rglob("metrics.json")).write_text("{")
    with pytest.raises(StepError, match=r"metrics\.json: not JSON"):
        run_summary(metrics, tmp_path)
