"""Removes the pairs with the lowest scores from a corpus.

    python3 -m pipeline.distillation.filter --corpus corpus.en.zst corpus.it.zst --scores scores.zst --remove 0.05 \\
        --output filtered.en.zst filtered.it.zst

Of n pairs exactly the share --remove goes, rounded down to whole pairs; of pairs with the same score the earlier ones go first. The rest
keeps its order. The scores are a line for each pair, more is better (score.py). Memory: some 20 bytes a pair.

Statistics: `lines` = `removed` + `kept`; `threshold`, the lowest score that was kept, null where nothing was.
"""

import argparse
import math
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.common.lines import open_parallel_output, read_lines, read_parallel
from pipeline.common.outputs import write_json
from pipeline.common.progress import progress
from pipeline.common.script import StepError, base_parser, check_files, run

if TYPE_CHECKING:
    from pipeline.common.line_hashes import Mask


def share(text: str) -> Decimal:
    """A decimal: as a binary fraction 0.29 is a little less, and of 100 pairs 28 would go."""
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no number") from error
    if not number.is_finite() or not 0 <= number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a share: 0 or more and less than 1, such as 0.05")
    return number


def parser() -> argparse.ArgumentParser:
    options = base_parser(__doc__)
    sides = ("SRC_FILE", "TRG_FILE")
    options.add_argument("--corpus", required=True, nargs=2, type=Path, metavar=sides)
    options.add_argument("--scores", required=True, type=Path, metavar="FILE", help="a score for each pair, the higher the better")
    options.add_argument("--remove", required=True, type=share, metavar="SHARE", help="such as 0.05")
    options.add_argument("--output", required=True, nargs=2, type=Path, metavar=sides)
    return options


def main(argv: Sequence[str] | None = None) -> None:
    arguments = parser().parse_args(argv)
    check_files([*arguments.corpus, arguments.scores])
    keep, threshold = best_pairs(arguments.scores, arguments.remove)
    kept = int(keep.sum())
    rows = progress(read_parallel(*arguments.corpus, arguments.scores), "filtering", len(keep))
    with open_parallel_output(*arguments.output) as writer:
        for kept_row, (source, target, _) in zip(keep, rows, strict=False):
            if kept_row:
                writer.write(source, target)
        next(rows, None)  # the end: it is here that a corpus which goes on after the last score is noticed
    write_json(arguments.statistics, {"lines": len(keep), "removed": len(keep) - kept, "kept": kept, "threshold": threshold})


def best_pairs(path: Path, remove: Decimal) -> tuple["Mask", float | None]:
    """For each pair whether it is kept, and the lowest score that is."""
    import numpy as np

    scores = np.fromiter(read_scores(path), dtype=np.float64)
    order = np.argsort(scores, kind="stable")
    removed = int(remove * len(scores))
    keep = np.ones(len(scores), dtype=bool)
    keep[order[:removed]] = False
    return keep, float(scores[order[removed]]) if len(scores) else None


def read_scores(path: Path) -> Iterator[float]:
    for number, line in enumerate(read_lines(path), start=1):
        try:
            score = float(line)
        except ValueError as error:
            raise StepError(f"{path}:{number}: a score expected, found {line[:200]!r}") from error
        if math.isnan(score):
            raise StepError(f"{path}:{number}: the score is not a number; a model in half precision may have overflowed")
        yield score


if __name__ == "__main__":
    run(main)
