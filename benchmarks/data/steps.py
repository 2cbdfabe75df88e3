"""How fast the data steps are, on 1 and 2 threads: pairs a second, MB of text a second, and the most memory at a time.

    python -m benchmarks.data.steps [--pairs 10000000] [--folder data/benchmark] [--steps clean merge …] [--threads 1 2]

The corpus is that of corpus.py, made with Debian's mirror of the machine's apt, or DDTP_URL; one that is in the folder already is taken as
it is, whatever its size. `zstd` is what the copying steps are held against: `zstd -dc | zstd -3 -T2` on the source side, in lines a second
as they are; chunk and sample are given the same file. Times are those of whole commands, start included. Memory is the proportional share
(PSS) of all processes of a step, looked at twice a second. Prints a line of JSON for each step.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from pathlib import Path

from benchmarks.data.corpus import make
from pipeline.common.lines import count_lines, open_input

LANGUAGES = ["--src", "en", "--trg", "it"]
Words = list[str]


def script(name: str, *words: object) -> Words:
    return [sys.executable, "-m", f"pipeline.{name}", *map(str, words)]


def clean(folder: Path, filters: str) -> Words:
    corpus, output = ([folder / f"{name}.{tag}.zst" for tag in ("en", "it")] for name in ("corpus", "out"))
    return script("clean.clean_parallel", "--corpus", *corpus, *LANGUAGES, "--output", *output, "--filters", filters)


def merge(folder: Path) -> Words:
    corpora = folder / "corpora"
    corpora.mkdir(exist_ok=True)
    for name in ("en", "it", "scores"):
        if not (link := corpora / f"benchmark.{name}.zst").exists():
            link.symlink_to((folder / f"corpus.{name}.zst").resolve())
    output = [folder / f"out.{tag}.zst" for tag in ("en", "it")]
    return script("merge.merge_parallel", "--corpora", corpora, "--held-out", held_out(folder), *LANGUAGES, "--output", *output)


def held_out(folder: Path) -> Path:
    """A test set of 2,000 pairs of the corpus."""
    target = folder / "held-out"
    target.mkdir(exist_ok=True)
    for tag in ("en", "it"):
        with open_input(folder / f"corpus.{tag}.zst") as stream:
            (target / f"test.{tag}").write_bytes(b"".join(islice(stream, 2000)))
    return target


def chunk(folder: Path) -> Words:
    return script(
        "translate.chunk", "--corpus", folder / "corpus.en.zst", *["--languages", "en", "--chunks", "10", "--output-dir"], folder / "chunks"
    )


def dechunk(folder: Path) -> Words:
    if not (folder / "chunks").exists():
        subprocess.run(chunk(folder), check=True)
    chunks = [folder / "chunks" / f"chunk.{number}.en.zst" for number in range(1, 11)]
    return script("translate.dechunk", "--chunks", *chunks, "--corpus", folder / "corpus.en.zst", "--output", folder / "out.en.zst")


def sample(folder: Path, share: float) -> Words:
    dataset = f"url_{(folder / 'corpus.en.zst').resolve().as_uri()}"
    size = int(count_lines(folder / "corpus.en.zst") * share)
    return script("data.download", "--dataset", dataset, "--language", "en", "--output", folder / "out.en.zst", "--max-sentences", size)


def zstd(folder: Path) -> Words:
    return ["bash", "-c", f"zstd -dc {folder / 'corpus.en.zst'} | zstd -q -3 -T2 -f -o {folder / 'out.en.zst'}"]


# By name: the command, how many sides it reads, and whether its number of threads is an option.
STEPS: dict[str, tuple[Callable[[Path], Words], int, bool]] = {
    "clean": (lambda folder: clean(folder, "{}"), 2, True),
    "clean, without language id": (lambda folder: clean(folder, '{"language": false}'), 2, True),
    "merge": (merge, 2, True),
    "zstd": (zstd, 1, False),
    "chunk": (chunk, 1, False),
    "dechunk": (dechunk, 1, False),
    "sample a half": (lambda folder: sample(folder, 0.5), 1, False),
    "sample a tenth": (lambda folder: sample(folder, 0.1), 1, False),
}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--pairs", type=int, default=10_000_000)
    options.add_argument("--folder", type=Path, default=Path("data/benchmark"))
    options.add_argument("--steps", nargs="+", choices=STEPS, default=list(STEPS))
    options.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    arguments = options.parse_args()
    source, target, _ = make(arguments.pairs, arguments.folder)
    sizes = [text_size(path) for path in (source, target)]
    pairs = count_lines(source)
    for name in arguments.steps:
        command, sides, threaded = STEPS[name]
        for threads in arguments.threads if threaded else [max(arguments.threads)]:
            words = [*command(arguments.folder), *(["--threads", str(threads)] if threaded else [])]
            seconds, memory = measured(words, threads)
            figures = {"lines/s": round(pairs / seconds), "MB/s": round(sum(sizes[:sides]) / seconds / 1e6), "MB of memory": memory >> 20}
            print(json.dumps({"step": name, "threads": threads, "seconds": round(seconds, 1), **figures}), flush=True)


def text_size(path: Path) -> int:
    with open_input(path) as stream:
        return sum(iter(lambda: len(stream.read(1 << 20)), 0))


def measured(words: Words, threads: int) -> tuple[float, int]:
    """Seconds and bytes that a command takes; raises CalledProcessError where it fails."""
    started = time.monotonic()
    environment = {**os.environ, "THREADS": str(threads)}
    process = subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
    most = 0
    while process.poll() is None:
        most = max(most, group_memory(process.pid))
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.5)
    seconds = time.monotonic() - started
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, words, stderr=process.stderr and process.stderr.read())
    return seconds, most


def group_memory(group: int) -> int:
    """The proportional share of memory of all processes of a group, in bytes."""
    total = 0
    for status in Path("/proc").glob("[0-9]*/smaps_rollup"):
        with suppress(OSError, ProcessLookupError):
            if os.getpgid(int(status.parent.name)) == group:
                total += next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("Pss:")) << 10
    return total


if __name__ == "__main__":
    main()
