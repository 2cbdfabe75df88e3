"""Writes a training config for a language pair from the datasets that providers offer for it.

    python -m pipeline.data.find_corpus --src en --trg it --json | python -m training_taskgraph.new_config - configs/en-it.yml

takes that listing from a file or, where it is `-`, from standard input. What is trained on, validated with and tested on is chosen by the
rules of `dataset_choice`; everything else has values of production size, with a comment where a person should decide. The same listing
gives the same bytes. An existing file is never overwritten. Exits with 1 where nothing was written or the config has errors, otherwise
with 0.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training_taskgraph.dataset_choice import Choice, ChoiceError, Offered, choose
from training_taskgraph.training_config.__main__ import report
from training_taskgraph.training_config.languages import script_of
from training_taskgraph.training_config.yaml_text import scalar

WIDTH = 140  # of a line
UNITS = (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3))

CONFIG = """\
# Trains {src} to {trg}. A first draft, made from what the providers' catalogues list: read it, and change what you know better.
# What every key means: docs/training-config.md. Which datasets there are: make find-corpus SRC={src} TRG={trg}
{sources}
---
target-stage: all-pipeline

experiment:
  name: {name}
  src: {src}
  trg: {trg}
  # Two or more translate a little better, and take as many times as long to train and to translate with.
  teacher-ensemble: 1
  # Pre-training on all there is, back-translations included, then fine-tuning on parallel text.
  teacher-mode: two-stage
  # tiny is the smallest and fastest; base-memory and base translate better.
  student-model: base-memory
  best-model: chrf
  spm-sample-size: 10_000_000
  # A vocabulary for each language where they are written in different scripts, otherwise one for both.
  spm-vocab-split: {split}
  # Text of one language: the source's is translated by the teacher for the student, the target's by the backwards model for the teacher.
  mono-max-sentences-src: {{total: 300_000_000, per-dataset: 100_000_000}}
  mono-max-sentences-trg: {{total: 300_000_000, per-dataset: 100_000_000}}
  bicleaner:
    # {bicleaner_comment}
    default-threshold: {bicleaner}
  monocleaner:
    # 0.0 is no filter. Where Monocleaner has a model of the language, 0.7 is usual: https://github.com/bitextor/monocleaner#scoring
    mono-src: {{default-threshold: 0.0}}
    mono-trg: {{default-threshold: 0.0}}
{hplt}
datasets:
{datasets}

# Trainings end when the validation metric has not risen for so many validations.
marian-args:
  training-backward:
    early-stopping: 5
  training-teacher:
    early-stopping: 20
  training-student:
    early-stopping: 20
  training-student-finetuned:
    early-stopping: 20
  decoding-backward:
    mini-batch-words: 2000
  decoding-teacher:
    mini-batch-words: 5000
    maxi-batch: 10000

taskcluster:
  # Into how many tasks the translation of a corpus is split.
  split-chunks: 20
  worker-classes:
    # Spot machines cost a fraction; a training that loses its machine goes on from its last checkpoint.
    default: gcp-spot
"""
HPLT = """\
  # Documents with a lower score are left out, of ten at most.
  hplt-min-doc-score:
    mono-src: 7.0
    mono-trg: 9.0
