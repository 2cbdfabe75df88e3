"""Scores each pair of a corpus with a model of the other direction: how probable is the source, given the teacher's translation.

    python3 -m pipeline.distillation.score --model backwards.npz --vocab vocab.en.spm vocab.it.spm --corpus corpus.en.zst corpus.it.zst \\
        --work-dir work --output scores.zst

--vocab and --corpus name the source of the student first; the model reads the target and scores the source. Out: a line for each pair, the
natural logarithm of the probability divided by the number of source tokens with the end of the sentence (the tokens that are scored). A
translation that lost half of its sentence gets a low score. Options of Marian's scorer after "--" replace those below.

After a restart it goes on where it was stopped, with the same result to the last bit: common/marian_lines.py says how.

Statistics: `lines`, and `score`, their mean.
"""

import argparse
import math
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from pipeline.common.lines import count_parallel, open_parallel_output, read_lines, read_parallel, write_lines
from pipeline.common.marian import Options, add_marian_options, decoding_devices, parse_options
from pipeline.common.marian_lines import append, marian_lines, one_for_each, resume_at, sentences_sorted_together
from pipeline.common.outputs import write_json
from pipeline.common.progress import progress
from pipeline.common.script import add_threads, base_parser, check_files, run

# https://marian-nmt.github.io/docs/cmd/marian-scorer/ Without max-length-crop Marian leaves long pairs out, and all scores after them.
SCORING: Options = {
    "normalize": True,
    "mini-batch": 64,
    "maxi-batch": 100,
    "maxi-batch-sort": "trg",
    "max-length": 300,
    "max-length-crop": True,
    "quiet-translation": True,
}


def parser() -> argparse.ArgumentParser:
    arguments = base_parser(__doc__)
    add_threads(arguments)
    arguments.add_argument("--model", type=Path, required=True, metavar="NPZ", help="translates from the target to the source language")
    arguments.add_argument("--vocab", type=Path, nargs=2, required=True, metavar=("SRC_SPM", "TRG_SPM"))
    arguments.add_argument("--corpus", type=Path, nargs=2, required=True, metavar=("SRC_FILE", "TRG_FILE"))
    arguments.add_argument("--output", type=Path, required=True, metavar="FILE")
    arguments.add_argument("--work-dir", type=Path, required=True, metavar="DIR", help="holds the scores until all are there")
    add_marian_options(arguments)
    return arguments


def main(argv: Sequence[str] | None = None) -> None:
    args = parser().parse_args(argv)
    check_files([args.model, *args.vocab, *args.corpus])
    scoring = SCORING | decoding_devices(args.threads) | parse_options(args.marian_options)
    args.work_dir.mkdir(parents=True, exist_ok=True)
    scores = args.work_dir / "scores.txt"
    total = count_parallel(*args.corpus)
    done = resume_at(scores, sentences_sorted_together(scoring), total)
    if done < total:
        sides = [args.work_dir / f"remaining.{side}.txt" for side in ("src", "trg")]
        with open_parallel_output(*sides) as writer:
            for row in islice(read_parallel(*args.corpus), done, None):
                writer.write(*row)
        backwards = {"model": args.model, "vocabs": args.vocab[::-1], "train-sets": sides[::-1]}
        lines = one_for_each(marian_lines("score", scoring | backwards), total - done, args.corpus[0])
        append(scores, progress(lines, "scoring", total - done))
        for path in sides:
            path.unlink()
    write_lines(args.output, read_lines(scores))
    scores.unlink()
    mean = math.fsum(map(float, read_lines(args.output))) / max(total, 1)
    write_json(args.statistics, {"lines": total, "score": round(mean, 4)})


if __name__ == "__main__":
    run(main)
