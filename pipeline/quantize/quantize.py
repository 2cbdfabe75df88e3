"""Quantizes a student to 8 bits, in the format that the browser's engine loads.

In: a model of Marian (model.npz), trained with quantized weights so that it bears the rounding.
Out: model.intgemm8.bin, about a quarter of the size.

Marian's converter makes the 8-bit weights (intgemm: https://github.com/kpu/intgemm); browser_format says what is left to do.
"""

import argparse
import logging
from collections.abc import Sequence
from pathlib import Path

from pipeline.common.marian import run_marian
from pipeline.common.outputs import write_json
from pipeline.common.script import base_parser, check_files, run
from pipeline.quantize.binary_format import read_items, write_items
from pipeline.quantize.browser_format import BROWSER_INTGEMM8, to_browser_format


def parser() -> argparse.ArgumentParser:
    parser = base_parser(__doc__)
    parser.add_argument("--model", type=Path, required=True, metavar="NPZ", help="the student")
    parser.add_argument("--output", type=Path, required=True, metavar="BIN", help="the quantized student, named *.intgemm8.bin")
    parser.add_argument("--work-dir", type=Path, required=True, metavar="DIR", help="for Marian's own 8-bit model")
    return parser


def main(argv: Sequence[str] | None = None) -> None:
    args = parser().parse_args(argv)
    check_files([args.model])
    args.work_dir.mkdir(parents=True, exist_ok=True)

    converted = args.work_dir / "marian.intgemm8.bin"
    run_marian("convert", {"from": args.model, "to": converted, "gemm-type": "intgemm8"})
    items = list(to_browser_format(read_items(converted)))
    write_items(args.output, items)
    converted.unlink()

    before, after = args.model.stat().st_size, args.output.stat().st_size
    logging.info("%s: %s bytes, %.0f%% of %s", args.output, f"{after:,}", 100 * after / before, args.model)
    quantized = sum(item.type == BROWSER_INTGEMM8 for item in items)
    write_json(args.statistics, {"bytes": {"model": before, "quantized": after}, "items": len(items), "quantized_items": quantized})


if __name__ == "__main__":
    run(main)
