"""A training of a few updates on a toy corpus, which may be killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.common.lines import read_lines, write_lines

TRANSFORMER = {"enc-depth": 1, "dec-depth": 1, "dim-emb": 32, "transformer-dim-ffn": 64, "transformer-heads": 4}
LEARNING = {
    "mini-batch-fit": "false", "mini-batch": 32, "maxi-batch": 10, "exponential-smoothing": 0, "learn-rate": 0.003, "lr-warmup": 10,
    "disp-freq": 10, "valid-freq": 20, "save-freq": 20, "workspace": 200,
}  # fmt: skip
SCRIPT = [sys.executable, "-m", "pipeline.train.train"]


def training_words(
    folder: Path, corpus: tuple[Path, Path], vocab: tuple[Path, Path], updates: int, marian: dict[str, Any] | None = None, /, **changed: Any
) -> list[str]:
    """The command line of a training in `folder`, of so many updates; `marian` are options of Marian, the rest those of the script."""
    arguments = {
        "architecture": "teacher",
        "curriculum": "teacher-one-stage",
        "src": "en",
        "trg": "it",
        "corpus": corpus,
        "devset": tiny_devset(folder, corpus),
        "vocab": vocab,
        "best-metric": "chrf",
        "work-dir": folder / "work",
        "output-dir": folder / "out",
        "statistics": folder / "out/statistics.json",
        "threads": 1,
        **{name.replace("_", "-"): value for name, value in changed.items()},
    }
    line = []
    for name, value in arguments.items():
        line += [f"--{name}", *map(str, value if isinstance(value, tuple) else [value])]
    options = LEARNING | {"after": f"{updates}u"} | (TRANSFORMER if marian is None else marian)
    return [*line, "--modify", "--", *(word for name, value in options.items() for word in (f"--{name}", str(value)))]


def tiny_devset(folder: Path, corpus: tuple[Path, Path]) -> tuple[Path, Path]:
    """The first 20 pairs of a corpus."""
    sides = folder / "devset.en.zst", folder / "devset.it.zst"
    for source, target in zip(corpus, sides, strict=True):
        write_lines(target, list(read_lines(source))[:20])
    return sides


def kill_training(words: list[str], log: Path, when: Callable[[], bool]) -> None:
    """Starts a training, and kills all its processes as soon as `when` is true."""
    with log.open("wb") as file:
        process = subprocess.Popen([*SCRIPT, *words], stderr=file, start_new_session=True)
    try:
        deadline = time.monotonic() + 120
        while not when():
            assert process.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.002)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def run_training(words: list[str]) -> str:
    """Runs a training to its end, and returns its log."""
    run = subprocess.run([*SCRIPT, *words], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stderr


def curve_of(folder: Path, metric: str = "chrf") -> dict[int, float]:
    """The values of a metric by update."""
    rows = json.loads((folder / "out/training-curve.json").read_text())
    return {row["update"]: row["value"] for row in rows if row["metric"] == metric}
