"""Marian's command line: options as data, the devices a step was given, and running it.

The options are those of https://marian-nmt.github.io/docs/cmd/. A step keeps its own options in a dict, and what a user passes after
"--" goes on top of it, so an option never appears twice on the command line.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from pipeline.common.script import RetryableError, StepError

OptionValue = str | int | float | bool | Path | Sequence[str | int | float | Path]
Options = dict[str, OptionValue]


def add_marian_options(parser: argparse.ArgumentParser) -> None:
    """Lets a script take options of Marian after "--"; `parse_options` reads them."""
    parser.add_argument("marian_options", nargs="*", metavar="-- MARIAN_OPTIONS", help="further options of Marian, after all others")


def parse_options(words: Sequence[str]) -> Options:
    """Reads ["--maxi-batch", "100", "--fp16", "--dim-vocabs", "1", "2"]: a single value is a string, "true", "false" or no value a bool."""
    options: dict[str, list[str]] = {}
    name = ""
    for word in words:
        if word.startswith("--"):
            name = word.removeprefix("--")
            options[name] = []
        elif name:
            options[name].append(word)
        else:
            raise StepError(f"Marian option expected, found {word!r}: an option starts with --")
    flags: dict[tuple[str, ...], bool] = {(): True, ("true",): True, ("false",): False}
    return {name: flags.get(tuple(values), values[0] if len(values) == 1 else values) for name, values in options.items()}


def option_words(options: Mapping[str, OptionValue]) -> list[str]:
    """The command line of `options`; True is a bare flag, False leaves the option out."""
    words: list[str] = []
    for name, value in options.items():
        if value is False:
            continue
        words.append(f"--{name}")
        if value is True:
            continue
        values = [value] if isinstance(value, str | int | float | Path) else value
        words.extend(str(item) for item in values)
    return words


def command(action: str, options: Mapping[str, OptionValue]) -> list[str]:
    """`pymarian ACTION --option value …`, run by the interpreter that runs this; actions: train decode score vocab convert."""
    return [sys.executable, "-m", "pymarian", action, *option_words(options)]


def granted_gpus() -> list[str]:
    """Ids of the GPUs this step was given (GPUS, such as "0 1"); raises RetryableError where the driver does not show as many."""
    gpus = os.environ.get("GPUS", "").split()
    if gpus:
        listing = ""
        if shutil.which("nvidia-smi"):
            listing = subprocess.run(["nvidia-smi", "--list-gpus"], capture_output=True, text=True).stdout
        visible = sum(line.startswith("GPU ") for line in listing.splitlines())
        if visible < len(gpus):
            raise RetryableError(f"GPUS names {len(gpus)} GPUs, nvidia-smi shows {visible}")
    return gpus


def decoding_devices(threads: int) -> Options:
    """Options that put decoding or scoring on the granted GPUs, or without any on `threads` CPU threads."""
    if gpus := granted_gpus():
        return {"devices": gpus, "workspace": int(os.environ.get("WORKSPACE", 8000))}
    return {"cpu-threads": threads, "workspace": 1000}


def training_devices(threads: int) -> Options:
    """As decoding_devices, for training.

    Asynchronous updates do not learn on two or more CPU threads, and without clipping they diverge: on the CPU training is synchronous.
    """
    if gpus := granted_gpus():
        return {"devices": gpus, "workspace": int(os.environ.get("WORKSPACE", 8000)), "sync-sgd": True}
    return {"cpu-threads": threads, "workspace": 1000, "sync-sgd": True, "clip-norm": 1}


def environment() -> dict[str, str]:
    """Marian's environment: one thread of the linear algebra library per Marian thread, or each of these would start one per core."""
    return os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def run_marian(action: str, options: Mapping[str, OptionValue], stdin: IO[bytes] | None = None, stdout: IO[bytes] | None = None) -> None:
    """Runs Marian to its end, its log on our stderr; raises StepError where it fails."""
    words = command(action, options)
    finished = subprocess.run(words, stdin=stdin or subprocess.DEVNULL, stdout=stdout or sys.stderr.fileno(), env=environment())
    if finished.returncode != 0:
        raise StepError(f"Marian ended with exit code {finished.returncode}; its log above says why. Command: {' '.join(words)}")
