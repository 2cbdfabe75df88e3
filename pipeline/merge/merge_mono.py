"""Merges all cleaned monolingual datasets of a language into one corpus.

    python3 -m pipeline.merge.merge_mono --corpora clean/ --held-out devsets/ tests/ --language it --output mono.it.zst

Lines that occur in held-out text are removed (compared without case, punctuation and blanks), then lines that occurred before. Of the
held-out datasets, which may be parallel, those files count that are in the language. The rest is shuffled and capped. merging.py says how,
and what it takes: 28 bytes of memory for each row of all datasets, and some 500 MB; the corpus itself stays on disk.

Statistics: for each dataset and in total `lines` = `leaked` + `duplicates` + `kept`; `total.written` after the cap, which leaves
`total.over-the-cap` out; `leaked-samples`, by dataset up to twenty of the rows that leaked; `held-out`, how many lines are, by language.
"""

import argparse
from collections.abc import Sequence

from pipeline.common.outputs import write_json
from pipeline.common.script import run
from pipeline.merge.arguments import merge_parser


def parser() -> argparse.ArgumentParser:
    return merge_parser(__doc__, "language")


def main(argv: Sequence[str] | None = None) -> None:
    arguments = parser().parse_args(argv)
    from pipeline.merge.merging import merge  # with numpy, which takes a while to import

    write_json(arguments.statistics, merge(arguments, arguments.language))


if __name__ == "__main__":
    run(main)
