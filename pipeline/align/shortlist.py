"""Counts a lexical shortlist: which target pieces a source piece is translated to, so that a decoder need not score all others.

In: a parallel corpus, its word alignments (of pipeline.align.align), the vocabularies. Out: lines "target source probability", by source
piece and falling probability, at most 100 for a source piece; `marian convert --shortlist` makes a binary shortlist of it.

Method: Jean et al. 2015, https://arxiv.org/abs/1412.2007 (section 3.2), with p(target | source) as a relative frequency of alignment
links. Target pieces that are linked to nothing, articles and particles mostly, are counted as translations of </s>: it ends every
source sentence, so the most frequent of them are always allowed. Memory: 16 bytes per pair of pieces seen, and some batches of text.
"""

import argparse
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.align.remap import BATCH_LINES, Row, align_pieces, load_vocab, load_vocabs
from pipeline.common.languages import parse_language
from pipeline.common.lines import read_parallel, write_lines
from pipeline.common.outputs import write_json
from pipeline.common.progress import progress
from pipeline.common.script import add_threads, base_parser, check_files, positive_int, run
from pipeline.common.workers import batches, ordered_map

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    # Sorted keys, source id * target vocabulary size + target id, and how often each was seen.
    Counts = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]


def parser() -> argparse.ArgumentParser:
    arguments = base_parser(__doc__)
    add_threads(arguments)
    arguments.add_argument("--corpus", type=Path, nargs=2, required=True, metavar=("SRC", "TRG"))
    arguments.add_argument("--src", required=True, metavar="LANGUAGE")
    arguments.add_argument("--trg", required=True, metavar="LANGUAGE")
    arguments.add_argument("--alignments", type=Path, required=True, metavar="FILE", help="a line per sentence pair, Pharaoh's format")
    arguments.add_argument("--vocab", type=Path, nargs=2, required=True, metavar=("SRC_SPM", "TRG_SPM"))
    arguments.add_argument("--best", type=positive_int, default=100, metavar="N", help="target pieces for a source piece (%(default)s)")
    arguments.add_argument("--output", type=Path, required=True, metavar="FILE")
    return arguments


def main(argv: Sequence[str] | None = None) -> None:
    args = parser().parse_args(argv)
    check_files([*args.corpus, args.alignments, *args.vocab])
    for language in (args.src, args.trg):
        parse_language(language)
    vocab = args.vocab[0], args.vocab[1]
    load_vocabs(*vocab)

    rows = progress(read_parallel(*args.corpus, args.alignments), "counting")
    counts = no_counts()
    count_rows = partial(count_batch, vocab=vocab, languages=(args.src, args.trg))
    for batch in ordered_map(count_rows, batches(rows, BATCH_LINES), args.threads, load_vocabs, *vocab):
        counts = add_counts(counts, batch)
    entries = write_lines(args.output, shortlist_lines(counts, vocab, args.best))
    write_json(args.statistics, {"pairs-seen": len(counts[0]), "links": int(counts[1].sum()), "entries": entries})


def no_counts() -> "Counts":
    import numpy as np

    return np.empty(0, np.int64), np.empty(0, np.int64)


def count_batch(rows: Sequence[Row], vocab: tuple[Path, Path], languages: tuple[str, str]) -> "Counts":
    """How often each source and target piece are linked in these rows; a target piece without links counts with </s>."""
    import numpy as np

    end, targets = load_vocab(vocab[0]).eos_id(), len(load_vocab(vocab[1]))
    keys: list[int] = []
    for source, target, links in align_pieces(rows, vocab, languages):
        keys.extend(source[i] * targets + target[j] for i, j in links)
        linked = {j for _, j in links}
        keys.extend(end * targets + piece for j, piece in enumerate(target) if j not in linked)
    return np.unique(np.array(keys, np.int64), return_counts=True)


def add_counts(counts: "Counts", more: "Counts") -> "Counts":
    import numpy as np

    keys, places = np.unique(np.concatenate([counts[0], more[0]]), return_inverse=True)
    sums = np.zeros(len(keys), np.int64)
    np.add.at(sums, places, np.concatenate([counts[1], more[1]]))
    return keys, sums


def shortlist_lines(counts: "Counts", vocab: tuple[Path, Path], best: int) -> Iterator[str]:
    """Lines "target source probability": source pieces in the order of their ids, for each its `best` most probable target pieces."""
    import numpy as np

    source_vocab, target_vocab = (load_vocab(path) for path in vocab)
    sources, targets = np.divmod(counts[0], len(target_vocab))
    totals = np.bincount(sources, counts[1], len(source_vocab))
    order = np.lexsort((targets, -counts[1], sources))
    rank, previous = 0, -1
    for source, target, count in zip(sources[order].tolist(), targets[order].tolist(), counts[1][order].tolist(), strict=True):
        rank = rank + 1 if source == previous else 0
        previous = source
        words = target_vocab.id_to_piece(target), source_vocab.id_to_piece(source)
        # Marian's reader splits at white space; a piece that holds some (a tab, where SentencePiece does not normalize) would derail it.
        if rank < best and not any(word.split() != [word] for word in words):
            yield f"{words[0]} {words[1]} {count / totals[source]:.8g}"


if __name__ == "__main__":
    run(main)
