"""Cleans one monolingual dataset: normalises each line, drops lines by rules and by language identification, and drops repeated lines.

    python3 -m pipeline.clean.clean_mono --corpus news.en.zst --language en --output clean.en.zst

As clean_parallel, with those of its rules that look at one line; cleaning.py says how. What is kept stays in order, and is the same for any
number of threads. Memory: 8 bytes for each distinct line (its hash) beside a fixed amount for each thread.

Statistics: `lines.in`, `lines.split` (how many more came of splitting lines into sentences), `lines.out`, `dropped` by reason
(in + split = out + all dropped), `samples` of dropped lines by reason (each a row of one line), `filters` as applied.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from pipeline.common.languages import parse_language
from pipeline.common.outputs import write_json
from pipeline.common.script import add_threads, base_parser, check_files, run


def parser() -> argparse.ArgumentParser:
    options = base_parser(__doc__)
    options.add_argument("--corpus", required=True, type=Path, metavar="FILE")
    options.add_argument("--language", required=True, metavar="TAG")
    options.add_argument("--output", required=True, type=Path, metavar="FILE")
    options.add_argument(
        "--filters", metavar="FILE", help="what differs from the default filters; filters.py says how (or the content itself)"
    )
    options.add_argument("--work-dir", type=Path, metavar="DIR", help="room for the finished parts (default: beside the output)")
    add_threads(options)
    return options


def main(argv: Sequence[str] | None = None) -> None:
    arguments = parser().parse_args(argv)
    check_files([arguments.corpus])
    language = parse_language(arguments.language)
    # With numpy, which takes a while to import.
    from pipeline.clean.cleaning import clean
    from pipeline.clean.filters import read_filters

    filters = read_filters(arguments.filters, [language])
    write_json(arguments.statistics, clean([arguments.corpus], [arguments.output], filters, arguments.threads, arguments.work_dir))


if __name__ == "__main__":
    run(main)
