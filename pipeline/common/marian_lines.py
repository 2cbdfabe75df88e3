"""What Marian says of each sentence, kept in a file as it comes, so that a killed run goes on where it was stopped.

Marian reads mini-batch times maxi-batch sentences at a time, sorts them by length and cuts them into batches. How a sentence was padded
shows in the last bits of its scores. A run that goes on at a boundary of what is sorted together puts every sentence into the same batch
as without the interruption, and its result is the same to the last bit.
"""

import logging
import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, cast

from pipeline.common.marian import Options, OptionValue, command, environment
from pipeline.common.script import StepError


class LineCountError(StepError):
    """There are not as many lines as sentences: none of them can be trusted."""


def sentences_sorted_together(options: Options) -> int:
    """How many sentences Marian reads at a time to sort them by length and cut them into batches."""
    return whole_number(options, "mini-batch") * whole_number(options, "maxi-batch")


def whole_number(options: Options, name: str) -> int:
    value = options[name]
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).isdecimal():
        raise StepError(f"Marian option --{name}: one whole number expected, found {value!r}")
    return int(value)


def resume_at(path: Path, step: int, total: int) -> int:
    """Cuts the file of an earlier run after its last whole `step` of lines, makes it where there is none; returns the lines it has."""
    path.touch()
    with path.open("rb+") as file:
        lines, end, kept, kept_end = 0, 0, 0, 0
        for line in file:
            if not line.endswith(b"\n"):
                break
            lines, end = lines + 1, end + len(line)
            if lines % step == 0 or lines == total:
                kept, kept_end = lines, end
        file.truncate(kept_end)
    if kept:
        logging.info("%d of %d sentences were done before, going on from there", kept, total)
    return kept


def marian_lines(action: str, options: Mapping[str, OptionValue], stdin: Path | None = None) -> Iterator[bytes]:
    """The lines that Marian writes to its stdout, its log on our stderr; raises StepError where it fails.

    One thread of the linear algebra library per Marian thread: otherwise `cpu-threads` workers each start one per core.
    """
    words = command(action, options)
    with open(stdin or os.devnull, "rb") as file, subprocess.Popen(words, stdin=file, stdout=subprocess.PIPE, env=environment()) as marian:
        yield from cast(IO[bytes], marian.stdout)
    if marian.returncode != 0:
        raise StepError(f"Marian ended with exit code {marian.returncode}; its log above says why. Command: {' '.join(words)}")


def one_for_each(lines: Iterable[bytes], expected: int, source: Path) -> Iterator[bytes]:
    """The lines; raises LineCountError at their end where there are not as many as the sentences of `source`."""
    count = 0
    for line in lines:
        count += 1
        yield line
    if count != expected:
        raise LineCountError(f"{count} lines came for {expected} sentences of {source}; an option of Marian must have changed their number")


def append(path: Path, lines: Iterable[bytes]) -> None:
    """Adds the lines to the file that `resume_at` reads after a crash; removes it where it must not be gone on with."""
    with path.open("ab") as output:
        try:
            output.writelines(lines)
        except LineCountError:
            path.unlink()
            raise
        output.flush()
        os.fsync(output.fileno())
