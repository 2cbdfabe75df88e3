"""Evaluates an exported model on a test set, in the engine that browsers use.

In: the folder that the export wrote (its gzipped files are what a browser downloads, and what is loaded here), the two sides of a test set.
Out: the same metrics JSON and translations as those of pipeline.evaluate.evaluate, and the bytes of the model.

Needs Node 18.19 or newer, and the engine: run `npm ci` in pipeline/evaluate/browser, or name a node_modules folder that has it in the
environment variable BERGAMOT_MODULES.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from pipeline.common.outputs import write_json
from pipeline.common.script import StepError, base_parser, check_files, run
from pipeline.evaluate.browser_engine import translate_in_browser_engine
from pipeline.evaluate.comet import find_model
from pipeline.evaluate.metrics import read_test_set, write_evaluation
from pipeline.evaluate.options import add_evaluation_options, log_scores


def parser() -> argparse.ArgumentParser:
    parser = base_parser(__doc__)
    parser.add_argument("--model-dir", type=Path, required=True, metavar="DIR", help="the exported files")
    parser.add_argument("--no-shortlist", action="store_true", help="translate without the lexical shortlist")
    parser.add_argument("--model-name", default="student-quantized", metavar="NAME", help="name of the model, for the metrics")
    add_evaluation_options(parser)
    return parser


def main(argv: Sequence[str] | None = None) -> None:
    args = parser().parse_args(argv)
    check_files(args.test_set)
    model = args.model_dir / f"model.{args.src}{args.trg}.intgemm8.bin.gz"
    if not model.is_file():
        raise StepError(f"missing input: {model}, expected the folder of an exported {args.src}-{args.trg} model")

    find_model()  # half a COMET model is an error now, not after the translating
    sources, references = read_test_set(*args.test_set)
    translations = translate_in_browser_engine(
        sources, args.model_dir, args.src, args.trg, shortlist=not args.no_shortlist, description=f"{args.model_name} on {args.dataset}"
    )
    metrics = write_evaluation(
        args.output_metrics,
        args.output_translations,
        sources,
        references,
        translations,
        model=args.model_name,
        dataset=args.dataset,
        src=args.src,
        trg=args.trg,
        download_bytes={file.name: file.stat().st_size for file in sorted(args.model_dir.glob("*.gz"))},
    )
    log_scores(metrics)
    write_json(args.statistics, {"lines": metrics["lines"], "scores": metrics["scores"]})


if __name__ == "__main__":
    run(main)
