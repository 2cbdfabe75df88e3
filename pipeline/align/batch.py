"""One batch of a corpus that is being aligned: a folder with its sentence pairs, and in the end with their alignments."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from pipeline.align.aligner import align_tokens, count_priors
from pipeline.align.symmetrize import format_links, grow_diag_final_and, parse_links
from pipeline.align.tokenize import token_pattern, token_words, tokenize
from pipeline.common.lines import open_parallel_output, read_parallel, write_lines

PAIRS = "source.zst", "target.zst"
ALIGNMENTS = "alignments.zst"


def write_pairs(folder: Path, pairs: Iterable[tuple[str, ...]]) -> None:
    with open_parallel_output(*(folder / name for name in PAIRS)) as output:
        for pair in pairs:
            output.write(*pair)


def align_pairs(folder: Path, languages: tuple[str, str], priors: Path | None, output_priors: Path | None = None) -> Path:
    """Aligns the pairs in `folder` and returns it; does nothing where an earlier run has done so.

    The alignments appear last: where they are, the priors are too, and nothing else is left.
    """
    if (folder / ALIGNMENTS).exists():
        return folder
    scratch = folder / "eflomal"
    source, target = scratch / PAIRS[0], scratch / PAIRS[1]
    with open_parallel_output(source, target) as output:
        for pair in read_parallel(*(folder / name for name in PAIRS)):
            output.write(*(joined_tokens(line, language) for line, language in zip(pair, languages, strict=True)))
    forward, reverse = align_tokens(source, target, priors, scratch)
    if output_priors:
        count_priors(source, target, forward, reverse, output_priors)
    links = (symmetrized(*directed) for directed in read_parallel(forward, reverse))
    write_lines(folder / ALIGNMENTS, links)
    for name in PAIRS:
        (folder / name).unlink()
    shutil.rmtree(scratch)
    return folder


def joined_tokens(line: str, language: str) -> str:
    """The line's tokens, joined by spaces and in lower case: "The" at a sentence's beginning is "the"."""
    return " ".join(token_words(line, tokenize(line, language))).lower()


def symmetrized(forward: str, reverse: str) -> str:
    return format_links(grow_diag_final_and(parse_links(forward), parse_links(reverse)))


def load_patterns(*languages: str) -> None:
    """Compiles the languages' token patterns, which takes a moment; a worker process does so once."""
    for language in languages:
        token_pattern(language)
