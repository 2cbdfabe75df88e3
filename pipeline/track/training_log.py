"""What Marian's logs say of a training, read while it goes on.

marian.log has a line every few updates, valid.log one for every validation and metric:

    [2026-01-31 12:00:00] Ep. 1 : Up. 50 : Sen. 3,227 : Cost 8.06093979 : Time 45.28s : 1011.98 words/s : gNorm 1.2437 : L.r. 5.0000e-04
    [2026-01-31 12:00:00] [valid] Ep. 1 : Up. 200 : chrf : 31.4 : new best

gNorm and L.r. depend on options. Behind "[config] ", marian.log has all options of the training as YAML.
"""

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from pipeline.train.curve import VALIDATION

LOG, VALIDATION_LOG = "marian.log", "valid.log"

TRAINING = re.compile(
    r"Ep\. (?P<epoch>\d+) : Up\. (?P<update>\d+) : Sen\. (?P<sentences>[\d,]+) : Cost (?P<cost>\S+)[^:]* : Time [\d.]+s"
    r" : (?P<words_per_second>[\d.]+) words/s(?: : gNorm (?P<gradient_norm>\S+))?(?: : L\.r\. (?P<learning_rate>\S+))?"
)
OPTION = re.compile(r"\[config\] ((?:[\w-]+:|  .*)(?: .*)?)$")


class Point(NamedTuple):
    """Values at an update. `series` tells what is measured together: `train`, or a metric of validation as `valid/METRIC`."""

    series: str
    update: int
    values: dict[str, float]


class FollowedFile:
    """A file that grows. One that was removed and made anew, or made empty, is read from its beginning."""

    def __init__(self, path: Path):
        self.path = path
        self.file: BinaryIO | None = None
        self.rest = b""

    def new_lines(self) -> Iterator[str]:
        """The lines that were completed since the last call."""
        if self.file:
            yield from self.lines_of(self.file)
        # An open file keeps its inode from being given to another.
        with suppress(FileNotFoundError):
            if not (self.file and os.path.samestat(os.fstat(self.file.fileno()), self.path.stat())):
                opened = self.path.open("rb")
                self.close()
                self.file = opened
                yield from self.lines_of(self.file)

    def lines_of(self, file: BinaryIO) -> Iterator[str]:
        if os.fstat(file.fileno()).st_size < file.tell():
            file.seek(0)
            self.rest = b""
        *complete, self.rest = (self.rest + file.read()).split(b"\n")
        for line in complete:
            yield line.decode("utf-8", errors="replace")

    def close(self) -> None:
        if self.file:
            self.file.close()
        self.file, self.rest = None, b""


class TrainingLog:
    """Both logs of a training in one folder."""

    def __init__(self, folder: Path):
        self.log = FollowedFile(folder / LOG)
        self.validation_log = FollowedFile(folder / VALIDATION_LOG)
        self.option_lines: list[str] = []
        self.options: dict[str, Any] = {}

    def new_points(self) -> Iterator[Point]:
        """What the logs have had since the last call, in their order."""
        for line in self.log.new_lines():
            self.read_option(line)
            if match := TRAINING.search(line):
                values = {name: float(value.replace(",", "")) for name, value in match.groupdict().items() if value and name != "update"}
                yield Point("train", int(match["update"]), values)
        for line in self.validation_log.new_lines():
            if match := VALIDATION.search(line):
                yield Point(f"valid/{match[2]}", int(match[1]), {match[2]: float(match[3])})

    def new_options(self) -> dict[str, Any]:
        """All options of the training, once: when new_points has come to what is behind them. Otherwise none."""
        options, self.options = self.options, {}
        return options

    def read_option(self, line: str) -> None:
        if match := OPTION.search(line):
            self.option_lines.append(match[1])
        elif self.option_lines:
            self.options, self.option_lines = parsed(self.option_lines), []


def parsed(lines: Iterable[str]) -> dict[str, Any]:
    """The options; none where Marian writes them in a way of which YAML makes something else."""
    import yaml

    try:
        options = yaml.safe_load("\n".join(lines))
    except yaml.YAMLError:
        return {}
    return options if isinstance(options, dict) else {}
