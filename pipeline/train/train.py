"""Trains a Marian model, backwards model, teacher or student, on text that OpusTrainer feeds it.

In: a parallel corpus and a validation set (one sentence a line), SentencePiece vocabularies; where there are any, back-translations, a
second corpus; alignments of the tokens of both, for a curriculum that guides attention by them and for modifiers that need them; a model to
begin with, or a whole training to go on with.
Out, in the output folder: model.npz, the checkpoint that was best on the validation set by --best-metric; vocab.SRC.spm and vocab.TRG.spm,
the vocabularies it needs; training-curve.json, every validation as {"update", "metric", "value"}.

With --checkpoint-dir, a folder of its own: snapshots of the last checkpoint while Marian trains (snapshots.py); at the end that checkpoint,
as model.npz with model.npz.optimizer.npz and model.npz.progress.yml, from which another training can go on (--pretrained-state).

An architecture is a file of architectures/, a curriculum one of curricula/: how the data are mixed and modified, and how the model
learns. Options after "--" go on top of both. A run that was stopped goes on from the checkpoint in the work folder, or where that is lost
or was cut off, from the last snapshot.

Statistics: `lines` of each data set, the number of `validations` and the `best` of them.
"""

import argparse
import logging
import shutil
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from pipeline.common.data_files import data_choice
from pipeline.common.marian import Options, add_marian_options, parse_options, training_devices
from pipeline.common.outputs import atomic_output, write_json
from pipeline.common.script import StepError, add_threads, base_parser, check_files, run
from pipeline.train import checkpoint
from pipeline.train.curve import best_value, read_curve
from pipeline.train.feed import feeder_command, modifier_options, place_in_data, train_on_stream, write_guided_tsv, write_tsv
from pipeline.train.modifiers import BY_LINKS, usable_modifiers
from pipeline.train.pretrained import adopt_state, check_architecture
from pipeline.train.schedule import schedule_for
from pipeline.train.snapshots import Snapshots

# What Marian validates with beside the metric that picks the best checkpoint, for the learning curve.
VALIDATION_METRICS = ("chrf", "ce-mean-words", "bleu-detok")

logger = logging.getLogger(__name__)


def parser() -> argparse.ArgumentParser:
    parser = base_parser(__doc__)
    parser.add_argument("--architecture", required=True, help="the model's shape: a file of architectures/")
    parser.add_argument("--curriculum", required=True, help="how it is trained: a file of curricula/")
    parser.add_argument("--src", required=True, help="source language")
    parser.add_argument("--trg", required=True, help="target language")
    parser.add_argument("--corpus", nargs=2, type=Path, required=True, metavar=("SRC", "TRG"), help="the data set `original`")
    parser.add_argument("--alignments", type=Path, help="of the tokens of the corpus")
    parser.add_argument("--backtranslations", nargs=2, type=Path, metavar=("SRC", "TRG"), help="the data set `backtranslated`")
    parser.add_argument("--backtranslations-alignments", type=Path, help="of their tokens; all data sets have alignments, or none")
    parser.add_argument("--pretrained", type=Path, metavar="NPZ", help="begin with the weights of this model")
    parser.add_argument(
        "--pretrained-state",
        nargs=2,
        type=Path,
        metavar=("OPTIMIZER", "PROGRESS"),
        help="with --pretrained: model.npz.optimizer.npz and model.npz.progress.yml of its training, to go on where that stopped",
    )
    parser.add_argument("--devset", nargs=2, type=Path, required=True, metavar=("SRC", "TRG"))
    parser.add_argument("--vocab", nargs=2, type=Path, required=True, metavar=("SRC", "TRG"))
    parser.add_argument("--split-vocab", action="store_true", help="the two vocabularies differ, so the sides share no embeddings")
    parser.add_argument("--modify", action="store_true", help="change some of the lines by the curriculum's modifiers")
    parser.add_argument("--best-metric", required=True, help="the validation metric of Marian that picks the checkpoint")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work-dir", type=Path, required=True)
    parser.add_argument("--output-dir", type=Path, required=True)
    parser.add_argument("--checkpoint-dir", type=Path, help="for snapshots of the last checkpoint, and for that of the end")
    add_threads(parser)
    add_marian_options(parser)
    return parser


