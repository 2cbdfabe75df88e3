"""Fixtures: the toy student quantized, its shortlist, and both exported, all by the real scripts."""

from collections import Counter
from pathlib import Path

import pytest

from pipeline.common.lines import read_parallel, write_lines
from pipeline.export import export
from pipeline.quantize import quantize

__all__ = ["exported_model", "quantized_model", "shortlist"]


@pytest.fixture(scope="session")
def quantized_model(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("quantized")
    output = folder / "model.intgemm8.bin"
    quantize.main(["--model", str(tiny_model), "--output", str(output), "--work-dir", str(folder / "work")])
    return output


def write_shortlist(path: Path, corpus: tuple[Path, Path], vocab: tuple[Path, Path]) -> Path:
    """A lexical shortlist of a toy corpus, in which word follows word: "target source probability" for the pieces of each word pair."""
    import sentencepiece

    source_pieces, target_pieces = (sentencepiece.SentencePieceProcessor(model_file=str(side)) for side in vocab)
    pairs: Counter[tuple[str, str]] = Counter()
    for source, target in read_parallel(*corpus):
        for source_word, target_word in zip(source.split(), target.split(), strict=True):
            targets = target_pieces.encode(target_word, out_type=str)
            pairs.update((piece, other) for piece in source_pieces.encode(source_word, out_type=str) for other in targets)
    totals: Counter[str] = Counter()
    for (source, _), count in pairs.items():
        totals[source] += count
    write_lines(path, (f"{target} {source} {count / totals[source]:.6f}" for (source, target), count in sorted(pairs.items())))
    return path


@pytest.fixture(scope="session")
def shortlist(tiny_corpus: tuple[Path, Path], vocab: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_shortlist(tmp_path_factory.mktemp("shortlist") / "lex.s2t.zst", tiny_corpus, vocab)


@pytest.fixture(scope="session")
def exported_model(quantized_model: Path, shortlist: Path, vocab: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the exported student, en-it."""
    folder = tmp_path_factory.mktemp("exported")
    export.main(
        [
            *("--model", str(quantized_model), "--shortlist", str(shortlist), "--vocab", *map(str, vocab)),
            *("--src", "en", "--trg", "it", "--architecture", "toy"),
            *("--output-dir", str(folder / "model"), "--work-dir", str(folder / "work")),
        ]
    )
    return folder / "model"
