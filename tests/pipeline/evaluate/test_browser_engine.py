"""Exported models in the engine that browsers use, compared with Marian itself."""

import gzip
import os
import shutil
from pathlib import Path

import numpy
import pytest

from pipeline.common.lines import read_lines
from pipeline.common.marian import run_marian
from pipeline.common.script import StepError
from pipeline.evaluate.browser_engine import translate_in_browser_engine
from pipeline.export import export
from pipeline.quantize import quantize

LINES = 250  # more than translate.mjs hands the engine in one call


@pytest.fixture(scope="module")
def sources(tiny_corpus: tuple[Path, Path]) -> list[str]:
    return list(read_lines(tiny_corpus[0]))[:LINES]


def marian_translations(model: Path, vocab: tuple[Path, Path], sources: list[str], folder: Path) -> list[str]:
    """What Marian makes of the sources with the weights in 32 bits and the engine's search options."""
    (folder / "input").write_text("".join(f"{source}\n" for source in sources), encoding="utf-8")
    options = {"models": model, "vocabs": vocab, "input": folder / "input", "output": folder / "output"}
    search = {"beam-size": 1, "normalize": 1, "max-length-factor": 2, "cpu-threads": 1, "workspace": 200, "quiet-translation": True}
    run_marian("decode", options | search)
    return list(read_lines(folder / "output"))


def share_equal(one: list[str], other: list[str]) -> float:
    return sum(first == second for first, second in zip(one, other, strict=True)) / len(one)


def translate(model_dir: Path, sources: list[str], *, shortlist: bool = True) -> list[str]:
    return translate_in_browser_engine(sources, model_dir, "en", "it", shortlist=shortlist)


@pytest.fixture
def alone(exported_model: Path, tmp_path: Path) -> Path:
    """The gzipped files of the exported model in a folder of their own, with nothing beside them."""
    folder = tmp_path / "alone"
    folder.mkdir()
    for file in exported_model.glob("*.gz"):
        shutil.copy(file, folder)
    return folder


@pytest.mark.parametrize("use_shortlist", [True, False])
def test_the_engine_translates_as_marian_does(
    alone: Path, tiny_model: Path, vocab: tuple[Path, Path], sources: list[str], tmp_path: Path, use_shortlist: bool
) -> None:
    if not use_shortlist:
        next(alone.glob("lex.*")).unlink()
    translations = translate(alone, sources, shortlist=use_shortlist)
    assert len(translations) == LINES
    assert all(translations)
    assert share_equal(translations, marian_translations(tiny_model, vocab, sources, tmp_path)) > 0.8


def test_the_shortlist_is_in_use(alone: Path, sources: list[str], vocab: tuple[Path, Path], tmp_path: Path) -> None:
    """A shortlist that allows almost nothing makes another translation."""
    lines = tmp_path / "lex.s2t"
    lines.write_text("▁ ▁ 1.0\n", encoding="utf-8")
    run_marian("convert", {"shortlist": [lines, 1, 1, 0], "dump-shortlist": tmp_path / "lex.bin", "vocabs": vocab})
    with_shortlist = translate(alone, sources[:20])
    (alone / "lex.50.50.enit.s2t.bin.gz").write_bytes(gzip.compress((tmp_path / "lex.bin").read_bytes()))
    assert share_equal(translate(alone, sources[:20]), with_shortlist) < 0.2


def test_every_line_has_its_translation(alone: Path, sources: list[str]) -> None:
    """Two sentences on a line, no sentence at all, and characters that elsewhere end a line: all stay one line."""
    odd = [f"{sources[0]} {sources[1]}", "", "   ", "house\u2028city", "house\rcity", "\u0085", "🙂 ☃", "big " * 400, sources[2]]
    translations = translate(alone, odd)
    assert len(translations) == len(odd)
    assert translations[1] == ""
    assert translations[-1] == translate(alone, [sources[2]])[0]


