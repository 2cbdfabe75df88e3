"""The attempts at one task: its command, again where the exit code says that this may help, all of them in one log."""

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from workflow.environment import WorkFolder, step_command
from workflow.errors import WorkflowError
from workflow.graph import Task
from workflow.progress import Ticker, last_lines, say
from workflow.step import Watch, run_step
from workflow.survivors import end_survivors

ROOT = Path(__file__).resolve().parents[1]
# The queue allows up to 49 retries; what fails on this machine five times in a row wants a person.
MOST_ATTEMPTS = 5
LOG_LINES_ON_FAILURE = 20


@dataclass(frozen=True)
class Attempts:
    """What every attempt at `task` has in common; `lock` is the file descriptor that the step's processes hold too."""

    task: Task
    folder: WorkFolder
    environment: dict[str, str]
    log: Path
    lock: int
    watch: Watch

    def run(self, fetch: Callable[[], object], retry_delay: float) -> float:
        """Runs the command, `fetch` before each attempt, until it succeeds, and returns how many seconds the last attempt took.

        Waits `retry_delay` seconds before the second attempt, and twice as long before each further one. Raises WorkflowError where the
        exit code is not one to retry, or after the last attempt.
        """
        retryable = self.task.payload.get("onExitStatus", {}).get("retry", [])
        most = min(self.task.retries + 1, MOST_ATTEMPTS)
        for attempt in range(1, most + 1):
            fetch()
            self.prepare_outputs()
            say(self.task.label, "started" if attempt == 1 else f"started, attempt {attempt} of {most}")
            started = time.monotonic()
            code, last = self.run_once(f"attempt {attempt} of {most}")
            seconds = time.monotonic() - started
            if code == 0:
                return seconds
            failed = f"failed (exit {code}) after {seconds:.1f}s"
            if code not in retryable or attempt == most:
                break
            delay = retry_delay * 2 ** (attempt - 1)
            say(self.task.label, f"{failed}, may be tried again: next attempt in {delay:.0f}s, log: {self.log}")
            self.watch.sleep(delay)
        raise WorkflowError("\n".join([f"{failed}, the last lines of its log:", *(f"    {line}" for line in last), f"    log: {self.log}"]))

    def run_once(self, title: str) -> tuple[int, list[str]]:
        """One attempt; returns its exit code and the last lines that it wrote to the log."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        threads = self.environment["THREADS"]
        with self.log.open("ab") as file:
            file.write(f"==== {title}, {time.strftime('%F %T')} on {socket.gethostname()}, {threads} threads\n".encode())
            file.flush()
            start = file.tell()
            ticker = Ticker(self.task.label, self.log, start)

            def tick() -> None:
                self.watch.check()
                ticker.tick()

            try:
                code = run_step(step_command(self.task), ROOT, self.environment, file, self.lock, tick)
            finally:
                # What the step left in the background must not write any more once its files are published.
                end_survivors("WORK_DIR", self.folder.scratch)
        return code, last_lines(self.log, start)[-LOG_LINES_ON_FAILURE:]

    def prepare_outputs(self) -> None:
        """Keeps what an earlier attempt left, so that the step goes on from there."""
        self.folder.scratch.mkdir(parents=True, exist_ok=True)
        self.folder.artifacts.mkdir(parents=True, exist_ok=True)
        # Publishing, if it was cut off, has made some of them read-only.
        for path in self.folder.artifacts.rglob("*"):
            if path.is_file():
                path.chmod(0o644)
