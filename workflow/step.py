"""Runs one command in a session of its own, and ends all of it when the run is over for whatever reason."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import BinaryIO

POLL_SECONDS = 0.2
# Between the request to stop and SIGKILL: long enough for Marian to save a checkpoint of a small model.
GRACE_SECONDS = 10


class StoppedError(Exception):
    """The run is over: a signal came, or the process that started this one is gone."""


class Watch:
    """Notices that the run is over; `check` is to be called often."""

    def __init__(self) -> None:
        self.parent = os.getppid()
        self.signal: int | None = None
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._remember)

    def _remember(self, number: int, frame: FrameType | None) -> None:
        self.signal = number

    def check(self) -> None:
        """Raises StoppedError if the run is over."""
        if self.signal is not None:
            raise StoppedError(f"stopped by {signal.Signals(self.signal).name}")
        # Killed with SIGKILL, the engine cannot pass anything on; that its child has a new parent is the only sign.
        if os.getppid() != self.parent:
            raise StoppedError("stopped, because the process that started it is gone")

    def sleep(self, seconds: float) -> None:
        """Raises StoppedError if the run is over before `seconds` have passed."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.check()
            time.sleep(min(left, POLL_SECONDS))


def run_step(
    command: Sequence[str],
    root: Path,
    environment: Mapping[str, str],
    log: BinaryIO,
    lock: int,
    tick: Callable[[], None],
) -> int:
    """Runs `command` in `root`, its output in `log`, and returns its exit code (128 + signal where one ended it).

    Every process of the step holds the file descriptor `lock` too. `tick` is called several times a second; what it raises ends the step.
    """
    process = subprocess.Popen(
        command,
        cwd=root,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        pass_fds=[lock],
    )
    try:
        while True:
            with suppress(subprocess.TimeoutExpired):
                code = process.wait(POLL_SECONDS)
                return code if code >= 0 else 128 - code
            tick()
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends the whole group, politely first."""
    if process.poll() is None:
        _signal_group(process, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_SECONDS)
    _signal_group(process, signal.SIGKILL)
    process.wait()


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)
