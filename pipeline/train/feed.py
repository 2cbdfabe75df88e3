"""What Marian trains on: the corpus as TSV, and OpusTrainer that streams it, shuffled and mixed by a curriculum, into Marian."""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.common.lines import open_parallel_output, read_parallel
from pipeline.common.marian import Options, command
from pipeline.common.progress import progress
from pipeline.common.script import StepError

logger = logging.getLogger(__name__)


def write_tsv(output: Path, corpus: Sequence[Path], alignments: Path | None, vocab: Sequence[Path], languages: tuple[str, str]) -> int:
    """Writes `source TAB target [TAB alignment]` and returns the number of lines; nothing where the file is there already.

    Alignments come in for words and go out for the pieces of the vocabularies, which is what Marian compares its attention with.
    """
    if output.exists():
        return sum(1 for _ in output.open("rb"))
    rows = read_parallel(*corpus) if alignments is None else with_piece_alignments(corpus, alignments, vocab, languages)
    with open_parallel_output(output) as tsv:
        for row in progress(rows, "writing the training data"):
            tsv.write("\t".join(field.replace("\t", " ") for field in row))
    return tsv.lines


def with_piece_alignments(
    corpus: Sequence[Path], alignments: Path, vocab: Sequence[Path], languages: tuple[str, str]
) -> Iterator[tuple[str, str, str]]:
    from pipeline.align.remap import Remapper

    remapper = Remapper(vocab[0], vocab[1], *languages)
    for source, target, alignment in read_parallel(*corpus, alignments):
        yield source, target, remapper.remap(source, target, alignment)


def train_on_stream(curriculum: Mapping[str, Any], corpus: Path, seed: int, options: Options, work_dir: Path, threads: int) -> None:
    """Trains until Marian stops; raises StepError where it fails.

    OpusTrainer keeps its place in the data beside its configuration, and takes it up again after a restart.
    """
    import yaml

    configuration = work_dir / "opustrainer.yml"
    fields = {"num_fields": 3 if options["tsv-fields"] == 3 else 2}
    data = {"datasets": {"original": str(corpus.resolve())}, "seed": seed, **fields, **curriculum}
    configuration.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    shuffled = work_dir / "shuffled"
    shuffled.mkdir(exist_ok=True)
    feeder = [sys.executable, "-m", "opustrainer", "--config", str(configuration), "--temporary-directory", str(shuffled)]
    words = [*feeder, "--workers", str(threads), *command("train", options)]
    logger.info("%s", " ".join(words))
    # One thread of the linear algebra library per Marian thread: otherwise each worker starts one per core.
    environment = os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    finished = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=sys.stderr.fileno(), env=environment)
    if finished.returncode != 0:
        raise StepError(f"training ended with exit code {finished.returncode}; the log above says why")
