"""What a running step says last, for a person who watches the terminal."""

import re
import sys
import time
from pathlib import Path

SECONDS_BETWEEN_LINES = 10
TAIL_BYTES = 8192
LONGEST_LINE = 120
# Colours and cursor movements (ECMA-48 control sequences).
ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")


def say(label: str, text: str) -> None:
    """Prints one line in one write, so that tasks side by side do not mix theirs; a terminal that is gone stops nothing."""
    try:
        sys.stdout.write(f"[{label}] {text}\n")
        sys.stdout.flush()
    except OSError:
        pass


def last_lines(log: Path, start: int) -> list[str]:
    """The lines with something on them at the end of `log`, none from before byte `start`; a bar that redraws itself counts as lines."""
    with log.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(start, size - TAIL_BYTES))
        text = file.read().decode("utf-8", errors="replace")
    lines = [ESCAPES.sub("", line).strip() for line in re.split(r"[\r\n]+", text)]
    return [line for line in lines if line]


class Ticker:
    """Says the newest line of a log every few seconds, if there is a new one."""

    def __init__(self, label: str, log: Path, start: int):
        self.label = label
        self.log = log
        self.start = start
        self.due = time.monotonic() + SECONDS_BETWEEN_LINES
        self.said = ""

    def tick(self) -> None:
        if time.monotonic() < self.due:
            return
        self.due = time.monotonic() + SECONDS_BETWEEN_LINES
        # `bash -x` traces what it runs; that is news in a log, not on a terminal.
        lines = [line for line in last_lines(self.log, self.start) if not line.startswith("+ ")]
        if lines and lines[-1] != self.said:
            self.said = lines[-1]
            say(self.label, self.said[:LONGEST_LINE])