"""
WITH_BICLEANER = "0.5 keeps what is rather a translation than not; 0.0 is no filter. Where there is no model that fits, the step says so."
WITHOUT_BICLEANER = "0.0 is no filter: Bicleaner AI's models are for pairs with English."


@dataclass(frozen=True)
class Listing:
    """What find-corpus says, as far as a config needs it: `sources` is a comment for each provider."""

    src: str
    trg: str
    sources: list[str]
    datasets: list[Offered]

    @classmethod
    def of(cls, listed: dict[str, Any]) -> "Listing":
        """From the JSON of find-corpus; raises KeyError or TypeError where it is something else."""
        sources = [source_comment(catalogue) for catalogue in listed["catalogues"]]
        return cls(str(listed["src"]), str(listed["trg"]), sources, [Offered.of(dataset) for dataset in listed["datasets"]])


def config_text(listing: Listing) -> str:
    """The config for a listing. Raises ChoiceError where the datasets are not enough to train or to evaluate."""
    src, trg = listing.src, listing.trg
    choice = choose(listing.datasets, f"{src}-{trg}")
    english = any(tag.replace("_", "-").split("-")[0].lower() == "en" for tag in (src, trg))
    hplt = any(dataset.provider == "hplt" for dataset in (*choice.mono_src, *choice.mono_trg))
    return CONFIG.format(
        src=scalar(src),
        trg=scalar(trg),
        name=scalar(f"{src}-{trg}"),
        sources="\n".join(listing.sources),
        split=scalar(script_of(src) != script_of(trg)),
        bicleaner=0.5 if english else 0.0,
        bicleaner_comment=WITH_BICLEANER if english else WITHOUT_BICLEANER,
        hplt=HPLT if hplt else "",
        datasets="\n".join(dataset_lines(choice)),
    )


def source_comment(catalogue: dict[str, Any]) -> str:
    date = f", as of {catalogue['date']}" if catalogue["date"] else ""
    if catalogue["problem"] and not catalogue["date"]:
        return one_line(f"#   {catalogue['provider']}: could not be asked, so that none of its datasets are here")
    return one_line(f"#   {catalogue['provider']}: {catalogue['source']}{date}")


def one_line(text: str) -> str:
    """A comment in one line of the file, whatever a catalogue has in it."""
    return "".join(letter if letter.isprintable() else " " for letter in text)[:WIDTH]


def dataset_lines(choice: Choice) -> Iterable[str]:
    """The lists of datasets, each with its size beside it."""
    yield "  # All parallel text on offer, the largest sets first, without test sets. Merging removes what several of them have in common."
    if choice.duplicates:
        yield f"  # Left out: {choice.duplicates} with the text of one of these or an older version, such as mtdata's copies of OPUS's."
    for key, datasets, purpose in (
        ("mono-src", choice.mono_src, "monolingual text for the student"),
        ("mono-trg", choice.mono_trg, "back-translation"),
    ):
        if not datasets:
            yield f"  # No {key}: no provider that was asked has any, so there is no {purpose}."
    yield from dataset_list("train", choice.train)
    yield f"  # {choice.evaluation_comment}"
    yield from dataset_list("devtest", choice.devtest)
    yield from dataset_list("test", choice.test)
    yield from dataset_list("mono-src", choice.mono_src)
    yield from dataset_list("mono-trg", choice.mono_trg)


def dataset_list(key: str, datasets: Sequence[Offered]) -> Iterable[str]:
    if datasets:
        yield f"  {key}:"
    for dataset in datasets:
        comment = f"  # {size_comment(dataset)}"
        line = f"    - {scalar(dataset.name)}"
        if len(line) + len(comment) <= WIDTH:
            yield line + comment
        else:
            yield f"    {comment.strip()}"
            yield line


def size_comment(dataset: Offered) -> str:
    counted = f"{dataset.sentences:,} sentences" if dataset.sentences else ""
    size = next((f"{dataset.bytes / unit:.1f} {name}" for name, unit in UNITS if dataset.bytes >= unit), "") if dataset.bytes else ""
    return ", ".join(filter(None, [counted, size])) or "size unknown"


def read_listing(path: str) -> Listing:
    """The listing in a file, or on standard input; raises ChoiceError where it is something else."""
    name = "standard input" if path == "-" else path
    text = sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    if not text.strip():
        raise ChoiceError(f"{name}: empty, so no config is written; where find_corpus failed, it has said why")
    try:
        return Listing.of(json.loads(text))
    except (ValueError, KeyError, TypeError) as error:
        raise ChoiceError(f"{name}: no listing; what find_corpus writes with --json is expected") from error


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training_taskgraph.new_config", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("listing", metavar="LISTING", help="JSON of pipeline.data.find_corpus, - for standard input")
    parser.add_argument("config", type=Path, metavar="CONFIG", help="the file to write")
    arguments = parser.parse_args(argv)
    try:
        text = config_text(read_listing(arguments.listing))
        with arguments.config.open("x", encoding="utf-8") as file:
            file.write(text)
    except ChoiceError as error:
        print(error, file=sys.stderr)
        return 1
    except FileExistsError:
        print(f"{arguments.config}: exists already, and is not overwritten; name another file", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename}: {(error.strerror or str(error)).lower()}", file=sys.stderr)
        return 1
    return 0 if report(str(arguments.config)) else 1


if __name__ == "__main__":
    sys.exit(main())
