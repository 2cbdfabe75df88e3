"""The tiny model translates from English to Italian: it is the backwards model of a student from Italian to English."""

import json
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.common.lines import read_lines, write_lines
from pipeline.common.script import StepError
from pipeline.distillation.score import main
from tests.pipeline.toy_language import toy_sentences

SMALL = ["--", "--workspace", "200", "--mini-batch", "8", "--maxi-batch", "2"]


def arguments(model: Path, vocab, folder: Path) -> list[str]:
    given = {"--model": [model], "--vocab": vocab[::-1], "--corpus": [folder / "corpus.it.zst", folder / "corpus.en.zst"]}
    given |= {"--output": [folder / "out" / "scores.zst"], "--work-dir": [folder / "work"], "--statistics": [folder / "statistics.json"]}
    return [*(str(word) for name, values in given.items() for word in (name, *values)), "--threads", "1", *SMALL]


def write_pairs(folder: Path, sources: list[str], targets: list[str]) -> None:
    folder.mkdir(exist_ok=True)
    write_lines(folder / "corpus.it.zst", sources)
    write_lines(folder / "corpus.en.zst", targets)


def score(folder: Path, model: Path, vocab, sources: list[str], targets: list[str]) -> list[float]:
    write_pairs(folder, sources, targets)
    main(arguments(model, vocab, folder))
    return [float(line) for line in read_lines(folder / "out" / "scores.zst")]


def test_wrong_and_short_translations_score_less(tiny_model, vocab, tmp_path):
    pairs = toy_sentences(40, seed=11)
    sources, targets = [italian for _, italian in pairs], [english for english, _ in pairs]
    targets[7], targets[23] = "moon moon milk .", targets[23].split()[0]
    sources[23], targets[23] = "gatto vede rosso luna .", "cat ."
    scores = score(tmp_path, tiny_model, vocab, sources, targets)
    assert len(scores) == 40 and all(value < 0 for value in scores)
    assert {7, 23} <= set(sorted(range(40), key=lambda number: scores[number])[:4])
    assert json.loads((tmp_path / "statistics.json").read_text()) == {"lines": 40, "score": round(math.fsum(scores) / 40, 4)}
    assert list((tmp_path / "work").iterdir()) == []


def test_the_length_that_divides_is_the_sources(tiny_model, vocab, tmp_path):
    """Marian's own sum over the scored side, and its pieces counted by SentencePiece."""
    from sentencepiece import SentencePieceProcessor

    from pipeline.common.marian_lines import marian_lines

    sources, targets = ["rosso casa .", "città ."], ["red house with small moon .", "city"]
    scores = score(tmp_path, tiny_model, vocab, sources, targets)
    files = [tmp_path / "scored.en", tmp_path / "scored.it"]
    for path, lines in zip(files, (targets, sources), strict=True):
        write_lines(path, lines)
    options = {"model": tiny_model, "vocabs": vocab, "train-sets": files, "cpu-threads": 1, "workspace": 200}
    pieces = SentencePieceProcessor(model_file=str(vocab[1])).encode(sources)
    sums = [float(line) for line in marian_lines("score", options)]
    assert scores == pytest.approx([total / (len(line) + 1) for total, line in zip(sums, pieces, strict=True)], rel=1e-4, abs=1e-6)


def test_odd_lines_have_scores(tiny_model, vocab, tmp_path):
    sources = ["rosso casa .", "", "città .", "rosso\rgatto", "rosso\u2028gatto", "rosso " * 900, "città ."]
    targets = ["red house .", "", "", "red\rcat", "red\u2028cat", "red " * 900, "city ."]
    scores = score(tmp_path, tiny_model, vocab, sources, targets)
    assert len(scores) == 7 and all(map(math.isfinite, scores))
    assert scores[6] > scores[2]


def test_an_empty_corpus_needs_no_marian(tmp_path):
    for name in ("model.npz", "vocab.spm"):
        (tmp_path / name).touch()
    assert score(tmp_path, tmp_path / "model.npz", (tmp_path / "vocab.spm",) * 2, [], []) == []


@pytest.mark.parametrize(("sources", "targets"), [(["a"], ["a", "b"]), (["a", "b"], ["a"])])
def test_unequal_sides(tmp_path, sources, targets):
    for name in ("model.npz", "vocab.spm"):
        (tmp_path / name).touch()
    with pytest.raises(StepError, match=rf"corpus\.it\.zst has {len(sources)} lines, .*corpus\.en\.zst has {len(targets)}"):
        score(tmp_path, tmp_path / "model.npz", (tmp_path / "vocab.spm",) * 2, sources, targets)


def test_a_killed_run_goes_on_with_the_same_result(tiny_model, vocab, tmp_path):
    pairs = toy_sentences(2500, seed=12)
    sources, targets = [italian for _, italian in pairs], [english for english, _ in pairs]
    expected = score(tmp_path / "whole", tiny_model, vocab, sources, targets)

    write_pairs(tmp_path, sources, targets)
    command = [sys.executable, "-m", "pipeline.distillation.score", *arguments(tiny_model, vocab, tmp_path)]
    process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
    written = tmp_path / "work" / "scores.txt"
    while process.poll() is None and not (written.exists() and written.stat().st_size > 0):
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert 0 < written.read_bytes().count(b"\n") < len(sources)
    assert not (tmp_path / "out").exists()

    # Marked, so that it shows that what was scored is not scored again.
    written.write_bytes(b"1.5\n" + written.read_bytes().split(b"\n", 1)[1])
    assert score(tmp_path, tiny_model, vocab, sources, targets) == [1.5, *expected[1:]]


def test_marian_that_fails_is_an_error(vocab, tmp_path):
    (tmp_path / "model.npz").write_bytes(b"not a model")
    with pytest.raises(StepError, match=r"Marian ended with exit code .*model\.npz"):
        score(tmp_path, tmp_path / "model.npz", vocab, ["rosso"], ["red"])
