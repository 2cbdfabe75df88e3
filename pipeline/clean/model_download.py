"""Runs the downloader of a tool that fetches models, as often as it takes."""

import logging
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from pipeline.common.script import RetryableError, StepError

ATTEMPTS = 4
WAIT = 10.0  # seconds before the second attempt, doubled before each further one

Result = TypeVar("Result")


class NoSuchModelError(Exception):
    """The downloader reached its hub, and there is no model of this name."""


class FailedDownloadError(Exception):
    """This attempt failed; the next one may succeed."""


def with_retries(attempt: Callable[[], Result], name: str) -> Result:
    """What `attempt` returns; raises RetryableError where it failed ATTEMPTS times."""
    for number in range(ATTEMPTS):
        try:
            return attempt()
        except FailedDownloadError as error:
            failure = error
            if number + 1 < ATTEMPTS:
                wait = WAIT * 2**number
                logging.warning("%s: %s; again in %.0f s", name, error, wait)
                time.sleep(wait)
    raise RetryableError(f"{name}: {failure}; gave up after {ATTEMPTS} attempts")


def run_downloader(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> tuple[int, str]:
    """Runs the command that is to fill `folder`; returns its exit code and what it wrote to stderr, which is shown too.

    The folder is made empty before: where the hub cannot be reached, downloaders take what an interrupted one left there for the model.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    logging.info("%s", shlex.join(command))
    finished = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr.fileno(),
        stderr=subprocess.PIPE,
        env={**os.environ, "LC_ALL": "C", **environment},
        text=True,
        errors="replace",
    )
    sys.stderr.write(finished.stderr)
    return finished.returncode, finished.stderr


def find_metadata(folder: Path) -> Path | None:
    """The metadata.yaml of the model below `folder`, whose folder is the one that the tools want named; None where there is none.

    Some models come in a folder of their own, and some without.
    """
    found = sorted([*folder.glob("metadata.yaml"), *folder.glob("*/metadata.yaml")])
    if len(found) > 1:
        raise StepError(f"{folder}: more than one model was downloaded: {', '.join(map(str, found))}")
    return found[0] if found else None
