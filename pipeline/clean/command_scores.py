"""A score for each line of a corpus, from a command that reads lines on stdin and writes one number for each on stdout.

The corpus is dealt out in blocks of lines, in turn, to as many processes as there are devices. Each process's scores are kept in a file
of its own as they come, and a killed run goes on from the last whole block of each. Which block a line is in does not depend on the number
of processes, so that a command whose scores depend on what is scored together still gives the same ones.

Memory: a few blocks for each process.
"""

import logging
import os
import shlex
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from queue import Full, Queue
from typing import IO, cast

from pipeline.common.lines import read_lines
from pipeline.common.marian_lines import resume_at
from pipeline.common.progress import progress
from pipeline.common.script import RETRYABLE_EXIT_CODE, RetryableError, StepError
from pipeline.common.workers import batches

WAITING = 2  # blocks that wait for each process, so that it never does
LOOK_AGAIN = 0.2  # seconds until a full queue is offered its block again, or its process found to have ended
ENDED_FROM_OUTSIDE = {-signal.SIGKILL, -signal.SIGTERM}  # by the kernel when memory runs out, or with the whole task


@dataclass(frozen=True)
class Scorer:
    """A command, and the environment variables of each process that is to run it; `block` lines are scored together."""

    command: Sequence[str]
    environments: Sequence[Mapping[str, str]]
    block: int


def find_commands(group: str, *names: str) -> None:
    """Raises StepError where one of the commands is not on PATH; `group` of pyproject.toml brings them."""
    missing = [name for name in names if shutil.which(name) is None]
    if missing:
        raise StepError(
            f"not on PATH: {', '.join(missing)}. Install requirements/{group}.txt into an environment of its own, and put its bin folder "
            "on PATH"
        )


def one_column(text: str) -> str:
    """The text without what ends a column for the commands."""
    return text.replace("\t", " ")


def score_lines(scorer: Scorer, lines: Iterable[str], total: int, folder: Path) -> Iterator[str]:
    """The score of each of the `total` lines, as the command writes it, once all are there; `folder` keeps them until then.

    Raises StepError where the command fails, does not answer with numbers from 0 to 1, or not with one for each line; RetryableError where
    it says that another try may help, or was ended from outside.
    """
    processes = len(scorer.environments)
    files = [folder / f"scores.{number}-of-{processes}.txt" for number in range(processes)]
    for stale in set(folder.glob("scores.*-of-*.txt")) - set(files):
        stale.unlink()
    shares = [share(total, scorer.block, number, processes) for number in range(processes)]
    done = [resume_at(path, scorer.block, size) for path, size in zip(files, shares, strict=True)]
    if sum(done) < total:
        run_command(scorer, progress(lines, "scoring", total), files, shares, done)
    yield from in_turn(files, scorer.block)


def share(total: int, block: int, number: int, processes: int) -> int:
    """How many of `total` lines go to process `number` when blocks are dealt out in turn."""
    whole, rest = divmod(total, block)
    blocks = len(range(number, whole, processes))
    return blocks * block + (rest if whole % processes == number else 0)


def in_turn(files: Sequence[Path], block: int) -> Iterator[str]:
    """The lines in the order of the corpus: a block of each file in turn, until one has none left."""
    for reader in cycle([read_lines(path) for path in files]):
        lines = list(islice(reader, block))
        if not lines:
            return
        yield from lines


def run_command(scorer: Scorer, lines: Iterable[str], files: Sequence[Path], shares: Sequence[int], done: Sequence[int]) -> None:
    """Deals the lines that are not done out to the processes, and waits for their scores."""
    with ThreadPoolExecutor(2 * len(files)) as threads, ExitStack() as stack:
        running: dict[int, Process] = {}
        for number, (environment, path) in enumerate(zip(scorer.environments, files, strict=True)):
            if done[number] < shares[number]:
                process = Process(scorer.command, environment, path, shares[number] - done[number], threads)
                running[number] = stack.enter_context(process)
        skip = list(done)
        for count, block in enumerate(batches(lines, scorer.block)):
            number = count % len(files)
            if skip[number] > 0:
                skip[number] -= len(block)
            elif not running[number].give(block):
                break
        for process in running.values():
            process.finish()


