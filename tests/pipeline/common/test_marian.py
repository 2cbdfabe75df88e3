import os
from pathlib import Path

import pytest

from pipeline.common.marian import command, decoding_devices, option_words, parse_options, run_marian, training_devices
from pipeline.common.script import RetryableError, StepError


def test_options_are_read_as_a_user_writes_them() -> None:
    words = ["--maxi-batch", "100", "--fp16", "--dim-vocabs", "1", "2", "--mini-batch-fit", "false", "--tsv", "true", "--factor", "-1"]
    assert parse_options(words) == {
        "maxi-batch": "100",
        "fp16": True,
        "dim-vocabs": ["1", "2"],
        "mini-batch-fit": False,
        "tsv": True,
        "factor": "-1",
    }
    with pytest.raises(StepError, match="an option starts with --"):
        parse_options(["beam-size", "4"])


def test_a_later_option_replaces_an_earlier_one() -> None:
    merged = {"beam-size": 4, "normalize": True, "quiet": True} | parse_options(["--beam-size", "6", "--quiet", "false"])
    assert option_words(merged) == ["--beam-size", "6", "--normalize"]


def test_values_become_words() -> None:
    assert command("vocab", {"sets": [Path("a"), "b"], "rate": 0.1})[2:] == ["pymarian", "vocab", "--sets", "a", "b", "--rate", "0.1"]


def fake_nvidia_smi(folder: Path, gpus: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver that shows so many GPUs; the real one is not on the machines that test this."""
    listing = "\n".join(f"GPU {number}: NVIDIA Test" for number in range(gpus))
    program = folder / "nvidia-smi"
    program.write_text(f"#!/bin/sh\ncat <<END\n{listing}\nEND\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def test_without_gpus_marian_uses_the_granted_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GPUS", raising=False)
    assert decoding_devices(3)["cpu-threads"] == 3
    assert training_devices(3) == {"cpu-threads": 3, "workspace": 1000, "sync-sgd": True, "clip-norm": 1}


def test_granted_gpus_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_nvidia_smi(tmp_path, 2, monkeypatch)
    monkeypatch.setenv("GPUS", "0 1")
    monkeypatch.setenv("WORKSPACE", "12000")
    assert decoding_devices(3) == {"devices": ["0", "1"], "workspace": 12000}
    assert training_devices(3) == {"devices": ["0", "1"], "workspace": 12000, "sync-sgd": True}


def test_a_gpu_that_is_not_there_may_be_there_next_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_nvidia_smi(tmp_path, 1, monkeypatch)
    monkeypatch.setenv("GPUS", "0 1")
    with pytest.raises(RetryableError, match="GPUS names 2 GPUs, nvidia-smi shows 1"):
        decoding_devices(3)


def test_a_failure_of_marian_is_an_error_that_names_the_command() -> None:
    with pytest.raises(StepError, match=r"Marian ended with exit code -?\d+; .*pymarian decode --models nowhere\.npz"):
        run_marian("decode", {"models": "nowhere.npz", "cpu-threads": 1})
