"""The arguments that the merging scripts share."""

import argparse
from pathlib import Path

from pipeline.common.script import add_threads, base_parser, positive_int

LANGUAGES = {"src": "source language", "trg": "target language", "language": "language"}


def merge_parser(description: str | None, *languages: str) -> argparse.ArgumentParser:
    """`languages` are the options, of LANGUAGES, that name the language of each side."""
    options = base_parser(description)
    options.add_argument(
        "--corpora", required=True, type=Path, metavar="DIR", help="datasets to merge: NAME.TAG.zst for each language, NAME.scores.zst"
    )
    options.add_argument("--held-out", nargs="+", type=Path, default=[], metavar="DIR", help="datasets with lines to keep out")
    for name in languages:
        options.add_argument(f"--{name}", required=True, metavar="TAG", help=f"{LANGUAGES[name]}, as the files are named")
    options.add_argument("--max-sentences", type=positive_int, metavar="N", help="keep a uniform sample of this many")
    options.add_argument("--seed", type=int, default=1, help="of the order (default: 1)")
    files = tuple(f"{name.upper()}_FILE" for name in languages)
    options.add_argument("--output", required=True, nargs=len(languages), type=Path, metavar=files, help="a file for each language")
    options.add_argument("--work-dir", type=Path, metavar="DIR", help="room for as much as the corpora take (default: beside the output)")
    add_threads(options)
    return options
