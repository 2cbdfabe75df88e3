"""The arguments that the merging scripts share."""

import argparse
from pathlib import Path

from pipeline.common.script import base_parser, positive_int


def merge_parser(description: str | None) -> argparse.ArgumentParser:
    options = base_parser(description)
    options.add_argument("--corpora", required=True, type=Path, metavar="DIR", help="datasets to merge: NAME.SRC.zst with NAME.TRG.zst")
    options.add_argument("--held-out", nargs="+", type=Path, default=[], metavar="DIR", help="datasets with lines to keep out")
    options.add_argument("--src", required=True, metavar="TAG", help="source language, as the files are named")
    options.add_argument("--trg", required=True, metavar="TAG", help="target language, as the files are named")
    options.add_argument("--max-sentences", type=positive_int, metavar="N", help="keep a uniform sample of this many pairs")
    options.add_argument("--seed", type=int, default=1, help="of the order (default: 1)")
    options.add_argument("--output", required=True, nargs=2, type=Path, metavar=("SRC_FILE", "TRG_FILE"))
    options.add_argument("--work-dir", type=Path, metavar="DIR", help="room for as much as the corpora take (default: beside the output)")
    return options
