"""What Marian trains on: the corpus as TSV, and OpusTrainer that streams it, shuffled and mixed by a curriculum, into Marian."""

import logging
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.align.remap import remap
from pipeline.common.lines import count_lines, open_parallel_output, read_parallel
from pipeline.common.marian import Options, command, environment
from pipeline.common.progress import progress
from pipeline.common.script import StepError

logger = logging.getLogger(__name__)


def write_tsv(output: Path, corpus: Sequence[Path]) -> int:
    """Writes `source TAB target` and returns the number of lines."""
    return write_rows(output, read_parallel(*corpus))


def write_aligned_tsv(
    output: Path, corpus: Sequence[Path], alignments: Path, vocab: Sequence[Path], languages: tuple[str, str], threads: int
) -> int:
    """Writes `source TAB target TAB alignment` and returns the number of lines.

    Alignments come in for words and go out for the pieces of the vocabularies, which is what Marian compares its attention with.
    """
    remapped = remap(read_parallel(*corpus, alignments), (vocab[0], vocab[1]), languages, threads)
    return write_rows(output, ((*pair, alignment) for pair, alignment in zip(read_parallel(*corpus), remapped, strict=True)))


def write_rows(output: Path, rows: Iterable[tuple[str, ...]]) -> int:
    """Writes the rows, or only counts them where an earlier attempt has written them."""
    if output.exists():
        return count_lines(output)
    with open_parallel_output(output) as tsv:
        for row in progress(rows, f"writing {output.name}"):
            tsv.write("\t".join(field.replace("\t", " ") for field in row))
    return tsv.lines


def train_on_stream(curriculum: Mapping[str, Any], corpus: Path, seed: int, options: Options, work_dir: Path, threads: int) -> None:
    """Trains until Marian stops; raises StepError where it fails.

    OpusTrainer keeps its place in the data beside its configuration, and takes it up again after a restart.
    """
    import yaml

    configuration = work_dir / "opustrainer.yml"
    data = {"datasets": {"original": str(corpus.resolve())}, "seed": seed, "num_fields": options["tsv-fields"], **curriculum}
    configuration.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    shuffled = work_dir / "shuffled"
    shuffled.mkdir(exist_ok=True)
    feeder = [sys.executable, "-m", "opustrainer", "--config", str(configuration), "--temporary-directory", str(shuffled)]
    words = [*feeder, "--workers", str(threads), *command("train", options)]
    logger.info("%s", " ".join(words))
    finished = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=sys.stderr.fileno(), env=environment())
    if finished.returncode != 0:
        raise StepError(f"training ended with exit code {finished.returncode}; the log above says why")
