"""Makes a parallel corpus of any size, the same each time: Debian's package descriptions, recombined, with the noise that web corpora have.

    python -m benchmarks.data.corpus --pairs 10000000 --output data/benchmark

Half of the pairs are one pair of descriptions with a number appended to both sides, half are two pairs put together; so all are different,
and some 120 characters long. One pair in twelve is then spoilt in one of the ways of NOISE, and one in ten repeats an earlier one.
Writes corpus.en.zst, corpus.it.zst, and corpus.scores.zst: a score from 0 to 1 for each pair, as Bicleaner AI writes them.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np

from pipeline.common.blocks import Lines, open_block_output
from pipeline.common.lines import read_lines
from pipeline.data.download import main as download

BLOCK = 50_000  # pairs
SEED = 20_261_124
NOISY, REPEATED = 1 / 12, 1 / 10


def word(line: bytes) -> bytes:
    return line.split(b" ")[0]


NOISE: list[Callable[[bytes, bytes], tuple[bytes, bytes]]] = [
    lambda src, trg: (src, src),  # untranslated
    lambda src, trg: (src, b""),
    lambda src, trg: (src, trg + b" 1984, 2001 e 37"),  # numbers of one side only
    lambda src, trg: (src, trg * 4),  # too long
    lambda src, trg: (b"https://www.debian.org/?q=" + word(src), b"https://www.debian.org/?q=" + word(trg)),
    lambda src, trg: (src, trg.decode("latin-1").encode()),  # the wrong character set
    lambda src, trg: (src.replace(b" ", b" \xc2\xa0 "), trg.replace(b" ", b"\t")),  # odd blanks, which are mended
    lambda src, trg: (src, b"\xd0\x9f\xd0\xb0\xd0\xba\xd0\xb5\xd1\x82 " * (1 + len(trg) // 12)),  # another script
    lambda src, trg: (trg, src),  # the sides swapped
    lambda src, trg: (b"<b>" + src + b"</b> &amp;", b"<b>" + trg + b"</b> &amp;"),
    lambda src, trg: (src, b"* * * -- == 100 % ** ## [] () {} " + word(trg)),
    lambda src, trg: (src + b" ......................", trg + b" ......................"),
]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--pairs", type=int, default=10_000_000)
    options.add_argument("--output", type=Path, default=Path("data/benchmark"))
    arguments = options.parse_args()
    make(arguments.pairs, arguments.output)


def make(pairs: int, folder: Path) -> list[Path]:
    """The files of the corpus; made once."""
    paths = [folder / f"corpus.{name}.zst" for name in ("en", "it", "scores")]
    if all(path.exists() for path in paths):
        return paths
    base = [folder / f"base.{language}.zst" for language in ("en", "it")]
    download(["--dataset", "ddtp_bookworm", "--src", "en", "--trg", "it", "--output", *map(str, base)])
    src, trg = ([line.encode() for line in read_lines(path)] for path in base)
    with open_block_output(*paths) as writer:
        while writer.lines < pairs:
            size = min(BLOCK, pairs - writer.lines)
            writer.write(*block(src, trg, writer.lines, size))
    return paths


def block(src: Lines, trg: Lines, start: int, size: int) -> tuple[Lines, Lines, Lines]:
    random = np.random.default_rng([SEED, start])
    first, second = random.integers(0, len(src), (2, size)).tolist()
    joined, noisy, repeated = random.random(size) < 0.5, random.random(size) < NOISY, random.random(size) < REPEATED
    ways = random.integers(0, len(NOISE), size).tolist()
    scores = [b"%.3f" % score for score in random.beta(5, 2, size)]
    src_lines, trg_lines = [], []
    for number in range(size):
        one, other = first[number], second[number]
        if repeated[number] and number:
            back = one % number
            pair = src_lines[back], trg_lines[back]
        elif joined[number]:
            pair = src[one] + b" " + src[other], trg[one] + b" " + trg[other]
        else:
            tail = b" %d" % (start + number)
            pair = src[one] + tail, trg[one] + tail
        if noisy[number]:
            pair = NOISE[ways[number]](*pair)
        src_lines.append(pair[0])
        trg_lines.append(pair[1])
    return src_lines, trg_lines, scores


if __name__ == "__main__":
    main()