def main(argv: Sequence[str] | None = None) -> None:
    arguments = parser().parse_args(argv)
    corpora = given_corpora(arguments)
    pretrained = [arguments.pretrained, *(arguments.pretrained_state or [])] if arguments.pretrained else []
    check_files([*(file for files in corpora.values() for file in files), *arguments.devset, *arguments.vocab, *pretrained])
    architecture = read_yaml(data_choice("train/architectures", arguments.architecture))
    curriculum = read_yaml(data_choice("train/curricula", arguments.curriculum))
    schedule = schedule_for(curriculum["opustrainer"], corpora)
    guided = curriculum.get("guided-alignment", False)
    if guided and not arguments.alignments:
        raise StepError(f"the curriculum {arguments.curriculum} guides attention by alignments: --alignments is missing")

    model = arguments.work_dir / "model.npz"
    devset = arguments.work_dir / "devset.tsv"
    valid_log = arguments.work_dir / "valid.log"
    languages = (arguments.src, arguments.trg)
    options: Options = {
        **architecture,
        "tied-embeddings" if arguments.split_vocab else "tied-embeddings-all": True,
        **curriculum["marian"],
        **training_devices(arguments.threads),
        "model": model,
        "pretrained-model": arguments.pretrained or False,
        "vocabs": arguments.vocab,
        "seed": arguments.seed,
        "tsv": True,
        "tsv-fields": 3 if guided else 2,
        "train-sets": ["stdin"],
        "shuffle": "batches",
        "no-restore-corpus": True,
        "guided-alignment": 2 if guided else False,
        "keep-best": True,
        "overwrite": True,
        "valid-sets": [devset],
        "valid-metrics": list(dict.fromkeys((arguments.best_metric, *VALIDATION_METRICS))),
        "valid-log": valid_log,
        "valid-translation-output": arguments.work_dir / "devset.translated",
        "quiet-translation": True,
        "log": arguments.work_dir / "marian.log",
        "sigterm": "save-and-exit",
        **parse_options(arguments.marian_options),
    }
    if arguments.pretrained:
        check_architecture(arguments.pretrained, options)

    arguments.work_dir.mkdir(parents=True, exist_ok=True)
    modifiers = usable_modifiers(curriculum["modifiers"] if arguments.modify else {}, languages, aligned=bool(arguments.alignments))
    aligned = guided or not BY_LINKS.isdisjoint(modifiers)
    modifier = modifier_options(modifiers, languages, aligned, arguments.vocab if guided else None)
    write_tsv(devset, arguments.devset)
    datasets, lines = {}, {}
    for name, files in corpora.items():
        datasets[name] = tsv = arguments.work_dir / f"{name}.tsv"
        if guided:
            lines[name] = write_guided_tsv(tsv, files, arguments.vocab, languages, arguments.threads)
        else:
            lines[name] = write_tsv(tsv, files if aligned else files[:2])
        if not lines[name]:
            raise StepError(f"{files[0]}: no sentence to train on")

    best = checkpoint.best_model(model, arguments.best_metric)
    place = place_in_data(arguments.work_dir)
    snapshots = Snapshots(arguments.checkpoint_dir, model, [valid_log, best], place) if arguments.checkpoint_dir else None
    if found_checkpoint(model, snapshots):
        checkpoint.take_up_validations(model, valid_log)
    else:
        place.unlink(missing_ok=True)
        valid_log.unlink(missing_ok=True)
        if arguments.pretrained_state:
            adopt_state(model, arguments.pretrained, *arguments.pretrained_state)
    feed = feeder_command(schedule, datasets, modifier, arguments.seed, arguments.work_dir)
    with snapshots.kept_current() if snapshots else nullcontext():
        train_on_stream(feed, options, arguments.threads)

    if not best.is_file():
        raise StepError(f"training ended without {best.name}: {arguments.best_metric} is not a metric that Marian validated")
    curve = read_curve(valid_log)
    outputs = {"model.npz": best} | {f"vocab.{language}.spm": path for language, path in zip(languages, arguments.vocab, strict=True)}
    for name, path in outputs.items():
        with atomic_output(arguments.output_dir / name) as partial:
            shutil.copyfile(path, partial)
    write_json(arguments.output_dir / "training-curve.json", curve)
    if snapshots:
        snapshots.finish()
    write_json(arguments.statistics, {"lines": lines, "validations": len(curve), "best": best_validation(curve, arguments.best_metric)})


def given_corpora(arguments: argparse.Namespace) -> dict[str, list[Path]]:
    """The files of each data set: source, target, and alignments where there are any; raises StepError where options do not go together."""
    if arguments.pretrained_state and not arguments.pretrained:
        raise StepError("--pretrained-state needs the model, --pretrained")
    sides = {"original": arguments.corpus, "backtranslated": arguments.backtranslations}
    alignments = {"original": arguments.alignments, "backtranslated": arguments.backtranslations_alignments}
    if alignments["backtranslated"] and not sides["backtranslated"]:
        raise StepError("--backtranslations-alignments needs the back-translations, --backtranslations")
    given = {name: [*paths, alignments[name]] if alignments[name] else list(paths) for name, paths in sides.items() if paths}
    if len({len(files) for files in given.values()}) > 1:
        raise StepError("all data sets need alignments, or none: --alignments, --backtranslations-alignments")
    return given


def found_checkpoint(model: Path, snapshots: Snapshots | None) -> bool:
    """Whether there is a checkpoint to go on from, in the work folder or in a snapshot, which then is in the work folder.

    A kill while Marian saves leaves parts of two saves, which a snapshot is better than; but they are better than nothing.
    """
    whole = checkpoint.is_whole(model)
    if whole and checkpoint.is_of_one_save(model):
        logger.info("going on from the checkpoint %s", model)
        return True
    if snapshots and snapshots.restore():
        return True
    if whole:
        logger.warning("going on from the checkpoint %s, which is of two saves: the second one was stopped half way", model)
        return True
    if any(part.exists() for part in checkpoint.parts(model)):
        logger.warning("the checkpoint %s is incomplete: training begins anew", model)
        checkpoint.remove(model)
    return False


def read_yaml(path: Path) -> Any:
    import yaml

    return yaml.safe_load(path.read_text(encoding="utf-8"))


def best_validation(curve: list[dict[str, Any]], metric: str) -> dict[str, Any] | None:
    """The validation whose checkpoint was kept: the lowest for a cost, the highest for a score; the first of equals."""
    best = best_value([(row["update"], row["value"]) for row in curve if row["metric"] == metric], metric)
    return {"update": best[0], "metric": metric, "value": best[1]} if best else None


if __name__ == "__main__":
    run(main)
