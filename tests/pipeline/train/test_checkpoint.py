"""Checkpoints of trainings that were killed at any moment."""

import os
from pathlib import Path

import numpy as np
import pytest
import yaml

from pipeline.train.checkpoint import is_of_one_save, is_whole, parts, read_progress, take_up_validations

LOG = """[2026-01-31 12:00:00] [valid] Ep. 1 : Up. 20 : chrf : 30.5 : new best
[2026-01-31 12:00:00] [valid] Ep. 1 : Up. 20 : ce-mean-words : 3.5 : new best
[2026-01-31 12:00:01] [valid] Ep. 1 : Up. 40 : chrf : 31.5 : new best
[2026-01-31 12:00:01] [valid] Ep. 1 : Up. 40 : ce-mean-words : 3.6 : stalled 1 times (last best: 3.5)
[2026-01-31 12:00:02] [valid] Ep. 1 : Up. 60 : chrf : nan : stalled 1 times (last best: 31.5)
"""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A checkpoint of update 60, saved before the validations of that update."""
    weights, progress, optimizer = parts(tmp_path / "model.npz")
    np.savez(weights, Wemb=np.zeros((10, 10)))
    validators = {"chrf": {"last-best": 31.4999, "stalled": 0}, "bleu-detok": {"last-best": 0.5, "stalled": 7}}
    progress.write_text(
        yaml.safe_dump({"batches": 60, "validators": validators, "seed-batch": "1 2", "seed-corpus": "1 2"}, sort_keys=False)
    )
    np.savez(optimizer, adam_mt=np.zeros((1, 100)))
    for seconds, path in enumerate((weights, progress, optimizer)):
        os.utime(path, (1000 + seconds, 1000 + seconds))
    return weights


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-2])


@pytest.mark.parametrize("part", range(3))
@pytest.mark.parametrize("damage", [cut, Path.unlink, lambda path: path.write_bytes(b"")])
def test_a_checkpoint_with_a_broken_part_is_not_whole(model, part, damage):
    assert is_whole(model)
    damage(parts(model)[part])
    assert not is_whole(model)


@pytest.mark.parametrize(("replaced", "of_one_save"), [((), True), ((0,), False), ((0, 1), False), ((0, 1, 2), True)])
def test_a_save_that_was_stopped_half_way_is_noticed(model, replaced, of_one_save):
    for part in replaced:
        os.utime(parts(model)[part], (2000 + part, 2000 + part))
    assert is_whole(model)
    assert is_of_one_save(model) is of_one_save


def test_what_marian_found_out_after_it_had_saved_is_taken_up(model, tmp_path):
    log = tmp_path / "valid.log"
    log.write_text(LOG)
    take_up_validations(model, log)
    once = read_progress(parts(model)[1])
    assert once["validators"] == {
        "chrf": {"last-best": 31.5, "stalled": 1},
        "bleu-detok": {"last-best": 0.5, "stalled": 7},
        "ce-mean-words": {"last-best": 3.5, "stalled": 1},
    }
    assert (once["batches"], once["seed-batch"]) == (60, "1 2")
    assert is_of_one_save(model)
    take_up_validations(model, log)
    assert read_progress(parts(model)[1]) == once


def test_a_best_model_of_updates_that_are_to_be_repeated_still_counts(model, tmp_path):
    log = tmp_path / "valid.log"
    log.write_text(LOG + "[valid] Ep. 1 : Up. 80 : chrf : 40 : new best\n[valid] Ep. 1 : Up. 100 : chrf : 39 : stalled 1 times\n")
    take_up_validations(model, log)
    assert read_progress(parts(model)[1])["validators"]["chrf"] == {"last-best": 40.0, "stalled": 0}


def test_without_a_log_nothing_is_known(model, tmp_path):
    before = parts(model)[1].read_bytes()
    take_up_validations(model, tmp_path / "valid.log")
    assert parts(model)[1].read_bytes() == before
