"""Evaluates a model, or an ensemble of models, on a test set.

In: models and vocabularies of Marian, the two sides of a test set; options of Marian's decoder after "--".
Out: a metrics JSON (BLEU, chrF, TER, and COMET where its model is at hand, with their signatures; five samples), and the translations, one
a line.
"""

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path

from pipeline.common.lines import read_lines
from pipeline.common.marian import add_marian_options, parse_options
from pipeline.common.outputs import write_json
from pipeline.common.script import add_threads, base_parser, check_files, run
from pipeline.common.vocabularies import shared_vocab
from pipeline.evaluate.comet import find_model
from pipeline.evaluate.metrics import read_test_set, write_evaluation
from pipeline.evaluate.options import add_evaluation_options, log_scores
from pipeline.translate.translate import translate_file


def parser() -> argparse.ArgumentParser:
    parser = base_parser(__doc__)
    parser.add_argument("--models", type=Path, nargs="+", required=True, metavar="NPZ", help="several make an ensemble")
    vocab_help = "the source and the target vocabulary, or first the source and then the target vocabularies of all models, which are equal"
    parser.add_argument("--vocab", type=Path, nargs="+", required=True, metavar="SPM", help=vocab_help)
    parser.add_argument("--model-name", required=True, metavar="NAME", help="name of the model, for the metrics, such as teacher-1")
    add_evaluation_options(parser)
    parser.add_argument("--work-dir", type=Path, required=True, metavar="DIR", help="for translations that are not finished")
    add_threads(parser)
    add_marian_options(parser)
    return parser


def main(argv: Sequence[str] | None = None) -> None:
    args = parser().parse_args(argv)
    options = parse_options(args.marian_options)
    check_files([*args.models, *args.vocab, *args.test_set])
    find_model()  # half a COMET model is an error now, not after the translating
    sources, references = read_test_set(*args.test_set)

    translating = args.work_dir / "translate"
    translated = translating / "translations.zst"
    translate_file(args.test_set[0], translated, args.models, shared_vocab(args.vocab), translating, args.threads, options)
    metrics = write_evaluation(
        args.output_metrics,
        args.output_translations,
        sources,
        references,
        list(read_lines(translated)),
        model=args.model_name,
        dataset=args.dataset,
        src=args.src,
        trg=args.trg,
    )
    shutil.rmtree(translating)
    log_scores(metrics)
    write_json(args.statistics, {"lines": metrics["lines"], "scores": metrics["scores"]})


if __name__ == "__main__":
    run(main)
