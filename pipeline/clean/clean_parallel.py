"""Cleans one parallel dataset: normalises each line, drops pairs by rules and by language identification, and drops repeated pairs.

    python3 -m pipeline.clean.clean_parallel --corpus train.en.zst train.it.zst --src en --trg it --output clean.en.zst clean.it.zst

cleaning.py says how. What is kept stays in order, and is the same for any number of threads. Memory: 8 bytes for each distinct pair (its
hash) beside a fixed amount for each thread.

Statistics: `lines.in`, `lines.out`, `dropped` by reason (in = out + all dropped), `samples` of dropped pairs by reason, `filters` as
applied.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from pipeline.common.languages import parse_language
from pipeline.common.outputs import write_json
from pipeline.common.script import add_threads, base_parser, check_files, run


def parser() -> argparse.ArgumentParser:
    options = base_parser(__doc__)
    options.add_argument("--corpus", required=True, nargs=2, type=Path, metavar=("SRC_FILE", "TRG_FILE"))
    options.add_argument("--src", required=True, metavar="TAG", help="source language")
    options.add_argument("--trg", required=True, metavar="TAG", help="target language")
    options.add_argument("--output", required=True, nargs=2, type=Path, metavar=("SRC_FILE", "TRG_FILE"))
    options.add_argument(
        "--filters", metavar="FILE", help="what differs from the default filters; filters.py says how (or the content itself)"
    )
    options.add_argument("--work-dir", type=Path, metavar="DIR", help="room for the finished parts (default: beside the output)")
    add_threads(options)
    return options


def main(argv: Sequence[str] | None = None) -> None:
    arguments = parser().parse_args(argv)
    check_files(arguments.corpus)
    languages = [parse_language(tag) for tag in (arguments.src, arguments.trg)]
    # With numpy, which takes a while to import.
    from pipeline.clean.cleaning import clean
    from pipeline.clean.filters import read_filters

    filters = read_filters(arguments.filters, languages)
    write_json(arguments.statistics, clean(arguments.corpus, arguments.output, filters, arguments.threads, arguments.work_dir))


if __name__ == "__main__":
    run(main)
