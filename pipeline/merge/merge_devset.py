"""Merges the validation sets into one, without a line of the test sets.

    python3 -m pipeline.merge.merge_devset --corpora devsets/ --held-out tests/ --src en --trg it --max-sentences 2000 \\
        --output devset.en.zst devset.it.zst

As merge_parallel, which see for what is removed and for the statistics.
"""

import argparse
from collections.abc import Sequence

from pipeline.common.outputs import write_json
from pipeline.common.script import run
from pipeline.merge.arguments import merge_parser


def parser() -> argparse.ArgumentParser:
    return merge_parser(__doc__, "src", "trg")


def main(argv: Sequence[str] | None = None) -> None:
    arguments = parser().parse_args(argv)
    from pipeline.merge.merging import merge  # with numpy, which takes a while to import

    write_json(arguments.statistics, merge(arguments, arguments.src, arguments.trg))


if __name__ == "__main__":
    run(main)