class Process:
    """One process of the command. Two threads serve it: it may read on only when its scores are taken from it, and the other way round."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], path: Path, expected: int, threads: ThreadPoolExecutor):
        self.command, self.path, self.expected = command, path, expected
        self.queue: Queue[list[str] | None] = Queue(WAITING)
        # UTF-8 whatever the machine's locale is.
        variables = {**os.environ, "PYTHONUTF8": "1", **environment}
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=variables)
        self.feeding: Future[None] = threads.submit(self.feed)
        self.reading: Future[int] = threads.submit(self.read)

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, *_: object) -> None:
        """Leaves nothing running, so that an error of one process, or in the corpus, need not wait for the others."""
        self.process.kill()
        with suppress(Full):
            self.queue.put_nowait(None)
        self.process.wait()

    def feed(self) -> None:
        # A process that ended early says why by its exit code, or by the scores that are missing.
        with suppress(BrokenPipeError), cast(IO[bytes], self.process.stdin) as stdin:
            while block := self.queue.get():
                stdin.write("".join(f"{line}\n" for line in block).encode())

    def read(self) -> int:
        """Appends the scores to the file as they come, and returns their number."""
        count = 0
        with cast(IO[bytes], self.process.stdout) as stdout, self.path.open("ab") as file:
            try:
                for line in stdout:
                    check_score(line, self.command)
                    file.write(line)
                    count += 1
            except StepError:
                self.process.kill()
                raise
        return count

    def give(self, block: list[str]) -> bool:
        """Whether the process could be given the block; it cannot where it has ended."""
        while not self.feeding.done():
            with suppress(Full):
                self.queue.put(block, timeout=LOOK_AGAIN)
                return True
        return False

    def finish(self) -> None:
        """Waits for the last score; raises StepError or RetryableError where something is wrong with them."""
        while not self.feeding.done():
            with suppress(Full):
                self.queue.put(None, timeout=LOOK_AGAIN)
                break
        count = self.reading.result()
        self.feeding.result()
        code = self.process.wait()
        words = shlex.join(self.command)
        if code == RETRYABLE_EXIT_CODE or code in ENDED_FROM_OUTSIDE:
            raise RetryableError(f"{self.command[0]} ended with exit code {code}; its log above may say why. Command: {words}")
        if code != 0:
            raise StepError(f"{self.command[0]} ended with exit code {code}; its log above says why. Command: {words}")
        if count != self.expected:
            self.path.unlink()  # none of them can be trusted: which lines they are of is not known
            raise StepError(f"{self.command[0]} gave {count} scores for {self.expected} lines. Command: {words}")


def check_score(line: bytes, command: Sequence[str]) -> None:
    # Not a number fails the comparison too.
    with suppress(ValueError):
        if 0 <= float(line) <= 1:
            return
    raise StepError(f"{command[0]}: a score from 0 to 1 expected on each line, found {line[:100]!r}")


class Kept:
    """Which scores reach the threshold, and how all of them are distributed."""

    def __init__(self, threshold: float):
        self.threshold = threshold
        self.lines_in = self.lines_out = 0
        self.tenths: Counter[int] = Counter()

    def keep(self, score: str) -> bool:
        value = float(score)
        # By way of thousandths, which is how the commands write scores: 0.7 * 10 is a little more than 7, 0.29 * 100 a little less than 29.
        self.tenths[min(round(value * 1000) // 100, 9)] += 1
        self.lines_in += 1
        self.lines_out += value >= self.threshold
        return value >= self.threshold

    def statistics(self) -> dict[str, object]:
        """`scores` counts by tenths: under "0.3" those from 0.3 to below 0.4, under "0.9" those of 1 too."""
        if self.lines_out == 0:
            logging.warning("nothing is left of %d lines: no score reaches %s", self.lines_in, self.threshold)
        scores = {f"{tenth / 10}": self.tenths[tenth] for tenth in range(10)}
        return {"lines": {"in": self.lines_in, "out": self.lines_out}, "threshold": self.threshold, "scores": scores}


def threshold(text: str) -> float:
    """For argparse: a number from 0 to 1."""
    number = float(text)
    if not 0 <= number <= 1:
        raise ValueError
    return number
