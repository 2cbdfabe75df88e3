"""Takes a parallel corpus of an earlier run, and its word alignments where there are some.

In: addresses (http, https, file) of the two sides, one sentence a line, compressed or not as the suffix says (.zst .gz .xz). Optionally
alignments in Pharaoh's format with the sentences in the tokens that they count, joined by spaces. Out: the two sides, and the alignments
over the tokens that pipeline.align.tokenize finds, as all that comes after expects them. All files have as many lines.

A line whose tokens are not found in its sentences has an empty alignment; more than one in ten of them are an error: such alignments are
of another corpus. Memory: some batches of lines per thread.

Statistics: `sources`, `lines`; with alignments `links`, `lines-without-links`, and among them `lines-with-other-tokens`.
"""

import argparse
import logging
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pipeline.common.languages import parse_language
from pipeline.common.lines import open_parallel_output, read_parallel
from pipeline.common.outputs import write_json
from pipeline.common.progress import progress
from pipeline.common.scratch import scratch_folder
from pipeline.common.script import StepError, add_threads, base_parser, run
from pipeline.continuation.given_alignments import convert

MOST_MISFITS = 0.1

ALIGNMENT_URLS = "tok_src_url", "tok_trg_url", "alignments_url"


def parser() -> argparse.ArgumentParser:
    parser = base_parser(__doc__)
    add_threads(parser)
    parser.add_argument("--src", required=True, metavar="TAG", help="source language")
    parser.add_argument("--trg", required=True, metavar="TAG", help="target language")
    parser.add_argument("--src-url", required=True, metavar="URL", help="sentences in the source language")
    parser.add_argument("--trg-url", required=True, metavar="URL", help="sentences in the target language")
    parser.add_argument("--alignments-url", metavar="URL", help="alignments of the tokens, a line for each pair")
    parser.add_argument("--tok-src-url", metavar="URL", help="the source sentences in the tokens that are aligned")
    parser.add_argument("--tok-trg-url", metavar="URL", help="the target sentences in the tokens that are aligned")
    parser.add_argument("--output", type=Path, nargs=2, required=True, metavar=("SRC", "TRG"))
    parser.add_argument("--output-alignments", type=Path, metavar="FILE", help="where the alignments go")
    parser.add_argument("--work-dir", type=Path, required=True, metavar="DIR", help="room for the downloaded files")
    return parser


def main(argv: Sequence[str] | None = None) -> None:
    arguments = parser().parse_args(argv)
    # requests takes a while to import, and whoever only asks for the parser does not need it
    from pipeline.common.fetch import fetch, local_name
    from pipeline.common.url_check import check_urls

    languages = arguments.src, arguments.trg
    for language in languages:
        parse_language(language)
    urls = requested_urls(arguments)
    check_urls(urls.values())

    with scratch_folder(arguments.output[0], "download", arguments.work_dir) as folder:
        # Their names are in the message where one is shorter than another.
        paths = {name: folder / f"{name}-{local_name(url)}" for name, url in urls.items()}
        sources = [fetch(url, paths[name]).record() for name, url in urls.items()]
        files = list(paths.values())
        pairs = progress(read_parallel(*files[:2]), "writing")
        if arguments.output_alignments:
            alignments = convert(read_parallel(*files), languages, arguments.threads)
            statistics = write_aligned(pairs, alignments, [*arguments.output, arguments.output_alignments])
        else:
            statistics = write_pairs(pairs, arguments.output)
    write_json(arguments.statistics, {"sources": sources, **statistics})


def requested_urls(arguments: argparse.Namespace) -> dict[str, str]:
    """The addresses by argument; raises StepError where some of what belongs to alignments is missing."""
    given: dict[str, Any] = {name: getattr(arguments, name) for name in (*ALIGNMENT_URLS, "output_alignments")}
    missing = [f"--{name.replace('_', '-')}" for name, value in given.items() if not value]
    if missing and len(missing) < len(given):
        raise StepError(f"no {' and no '.join(missing)}: alignments need the tokens that they count, and a place to go to")
    names = ("src_url", "trg_url", *(() if missing else ALIGNMENT_URLS))
    return {name: getattr(arguments, name) for name in names}


def write_pairs(pairs: Iterable[tuple[str, ...]], outputs: Sequence[Path]) -> dict[str, int]:
    """Writes both sides and returns the statistics; raises StepError where there is nothing to write."""
    with open_parallel_output(*outputs) as output:
        for pair in pairs:
            output.write(*pair)
        check_not_empty(output.lines)
    return {"lines": output.lines}


def write_aligned(pairs: Iterable[tuple[str, ...]], alignments: Iterable[str | None], outputs: Sequence[Path]) -> dict[str, int]:
    """Writes both sides and the alignments and returns the statistics; raises StepError where too many alignments do not fit."""
    links = linked = misfits = 0
    with open_parallel_output(*outputs) as output:
        for (source, target), alignment in zip(pairs, alignments, strict=True):
            output.write(source, target, alignment or "")
            links += (alignment or "").count("-")
            linked += bool(alignment)
            misfits += alignment is None
        check_not_empty(output.lines)
        if misfits > MOST_MISFITS * output.lines:
            raise StepError(
                f"{misfits} of {output.lines} lines do not have the tokens that their alignments count: "
                "are alignments, tok-src and tok-trg those of this corpus?"
            )
    if misfits:
        logging.warning("%d of %d lines have no alignment: their tokens are not found in them", misfits, output.lines)
    return {"lines": output.lines, "links": links, "lines-without-links": output.lines - linked, "lines-with-other-tokens": misfits}


def check_not_empty(lines: int) -> None:
    if not lines:
        raise StepError("the corpus is empty: no line to go on with")


if __name__ == "__main__":
    run(main)
