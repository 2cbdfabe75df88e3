"""N-best lists as Marian writes them: a line for each candidate, the best of a sentence first.

    0 ||| rosso casa . ||| F0= -0.00112586 ||| -0.000187643

that is the sentence's number, the text, the models' log-probabilities, and the score by which candidates are ordered. The text may itself
have " ||| " inside: a line is read from both ends.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.common.lines import read_lines
from pipeline.common.marian_lines import LineCountError
from pipeline.common.script import StepError

SEPARATOR = " ||| "


@dataclass(frozen=True)
class Candidate:
    """One translation of the sentence with this number, counted from 0; `score` is a log-probability divided by the length."""

    sentence: int
    text: str
    features: str
    score: float

    def __str__(self) -> str:
        return SEPARATOR.join([str(self.sentence), self.text, self.features, f"{self.score:g}"])


def parse_candidate(line: str) -> Candidate:
    """Raises ValueError where the line is none of an n-best list."""
    sentence, rest = line.split(SEPARATOR, 1)
    text, features, score = rest.rsplit(SEPARATOR, 2)
    return Candidate(int(sentence), text, features, float(score))


def read_n_best(path: Path) -> Iterator[list[Candidate]]:
    """The candidates of each sentence; raises StepError, naming the line, unless the sentences are 0, 1, 2 and so on without a gap."""
    candidates: list[Candidate] = []
    for number, line in enumerate(read_lines(path), start=1):
        try:
            candidate = parse_candidate(line)
        except ValueError as error:
            raise StepError(f"{path}:{number}: expected 'sentence ||| text ||| features ||| score', found {line[:200]!r}") from error
        current = candidates[0].sentence if candidates else -1
        if candidate.sentence != current:
            if candidate.sentence != current + 1:
                raise StepError(f"{path}:{number}: sentence {candidate.sentence}, expected {current + 1}: candidates are missing")
            if candidates:
                yield candidates
            candidates = []
        candidates.append(candidate)
    if candidates:
        yield candidates


def renumber(lines: Iterable[bytes], first: int, total: int, n_best: int) -> Iterator[bytes]:
    """The best `n_best` lines of each sentence, where sentence 0 becomes `first`.

    Raises LineCountError unless there is a candidate for each of `first` to `total` - 1, in order.
    """
    separator = SEPARATOR.encode()
    sentence, rank = -1, 0
    for line in lines:
        number, _, rest = line.partition(separator)
        rank = rank + 1 if number == b"%d" % sentence else 1
        if rank == 1:
            sentence += 1
            if number != b"%d" % sentence:
                raise LineCountError(f"expected a candidate for sentence {first + sentence}, found {line[:200]!r}")
        if rank <= n_best:
            yield b"%d" % (first + sentence) + separator + rest
    if first + sentence + 1 != total:
        raise LineCountError(f"the n-best list ends after {first + sentence + 1} of {total} sentences")


def resume_at(path: Path, step: int, total: int) -> int:
    """As marian_lines.resume_at, for n-best lists. A sentence is known to be whole when the next one follows, so the end is none."""
    path.touch()
    with path.open("rb+") as file:
        last, end, kept, kept_end = b"", 0, 0, 0
        for line in file:
            sentence = line.partition(b" ")[0]
            if not line.endswith(b"\n") or not sentence.isdigit():
                break
            if sentence != last and int(sentence) % step == 0:
                kept, kept_end = int(sentence), end
            last, end = sentence, end + len(line)
        file.truncate(kept_end)
    if kept:
        logging.info("%d of %d sentences were done before, going on from there", kept, total)
    return kept
