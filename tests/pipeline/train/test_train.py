"""Training on a toy corpus: real OpusTrainer, real Marian, a few updates."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.common.lines import read_lines, write_lines
from pipeline.common.script import StepError
from pipeline.train.train import best_validation, main

SMALL = {
    "enc-depth": 1, "dec-depth": 1, "dim-emb": 32, "transformer-dim-ffn": 64, "transformer-heads": 4, "mini-batch-fit": "false",
    "mini-batch": 32, "maxi-batch": 10, "exponential-smoothing": 0, "learn-rate": 0.003, "lr-warmup": 10, "disp-freq": 10, "valid-freq": 20,
    "workspace": 200,
}  # fmt: skip


@pytest.fixture
def train(tmp_path, tiny_corpus, vocab):
    """The command line of a training in tmp_path, of so many updates."""

    def words(updates, save_freq=20, **changed):
        arguments = {
            "architecture": "teacher",
            "curriculum": "teacher-one-stage",
            "src": "en",
            "trg": "it",
            "corpus": tiny_corpus,
            "devset": tiny_devset(tmp_path, tiny_corpus),
            "vocab": vocab,
            "best-metric": "chrf",
            "work-dir": tmp_path / "work",
            "output-dir": tmp_path / "out",
            "statistics": tmp_path / "out/statistics.json",
            "threads": 1,
            **{name.replace("_", "-"): value for name, value in changed.items()},
        }
        line = []
        for name, value in arguments.items():
            line += [f"--{name}", *map(str, value if isinstance(value, tuple) else [value])]
        marian = [
            word for name, value in {**SMALL, "save-freq": save_freq, "after": f"{updates}u"}.items() for word in (f"--{name}", str(value))
        ]
        return [*line, "--modify", "--", *marian]

    return words


def tiny_devset(folder: Path, corpus: tuple[Path, Path]) -> tuple[Path, Path]:
    """The first 20 pairs of a corpus."""
    sides = folder / "devset.en.zst", folder / "devset.it.zst"
    for source, target in zip(corpus, sides, strict=True):
        write_lines(target, list(read_lines(source))[:20])
    return sides


def test_a_teacher_is_trained_and_its_curve_written(train, tmp_path):
    main(train(40))
    curve = json.loads((tmp_path / "out/training-curve.json").read_text())
    assert {(row["update"], row["metric"]) for row in curve} == {
        (update, metric) for update in (20, 40) for metric in ("chrf", "ce-mean-words", "bleu-detok")
    }
    costs = [row["value"] for row in curve if row["metric"] == "ce-mean-words"]
    assert costs[1] < costs[0]
    statistics = json.loads((tmp_path / "out/statistics.json").read_text())
    assert statistics["lines"] == 3000
    assert statistics["best"] == best_validation(curve, "chrf")
    assert (tmp_path / "out/model.npz").stat().st_size > 10_000


def test_a_student_learns_with_guided_alignment(train, tmp_path, tiny_corpus):
    alignments = tmp_path / "corpus.aln.zst"
    lengths = [len(line.split()) for line in read_lines(tiny_corpus[0])]
    write_lines(alignments, (" ".join(f"{word}-{word}" for word in range(length)) for length in lengths))
    main(train(20, architecture="tiny", curriculum="student", alignments=alignments, best_metric="ce-mean-words"))
    assert (tmp_path / "out/model.npz").exists()
    fields = [line.split("\t") for line in read_lines(tmp_path / "work/corpus.tsv")]
    assert all(pieces and tokens for _, _, pieces, tokens in fields)
    assert sum(len(pieces) > len(tokens) for _, _, pieces, tokens in fields) > 300


def test_a_killed_training_goes_on_from_its_checkpoint(train, tmp_path):
    command = [sys.executable, "-m", "pipeline.train.train"]
    process = subprocess.Popen([*command, *train(5000, save_freq=100)], stderr=(tmp_path / "log").open("wb"), start_new_session=True)
    progress = tmp_path / "work/model.npz.progress.yml"
    deadline = time.monotonic() + 120
    while not progress.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.1)
    assert progress.exists(), (tmp_path / "log").read_text()
    # Marian writes a checkpoint's files one after the other; the next checkpoint is seconds away.
    time.sleep(0.5)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    stopped_at = int(next(line for line in progress.read_text().splitlines() if line.startswith("batches:")).split()[1])
    run = subprocess.run([*command, *train(stopped_at + 40)], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert "going on from the checkpoint" in run.stderr
    updates = [row["update"] for row in json.loads((tmp_path / "out/training-curve.json").read_text())]
    assert updates == sorted(updates)
    assert updates[0] == 20
    assert updates[-1] == stopped_at + 40


def test_a_checkpoint_that_was_cut_off_is_discarded(train, tmp_path):
    main(train(20))
    model = tmp_path / "work/model.npz"
    model.write_bytes(model.read_bytes()[:5000])
    main(train(20))
    assert model.stat().st_size > 5000


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"architecture": "gigantic"}, "there is no gigantic in architectures: base, base-memory, teacher, tiny"),
        (
            {"curriculum": "teacher-three-stage"},
            "there is no teacher-three-stage in curricula: student, teacher-one-stage, teacher-two-stage",
        ),
        ({"corpus": (Path("nowhere.en.zst"), Path("nowhere.it.zst"))}, "missing input: nowhere.en.zst, nowhere.it.zst"),
    ],
)
def test_a_wrong_argument_is_one_clear_error(train, changed, message):
    with pytest.raises(StepError) as error:
        main(train(20, **changed))
    assert str(error.value) == message


def test_sides_of_unequal_length_are_an_error(train, tmp_path, tiny_corpus):
    short = tmp_path / "short.it.zst"
    write_lines(short, list(read_lines(tiny_corpus[1]))[:-1])
    with pytest.raises(StepError, match=r"short\.it\.zst: ends after 2999 lines"):
        main(train(20, corpus=(tiny_corpus[0], short)))
    assert not (tmp_path / "out").exists()


def test_an_empty_corpus_is_an_error(train, tmp_path):
    empty = tmp_path / "empty.zst"
    write_lines(empty, [])
    with pytest.raises(StepError, match="no sentence to train on"):
        main(train(20, corpus=(empty, empty)))


def test_the_best_validation_is_the_highest_score_or_the_lowest_cost():
    values = {"chrf": (20, 30, 30), "ce-mean-words": (5, 4, 6)}
    curve = [{"update": update, "metric": metric, "value": value} for metric in values for update, value in enumerate(values[metric], 1)]
    assert best_validation(curve, "chrf")["update"] == 2
    assert best_validation(curve, "ce-mean-words")["update"] == 2
    assert best_validation(curve, "ter") is None