def test_no_lines_give_no_translations(alone: Path) -> None:
    assert translate(alone, []) == []


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("model.enit.intgemm8.bin.gz", "the browser's engine cannot load the model: "),
        ("vocab.enit.spm.gz", "the browser's engine cannot load the model: SentencePiece vocabulary error"),
        ("lex.50.50.enit.s2t.bin.gz", "the browser's engine cannot load the model: Shortlist header claims"),
    ],
)
def test_half_a_file_is_refused(alone: Path, name: str, reason: str) -> None:
    content = gzip.decompress((alone / name).read_bytes())
    (alone / name).write_bytes(gzip.compress(content[: len(content) // 2]))
    with pytest.raises(StepError, match=reason):
        translate(alone, ["house"])


def test_a_changed_byte_or_a_missing_file_is_named(alone: Path) -> None:
    model = alone / "model.enit.intgemm8.bin.gz"
    content = bytearray(model.read_bytes())
    content[len(content) // 2] ^= 0xFF
    model.write_bytes(content)
    with pytest.raises(StepError, match=r"model\.enit\.intgemm8\.bin\.gz: "):
        translate(alone, ["house"])
    model.unlink()
    with pytest.raises(StepError, match=r"model\.enit\.intgemm8\.bin\.gz: ENOENT"):
        translate(alone, ["house"])


def test_a_missing_engine_or_node_says_how_to_install_it(alone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BERGAMOT_MODULES", str(tmp_path))
    with pytest.raises(StepError, match=r"does not exist: run `npm ci` in .*pipeline/evaluate/browser"):
        translate(alone, ["house"])
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    with pytest.raises(StepError, match=r"no `node` on the PATH: install Node 18\.19 or newer"):
        translate(alone, ["house"])


def test_split_vocabularies(
    tiny_model: Path, vocab: tuple[Path, Path], shortlist: Path, alone: Path, sources: list[str], tmp_path: Path
) -> None:
    """The same model with two vocabularies, one of them in another order, translates as with one."""
    model, split_vocab = split_student(tiny_model, vocab, tmp_path)
    quantized = tmp_path / "model.intgemm8.bin"
    quantize.main(["--model", str(model), "--output", str(quantized), "--work-dir", str(tmp_path / "quantize")])
    export.main(
        [
            *("--model", str(quantized), "--shortlist", str(shortlist), "--vocab", *map(str, split_vocab), "--split-vocab"),
            *("--src", "en", "--trg", "it", "--architecture", "toy"),
            *("--output-dir", str(tmp_path / "exported"), "--work-dir", str(tmp_path / "export")),
        ]
    )
    for use_shortlist in (True, False):
        translations = translate(tmp_path / "exported", sources[:60], shortlist=use_shortlist)
        assert translations == translate(alone, sources[:60], shortlist=use_shortlist)


def split_student(model: Path, vocab: tuple[Path, Path], folder: Path) -> tuple[Path, tuple[Path, Path]]:
    """A student with a table of embeddings for each side, and a source vocabulary whose pieces stand in reverse order."""
    weights = dict(numpy.load(model))
    joint = weights.pop("Wemb")
    words = slice(2 + 256, len(joint))  # end of sentence, unknown, and the bytes keep their places
    source_embeddings = joint.copy()
    source_embeddings[words] = joint[words][::-1]
    config = weights["special:model.yml"].tobytes().replace(b"tied-embeddings-all: true", b"tied-embeddings-all: false")
    config = config.replace(b"tied-embeddings: false", b"tied-embeddings: true")
    weights["special:model.yml"] = numpy.frombuffer(config, numpy.int8)
    numpy.savez(folder / "split.npz", **weights, encoder_Wemb=source_embeddings, decoder_Wemb=joint)

    # A SentencePiece model is a protocol buffer that begins with its pieces: tag 0x0a, the length (below 128 here), the piece.
    content, pieces, position = vocab[0].read_bytes(), [], 0
    while content[position] == 0x0A and len(pieces) < len(joint):
        end = position + 2 + content[position + 1]
        pieces.append(content[position:end])
        position = end
    pieces[words] = pieces[words][::-1]
    reverse = folder / "reverse.spm"
    reverse.write_bytes(b"".join(pieces) + content[position:])
    return folder / "split.npz", (reverse, vocab[1])
