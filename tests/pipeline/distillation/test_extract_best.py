import json
from pathlib import Path

import pytest

from pipeline.common.lines import read_lines, write_lines
from pipeline.common.script import StepError
from pipeline.distillation.extract_best import main

CANDIDATES = [
    ["il gatto dorme .", "un gatto dorme .", "un cane dorme ."],
    ["la luna ||| alta", "la luna \u2028 alta"],
    ["", ""],
    ["uno due", "due uno", "tre"],
]
REFERENCES = ["un cane dorme .", "la luna ||| alta", "", "xyz"]


def extract_best(folder: Path, candidates: list[list[str]], references: list[str], *words: str) -> list[str]:
    lines = (f"{number} ||| {text} ||| F0= -1 ||| -0.5" for number, texts in enumerate(candidates) for text in texts)
    write_lines(folder / "n-best.zst", lines)
    write_lines(folder / "reference.zst", references)
    given = {"--n-best": "n-best.zst", "--reference": "reference.zst", "--output": "best.zst", "--statistics": "statistics.json"}
    main([*(word for name, file in given.items() for word in (name, str(folder / file))), "--threads", "1", *words])
    return list(read_lines(folder / "best.zst"))


def test_the_candidate_closest_to_the_reference(tmp_path: Path):
    assert extract_best(tmp_path, CANDIDATES, REFERENCES) == ["un cane dorme .", "la luna ||| alta", "", "uno due"]
    statistics = json.loads((tmp_path / "statistics.json").read_text())
    assert {key: statistics[key] for key in ("lines", "candidates", "not-the-first")} == {"lines": 4, "candidates": 10, "not-the-first": 1}
    assert statistics["chrf"]["best"] > statistics["chrf"]["first"] > 0


def test_the_scores_are_sacrebleus(tmp_path: Path):
    from sacrebleu.metrics.chrf import CHRF

    extract_best(tmp_path, CANDIDATES[:1], REFERENCES[:1])
    scores = json.loads((tmp_path / "statistics.json").read_text())["chrf"]
    assert scores == {"first": pytest.approx(CHRF().sentence_score(CANDIDATES[0][0], REFERENCES[:1]).score, abs=1e-3), "best": 100.0}


def test_the_same_for_any_number_of_threads(tmp_path: Path):
    candidates, references = CANDIDATES * 300, REFERENCES * 300
    assert extract_best(tmp_path, candidates, references, "--threads", "2") == extract_best(tmp_path, candidates, references)


def test_nothing(tmp_path: Path):
    assert extract_best(tmp_path, [], []) == []


@pytest.mark.parametrize(
    ("candidates", "references", "error"),
    [
        (CANDIDATES, REFERENCES[:3], r"reference\.zst: ends after 3 lines, but .*n-best\.zst goes on with sentence 3"),
        (CANDIDATES[:3], REFERENCES, r"n-best\.zst: ends after sentence 2, but .*reference\.zst goes on at line 4"),
        ([["una"], [], ["due"]], ["una", "x", "due"], r"n-best\.zst:2: sentence 2, expected 1"),
    ],
)
def test_files_that_do_not_belong_together(tmp_path: Path, candidates: list[list[str]], references: list[str], error: str):
    with pytest.raises(StepError, match=error):
        extract_best(tmp_path, candidates, references)
    assert not (tmp_path / "best.zst").exists()
