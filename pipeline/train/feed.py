"""What Marian trains on: the corpus as TSV, and OpusTrainer that streams it into Marian, shuffled, mixed and modified by a curriculum."""

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
from pipeline.train import feeder

# Lines that OpusTrainer reads, modifies and shuffles at once, and those that a worker gets of them; its defaults, 100 and 16, spend more
# time on handing lines over than on lines.
BATCH_LINES = 2000
CHUNK_LINES = 250

CONFIGURATION = "opustrainer.yml"
SEPARATORS = str.maketrans("\t\r", "  ")

logger = logging.getLogger(__name__)


def write_tsv(output: Path, files: Sequence[Path]) -> int:
    """Writes `source TAB target`, with `TAB links of tokens` where alignments are the third file, and returns the number of lines.

    OpusTrainer drops a line with an empty field. Where there is no link, a space keeps the pair.
    """
    return write_rows(output, ((source, target, *(tokens or " " for tokens in links)) for source, target, *links in read_parallel(*files)))


def write_guided_tsv(output: Path, files: Sequence[Path], vocab: Sequence[Path], languages: tuple[str, str], threads: int) -> int:
    """Writes `source TAB target TAB links of pieces TAB links of tokens`, given both sides and the alignments; returns the number of lines.

    Alignments come in for tokens. Those of the vocabularies' pieces are what Marian compares its attention with; from those of tokens they
    are found anew for a line that a modifier has changed. A pair without links teaches attention nothing: OpusTrainer drops it.
    """
    remapped = remap(read_parallel(*files), (vocab[0], vocab[1]), languages, threads)
    rows = zip(read_parallel(*files), remapped, strict=True)
    return write_rows(output, ((source, target, pieces, tokens) for (source, target, tokens), pieces in rows))


def write_rows(output: Path, rows: Iterable[tuple[str, ...]]) -> int:
    """Writes the rows, or only counts them where an earlier attempt has written them.

    What OpusTrainer would take for the end of a field or of a line, tab or carriage return, becomes a space.
    """
    if output.exists():
        return count_lines(output)
    with open_parallel_output(output) as tsv:
        for row in progress(rows, f"writing {output.name}"):
            tsv.write("\t".join(field.translate(SEPARATORS) for field in row))
    return tsv.lines


def modifier_options(
    probabilities: Mapping[str, float], languages: tuple[str, str], aligned: bool = False, vocab: Sequence[Path] | None = None
) -> dict[str, Any]:
    """Our modifier as OpusTrainer's configuration names it: `aligned` where lines have links of tokens, `vocab` where of pieces too."""
    options: dict[str, Any] = {feeder.MODIFIER: 1.0, "languages": list(languages), "modifiers": dict(probabilities), "aligned": aligned}
    return options | ({"vocab": [str(path.resolve()) for path in vocab]} if vocab else {})


def feeder_command(
    schedule: Mapping[str, Any], datasets: Mapping[str, Path], modifier: Mapping[str, Any], seed: int, work_dir: Path
) -> list[str]:
    """The command line of OpusTrainer, which expects that of the program it feeds behind it; writes its configuration to the work folder.

    It keeps its place in the data beside its configuration, and takes it up again after a restart, see `place_in_data`.
    """
    import yaml

    fields = 4 if "vocab" in modifier else 3 if modifier["aligned"] else 2
    files = {name: str(path.resolve()) for name, path in datasets.items()}
    data = {"datasets": files, "seed": seed, "num_fields": fields, **schedule, "modifiers": [dict(modifier)]}
    configuration = work_dir / CONFIGURATION
    configuration.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    shuffled = work_dir / "shuffled"
    shuffled.mkdir(exist_ok=True)
    words = [sys.executable, "-m", feeder.__name__, "--config", str(configuration), "--temporary-directory", str(shuffled)]
    return [*words, "--batch-size", str(BATCH_LINES), "--chunk-size", str(CHUNK_LINES)]


def place_in_data(work_dir: Path) -> Path:
    """Where OpusTrainer keeps how far it has read, once a minute and at the end; without this file it begins with the first stage."""
    return work_dir / f"{CONFIGURATION}.state"


def train_on_stream(feed: Sequence[str], options: Options, threads: int) -> None:
    """Trains on what `feed`, of feeder_command, streams until Marian stops; raises StepError where it fails.

    A Marian that dies when it has ended and saved everything has not failed: with a decoder of RNNs on the CPU it sometimes does, while
    its threads end.
    """
    log = Path(str(options["log"]))
    log.unlink(missing_ok=True)
    words = [*feed, "--workers", str(threads), *command("train", options)]
    logger.info("%s", " ".join(words))
    finished = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=sys.stderr.fileno(), env=environment())
    if finished.returncode != 0:
        if not saved_at_its_end(log):
            raise StepError(f"training ended with exit code {finished.returncode}; the log above says why")
        logger.warning("Marian died with exit code %d after it had ended and saved everything", finished.returncode)


def saved_at_its_end(log: Path) -> bool:
    """Whether Marian's log says that training was finished, and after that, that the last checkpoint was saved."""
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    _, ended, rest = text.partition("Training finished")
    return bool(ended) and "Saving training checkpoint" in rest
