"""Directed word alignments with eflomal, always the same ones for the same sentences.

Method: Östling and Tiedemann, "Efficient Word Alignment with Markov Chain Monte Carlo", PBML 106, 2016; https://github.com/robertostling/eflomal
"""

import codecs
import math
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from pipeline.common.lines import open_output, read_lines
from pipeline.common.script import StepError

MODEL = 3  # IBM 1, then HMM, then HMM with fertilities
SAMPLERS = 3
NULL_PRIOR = 0.2
LONGEST = 1023  # tokens; a longer sentence is left unaligned

# eflomal seeds its samplers from /dev/urandom and takes no seed. A copy of the program in which that name is the name of a file
# beside it, of the same length, makes an alignment something that can be repeated.
RANDOM_DEVICE = b"/dev/urandom\0"
SEED_FILE = "eflomal.seed"
SEED = b"eight by"


def align_tokens(source: Path, target: Path, priors: Path | None, folder: Path) -> tuple[Path, Path]:
    """Aligns two parallel files of tokens joined by spaces; returns the files of forward and of reverse links, Pharaoh's "0-0 1-2" each.

    In both, source positions come first. Forward links give every target token at most one source token, reverse links every source
    token at most one target token. The two directions run as two processes of one thread each: shared between threads, the random
    numbers would be dealt out in the order of chance.
    """
    from eflomal import Aligner

    folder = folder.resolve()
    program = seeded_program(folder)
    prepared = {name: folder / name for name in ("source.ids", "target.ids", "priors.ids")}
    with (
        open(prepared["source.ids"], "wb") as source_ids,
        open(prepared["target.ids"], "wb") as target_ids,
        open(prepared["priors.ids"], "w", encoding="utf-8") as prior_ids,
    ):
        given = read_lines(priors) if priors else None
        try:
            Aligner().prepare_files(read_lines(source), source_ids, read_lines(target), target_ids, given, prior_ids)
        except (ValueError, IndexError, TypeError) as error:
            raise StepError(f"{priors}: eflomal cannot read these priors ({error})") from error
    with open(prepared["source.ids"], "rb") as ids:
        sentences = int(ids.readline().split()[0])

    common = [str(program), "-q", "-m", str(MODEL), "-n", str(SAMPLERS), "-N", str(NULL_PRIOR)]
    common += ["-s", str(prepared["source.ids"]), "-t", str(prepared["target.ids"])]
    common += [word for option, count in zip(("-1", "-2", "-3"), iterations(sentences), strict=True) for word in (option, str(count))]
    if priors:
        common += ["-p", str(prepared["priors.ids"])]
    links = folder / "forward.links", folder / "reverse.links"
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    running = [
        subprocess.Popen([*common, option, str(path)], cwd=folder, env=environment)
        for option, path in zip(("-f", "-r"), links, strict=True)
    ]
    check_exits(running)
    return links


def count_priors(source: Path, target: Path, forward: Path, reverse: Path, output: Path) -> None:
    """Writes what the links of one batch say about words, jumps and fertilities, for other batches to begin with.

    Lines "LEX\\tsource\\ttarget\\tcount", "HMMF\\tjump\\tcount", "FERF\\tword\\tfertility\\tcount" and so on, as eflomal reads them.
    """
    from eflomal import calculate_priors, write_priors

    counts = calculate_priors(*(read_lines(path) for path in (source, target, forward, reverse)))
    with open_output(output) as stream:
        write_priors(codecs.getwriter("utf-8")(stream), *counts)


def check_exits(running: Sequence[subprocess.Popen[bytes]]) -> None:
    codes = [process.wait() for process in running]
    if any(codes):
        raise StepError(f"eflomal ended with exit codes {codes}; its messages are above (-9 is most often a lack of memory)")


def iterations(sentences: int) -> tuple[int, int, int]:
    """How often each model samples: fewer times the more sentences there are, as eflomal's own command does."""
    last = max(2, round(5000 / math.sqrt(max(1, sentences))))
    return max(2, last // 4), max(1, last // 4), last


def seeded_program(folder: Path) -> Path:
    """A copy of eflomal in `folder` that, run there, reads its seed from a file; raises StepError where that cannot be had."""
    import eflomal

    installed = Path(eflomal.__file__).parent / "bin" / "eflomal"
    program = installed.read_bytes()
    if program.count(RANDOM_DEVICE) != 1:
        raise StepError(f"{installed}: does not read {RANDOM_DEVICE[:-1].decode()} as version 2.0.0 does, so it cannot be given a seed")
    seeded = folder / "eflomal"
    seeded.write_bytes(program.replace(RANDOM_DEVICE, SEED_FILE.encode() + b"\0"))
    seeded.chmod(0o755)
    (folder / SEED_FILE).write_bytes(SEED)
    return seeded
