"""Runs a training, and publishes its metrics to Weights & Biases beside it.

    python3 -m pipeline.track.run_tracked --log-dir WORK -- python3 -m pipeline.train.train --work-dir WORK …

Ends as the command ends, with its exit code or by the signal that ended it, whatever becomes of the publishing: a key that is not valid, no
network, no package, a process that hangs. Signals are passed on to the command and all that it has started. Without WANDB_API_KEY the
command takes this process's place.

The options and the variables that say what is published are those of wandb_publisher. The command does not see the key.
"""

import argparse
import ctypes
import logging
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

from pipeline.track import wandb_publisher

KEY = "WANDB_API_KEY"
# Seconds that the publisher has for what is left, once the command has ended.
GRACE = 120.0
# Seconds before a publisher that has ended by itself is started again, doubled each time up to the longest.
FIRST_WAIT, LONGEST_WAIT = 300.0, 3600.0
POLL_SECONDS = 0.5
PASSED_ON = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)
PR_SET_PDEATHSIG = 1  # prctl(2)
# What shells answer for a command that is not there, or cannot be executed.
NOT_FOUND, NOT_EXECUTABLE = 127, 126

logger = logging.getLogger(__name__)


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    parser.add_argument("--log-dir", type=Path, required=True, metavar="DIR", help="where Marian's logs are, or will be")
    parser.add_argument("--config", default="{}", metavar="JSON", help="what the run is about")
    parser.add_argument("command", nargs="+", metavar="-- COMMAND", help="the training")
    return parser


class Publisher:
    """The process that publishes. None of its methods fails."""

    def __init__(self, options: Sequence[str]):
        self.options = options
        self.process: subprocess.Popen[bytes] | None = None
        self.wait, self.next_start = FIRST_WAIT, 0.0

    def look_after(self) -> None:
        """Starts it, and starts it again some time after it has ended by itself: it goes on where it was."""
        if self.process and self.process.poll() is not None:
            logger.warning("publishing metrics ended with exit code %d; again in %.0f s", self.process.returncode, self.wait)
            self.process = None
            self.next_start = time.monotonic() + self.wait
            self.wait = min(2 * self.wait, LONGEST_WAIT)
        if not self.process and time.monotonic() >= self.next_start:
            try:
                self.process = subprocess.Popen(
                    [sys.executable, "-m", wandb_publisher.__name__, *self.options],
                    stdin=subprocess.DEVNULL,
                    stdout=sys.stderr.fileno(),
                    start_new_session=True,
                    preexec_fn=prepare_publisher,
                )
            except (OSError, subprocess.SubprocessError) as error:
                logger.warning("metrics are not published: %s; again in %.0f s", error, self.wait)
                self.next_start = time.monotonic() + self.wait

    def tell(self, succeeded: bool) -> None:
        """Asks it to publish what is left, and to end."""
        if self.process:
            with suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGTERM if succeeded else signal.SIGUSR1)

    def has_ended(self) -> bool:
        return not self.process or self.process.poll() is not None

    def kill(self) -> None:
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Command:
    """The training, a process group of its own, so that a signal reaches each of its processes once."""

    def __init__(self, words: Sequence[str]):
        self.process: subprocess.Popen[bytes] | None = None
        self.early: list[int] = []
        # Whether there was a signal that the command was not there for any more.
        self.late = False
        for number in PASSED_ON:
            signal.signal(number, self.pass_on)
        environment = {name: value for name, value in os.environ.items() if name != KEY}
        self.process = subprocess.Popen(words, env=environment, process_group=0, preexec_fn=lambda: die_with_parent(signal.SIGKILL))
        for early in self.early:
            self.pass_on(early, None)

    def pass_on(self, number: int, frame: FrameType | None) -> None:
        if self.process is None:
            self.early.append(number)
        elif self.process.returncode is not None:
            self.late = True
        else:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)

    def code(self, seconds: float) -> int | None:
        """The exit code, negative for a signal; None if it has not ended after some seconds."""
        assert self.process
        with suppress(subprocess.TimeoutExpired):
            return self.process.wait(seconds)
        return None


def main(argv: Sequence[str] | None = None) -> NoReturn:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", datefmt="%H:%M:%S", stream=sys.stderr)
    args = parser().parse_args(argv)
    try:
        if not os.environ.get(KEY):
            os.execvp(args.command[0], args.command)
        command = Command(args.command)
    except OSError as error:
        logger.error("%s: %s", args.command[0], error.strerror)
        sys.exit(NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_EXECUTABLE)
    publisher = Publisher(["--log-dir", str(args.log_dir), "--config", args.config])
    publisher.look_after()
    while (code := command.code(POLL_SECONDS)) is None:
        publisher.look_after()
    finish(publisher, command, code)
    end_as(code)


def finish(publisher: Publisher, command: Command, code: int) -> None:
    """Gives the publisher its time, unless a further signal says that there is none."""
    if not publisher.has_ended():
        logger.info("the command has ended with exit code %d; publishing what is left", code)
    publisher.tell(succeeded=code == 0)
    end = time.monotonic() + GRACE
    while not publisher.has_ended():
        if time.monotonic() > end or command.late:
            logger.warning("not all metrics were published in time")
            publisher.kill()
        time.sleep(0.05)


def end_as(code: int) -> NoReturn:
    if code < 0:
        # By the same signal, without a memory image of this process.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if -code not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    sys.exit(code)


def prepare_publisher() -> None:
    """In its process, before its program: when this process is killed, it is told that the training has failed."""
    signal.pthread_sigmask(signal.SIG_BLOCK, wandb_publisher.ENDS)
    die_with_parent(signal.SIGUSR1)


def die_with_parent(number: signal.Signals) -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)


if __name__ == "__main__":
    main()
