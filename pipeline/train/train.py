"""Trains a Marian model, teacher or student, on text that OpusTrainer feeds it.

In: a parallel corpus and a validation set (one sentence a line), SentencePiece vocabularies, for a student word alignments of the corpus.
Out, in the output folder: model.npz, the checkpoint that was best on the validation set by --best-metric; training-curve.json, every
validation as {"update", "metric", "value"}.

An architecture is a file of architectures/, a curriculum one of curricula/: how the data are mixed and modified, and how the model
learns. Options after "--" go on top of both. The checkpoints stay in the work folder, and a run that was stopped goes on from the last
one.
"""

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.common.data_files import data_file
from pipeline.common.marian import Options, add_marian_options, parse_options, training_devices
from pipeline.common.outputs import atomic_output, write_json
from pipeline.common.script import StepError, add_threads, base_parser, check_files, run
from pipeline.train import checkpoint
from pipeline.train.curve import read_curve
from pipeline.train.feed import feeder_command, modifier_options, train_on_stream, write_aligned_tsv, write_tsv
from pipeline.train.modifiers import usable_modifiers

# What Marian validates with beside the metric that picks the best checkpoint, for the learning curve.
VALIDATION_METRICS = ("chrf", "ce-mean-words", "bleu-detok")


def parser() -> argparse.ArgumentParser:
    parser = base_parser(__doc__)
    parser.add_argument("--architecture", required=True, help="the model's shape: a file of architectures/")
    parser.add_argument("--curriculum", required=True, help="how it is trained: a file of curricula/")
    parser.add_argument("--src", required=True, help="source language")
    parser.add_argument("--trg", required=True, help="target language")
    parser.add_argument("--corpus", nargs=2, type=Path, required=True, metavar=("SRC", "TRG"))
    parser.add_argument("--alignments", type=Path, help="word alignments of the corpus: the attention is guided by them")
    parser.add_argument("--devset", nargs=2, type=Path, required=True, metavar=("SRC", "TRG"))
    parser.add_argument("--vocab", nargs=2, type=Path, required=True, metavar=("SRC", "TRG"))
    parser.add_argument("--split-vocab", action="store_true", help="the two vocabularies differ, so the sides share no embeddings")
    parser.add_argument("--modify", action="store_true", help="change some of the lines by the curriculum's modifiers")
    parser.add_argument("--best-metric", required=True, help="the validation metric of Marian that picks the checkpoint")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work-dir", type=Path, required=True)
    parser.add_argument("--output-dir", type=Path, required=True)
    add_threads(parser)
    add_marian_options(parser)
    return parser


def main(argv: Sequence[str] | None = None) -> None:
    arguments = parser().parse_args(argv)
    given = [arguments.alignments] if arguments.alignments else []
    check_files([*arguments.corpus, *arguments.devset, *arguments.vocab, *given])
    architecture = read_named(data_file("train/architectures"), arguments.architecture)
    curriculum = read_named(data_file("train/curricula"), arguments.curriculum)
    arguments.work_dir.mkdir(parents=True, exist_ok=True)

    model = arguments.work_dir / "model.npz"
    corpus = arguments.work_dir / "corpus.tsv"
    languages = (arguments.src, arguments.trg)
    modifiers = usable_modifiers(curriculum["modifiers"] if arguments.modify else {}, languages, aligned=bool(arguments.alignments))
    modifier = modifier_options(modifiers, languages, arguments.vocab if arguments.alignments else None)
    if arguments.alignments:
        lines = write_aligned_tsv(corpus, arguments.corpus, arguments.alignments, arguments.vocab, languages, arguments.threads)
    else:
        lines = write_tsv(corpus, arguments.corpus)
    if not lines:
        raise StepError(f"{arguments.corpus[0]}: no sentence to train on")
    devset = arguments.work_dir / "devset.tsv"
    write_tsv(devset, arguments.devset)
    options: Options = {
        **architecture,
        "tied-embeddings" if arguments.split_vocab else "tied-embeddings-all": True,
        **curriculum["marian"],
        **training_devices(arguments.threads),
        "model": model,
        "vocabs": arguments.vocab,
        "seed": arguments.seed,
        "tsv": True,
        "tsv-fields": 3 if arguments.alignments else 2,
        "train-sets": ["stdin"],
        "shuffle": "batches",
        "no-restore-corpus": True,
        "guided-alignment": 2 if arguments.alignments else False,
        "keep-best": True,
        "overwrite": True,
        "valid-sets": [devset],
        "valid-metrics": list(dict.fromkeys((arguments.best_metric, *VALIDATION_METRICS))),
        "valid-log": arguments.work_dir / "valid.log",
        "valid-translation-output": arguments.work_dir / "devset.translated",
        "quiet-translation": True,
        "sigterm": "save-and-exit",
        **parse_options(arguments.marian_options),
    }
    checkpoint.discard_if_broken(model)
    feed = feeder_command(curriculum["opustrainer"], corpus, modifier, arguments.seed, arguments.work_dir)
    train_on_stream(feed, options, arguments.threads)

    best = model.with_name(f"{model.name}.best-{arguments.best_metric}.npz")
    if not best.is_file():
        raise StepError(f"training ended without {best.name}: {arguments.best_metric} is not a metric that Marian validated")
    curve = read_curve(arguments.work_dir / "valid.log")
    with atomic_output(arguments.output_dir / "model.npz") as partial:
        shutil.copyfile(best, partial)
    write_json(arguments.output_dir / "training-curve.json", curve)
    write_json(arguments.statistics, {"lines": lines, "validations": len(curve), "best": best_validation(curve, arguments.best_metric)})


def read_named(folder: Path, name: str) -> Any:
    """The content of FOLDER/NAME.yml; raises StepError that lists the names there are."""
    import yaml

    path = folder / f"{name}.yml"
    if not path.is_file():
        raise StepError(f"there is no {name} in {folder.name}: {', '.join(sorted(file.stem for file in folder.glob('*.yml')))}")
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def best_validation(curve: list[dict[str, Any]], metric: str) -> dict[str, Any] | None:
    """The validation whose checkpoint was kept: the lowest for a cost, the highest for a score; the first of equals."""
    rows = [row for row in curve if row["metric"] == metric]
    lower_is_better = metric.startswith(("ce-", "cross-entropy", "perplexity"))
    return min(rows, key=lambda row: row["value"] if lower_is_better else -row["value"], default=None)


if __name__ == "__main__":
    run(main)
