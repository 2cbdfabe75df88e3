"""With a classifier that gives each pair the score that stands at the beginning of its source line."""

import json
from pathlib import Path

import pytest

from pipeline.clean import bicleaner_ai
from pipeline.clean.bicleaner_ai import main
from pipeline.clean.bicleaner_model import ModelDescription, pack
from pipeline.common.lines import read_lines, write_lines
from pipeline.common.script import RetryableError, StepError

CLASSIFIER = """
column = int(sys.argv[sys.argv.index("--scol") + 1]) - 1
for line in sys.stdin:
    source, target = line.rstrip("\\n").split("\\t")
    print((source, target)[column].split(" ")[0])
"""
# By columns as they come: the first is the corpus's source, whichever is the model's.
SWAPPED = "for line in sys.stdin:\n    print(line.split()[0])\n"
SCORES = ["0.900", "0.100", "0.500", "0.499", "1.000", "0.000", "0.730"]
KEPT = [0, 2, 4, 6]


@pytest.fixture
def classify(tmp_path, command):
    """Filters a corpus by SCORES at 0.5; returns the rows that are kept, with their scores."""
    command("bicleaner-ai-classify", CLASSIFIER)
    corpus = [tmp_path / "corpus.en.zst", tmp_path / "corpus.it.zst"]
    write_lines(corpus[0], [f"{score} source\u2028\t{number}" for number, score in enumerate(SCORES)])
    write_lines(corpus[1], [f"\ttarget {number}" for number in range(len(SCORES))])
    pack_model(tmp_path, "en-it", swapped=False)
    outputs = [tmp_path / "out" / name for name in ("kept.en.zst", "kept.it.zst", "kept.scores.zst")]

    def run() -> list[tuple[str, ...]]:
        words = ["--corpus", *corpus, "--src", "en", "--trg", "it", "--model", "model.tar.zst", "--threshold", "0.5", "--threads", "3"]
        words += ["--output", *outputs[:2], "--output-scores", outputs[2], "--work-dir", "work", "--statistics", "statistics.json"]
        main([str(word) for word in words])
        return list(zip(*map(read_lines, outputs), strict=True))

    return run


def pack_model(folder: Path, name: str, *, swapped: bool, trg: str = "it") -> None:
    (folder / "packed" / "model").mkdir(parents=True, exist_ok=True)
    (folder / "packed" / "model" / "metadata.yaml").write_text("threshold: 0.5\n")
    pack(folder / "packed", ModelDescription(name, "en", trg, swapped), folder / "model.tar.zst")


def expected() -> list[tuple[str, ...]]:
    return [(f"{SCORES[number]} source\u2028\t{number}", f"\ttarget {number}", SCORES[number]) for number in KEPT]


def test_pairs_with_the_threshold_or_more_are_kept_as_they_were(classify, tmp_path):
    assert classify() == expected()
    assert json.loads((tmp_path / "statistics.json").read_text()) == {
        "lines": {"in": 7, "out": 4},
        "threshold": 0.5,
        "scores": {"0.0": 1, "0.1": 1, "0.2": 0, "0.3": 0, "0.4": 1, "0.5": 1, "0.6": 0, "0.7": 1, "0.8": 0, "0.9": 2},
        "model": {"name": "en-it", "src": "en", "trg": "it", "swapped": False},
    }
    assert list((tmp_path / "work").iterdir()) == []
    told = (tmp_path / "bicleaner-ai-classify.log").read_text()
    assert told.startswith("--scol 1 --tcol 2 --source_lang en --target_lang it --block_size 10000 --score_only --disable_hardrules")
    assert told.endswith("- - work/bicleaner-ai/model/model\n")


def test_a_model_of_the_other_direction_gets_the_columns_swapped(classify, command, tmp_path):
    command("bicleaner-ai-classify", SWAPPED)
    pack_model(tmp_path, "it-en", swapped=True)
    assert classify() == expected()
    assert (tmp_path / "bicleaner-ai-classify.log").read_text().startswith("--scol 2 --tcol 1 --source_lang it --target_lang en ")


def test_several_devices_give_the_same(classify, command, tmp_path, monkeypatch):
    one = classify()
    statistics = (tmp_path / "statistics.json").read_bytes()
    command("nvidia-smi", "print('GPU 0: one')\nprint('GPU 1: another')\n")
    monkeypatch.setenv("GPUS", "0 1")
    monkeypatch.setattr(bicleaner_ai, "BLOCK", 2)
    assert classify() == one
    assert (tmp_path / "statistics.json").read_bytes() == statistics
    told = (tmp_path / "bicleaner-ai-classify.log").read_text().splitlines()[1:]
    assert len(told) == 2 and all("--require_gpu" in line for line in told)


def test_what_was_scored_is_not_scored_again(classify, tmp_path, monkeypatch):
    """The last two scores of the earlier run are of a block that it had not finished."""
    monkeypatch.setattr(bicleaner_ai, "BLOCK", 2)
    (tmp_path / "work" / "bicleaner-ai").mkdir(parents=True)
    (tmp_path / "work" / "bicleaner-ai" / "scores.0-of-1.txt").write_text("0.777\n0.888\n0.999\n0.9")
    assert [score for *_, score in classify()] == ["0.777", "0.888", "0.500", "1.000", "0.730"]


@pytest.mark.parametrize(
    ("answers", "error", "message"),
    [
        ("sys.exit(3)", StepError, "bicleaner-ai-classify ended with exit code 3; its log above says why"),
        ("sys.exit(75)", RetryableError, "bicleaner-ai-classify ended with exit code 75"),
        ("for line in list(sys.stdin)[1:]: print(0.5)", StepError, "bicleaner-ai-classify gave 6 scores for 7 lines"),
        ("for line in sys.stdin: print('nan')", StepError, r"a score from 0 to 1 expected on each line, found b'nan\\n'"),
        ("for line in sys.stdin: print(1.5)", StepError, r"a score from 0 to 1 expected on each line, found b'1.5\\n'"),
    ],
)
def test_a_classifier_that_fails(classify, command, tmp_path, answers, error, message):
    command("bicleaner-ai-classify", answers)
    with pytest.raises(StepError, match=message) as raised:
        classify()
    assert raised.type is error
    assert not (tmp_path / "out").exists() or list((tmp_path / "out").iterdir()) == []


def test_a_model_of_another_pair_or_none_at_all(classify, tmp_path):
    pack_model(tmp_path, "en-fr", swapped=False, trg="fr")
    with pytest.raises(StepError, match=r"model\.tar\.zst: the model is for en-fr, the corpus is en-it"):
        classify()
    (tmp_path / "model.tar.zst").write_bytes(b"no archive")
    with pytest.raises(StepError, match=r"model\.tar\.zst: not a model as fetch_bicleaner_model\.py packs it"):
        classify()


def test_without_the_command(classify, tmp_path):
    (tmp_path / "bin" / "bicleaner-ai-classify").unlink()
    with pytest.raises(StepError, match=r"not on PATH: bicleaner-ai-classify\. Install requirements/bicleaner\.txt"):
        classify()
