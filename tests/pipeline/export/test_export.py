"""The exported files: names, bytes, and what is refused."""

import gzip
import hashlib
import json
import shutil
from pathlib import Path

import pytest
import sentencepiece

from pipeline.common.lines import write_lines
from pipeline.common.script import StepError
from pipeline.export import export

FILES = ["lex.50.50.enit.s2t.bin", "model.enit.intgemm8.bin", "vocab.enit.spm"]


def run_export(model: Path, shortlist: Path, vocab: tuple[Path, Path], folder: Path, *more: str) -> Path:
    export.main(
        [
            *("--model", str(model), "--shortlist", str(shortlist), "--vocab", *map(str, vocab)),
            *("--src", "en", "--trg", "it", "--architecture", "toy"),
            *("--output-dir", str(folder / "model"), "--work-dir", str(folder / "work"), *more),
        ]
    )
    return folder / "model"


def test_the_files_that_firefox_expects(exported_model: Path, quantized_model: Path, vocab: tuple[Path, Path]) -> None:
    names = sorted(path.name for path in exported_model.iterdir())
    assert names == sorted([*FILES, *(f"{name}.gz" for name in FILES), "metadata.json"])
    for name in FILES:
        assert gzip.decompress((exported_model / f"{name}.gz").read_bytes()) == (exported_model / name).read_bytes()
    assert (exported_model / "model.enit.intgemm8.bin").read_bytes() == quantized_model.read_bytes()
    assert (exported_model / "vocab.enit.spm").read_bytes() == vocab[0].read_bytes()


def test_the_metadata_describes_every_file(exported_model: Path) -> None:
    metadata = json.loads((exported_model / "metadata.json").read_text())
    assert [metadata[key] for key in ("sourceLanguage", "targetLanguage", "architecture", "version")] == ["en", "it", "toy", "1.0"]
    model = (exported_model / FILES[1]).read_bytes()
    assert (metadata["byteSize"], metadata["hash"]) == (len(model), hashlib.sha256(model).hexdigest())
    assert sorted(metadata["files"]) == FILES
    for name in FILES:
        for kind, suffix in (("plain", ""), ("gzipped", ".gz")):
            content = (exported_model / f"{name}{suffix}").read_bytes()
            assert metadata["files"][name][kind] == {"byteSize": len(content), "hash": hashlib.sha256(content).hexdigest()}
    assert metadata["modelConfig"]["dec-cell"] == "ssru"


def test_the_parts_of_the_model_add_up(exported_model: Path, vocab: tuple[Path, Path]) -> None:
    statistics = json.loads((exported_model / "metadata.json").read_text())["modelStatistics"]
    for unit in ("parameters", "bytes"):
        assert statistics[unit] == sum(statistics[f"{part}_{unit}"] for part in ("embeddings", "encoder", "decoder"))
    assert statistics["embeddings_parameters"] == pieces(vocab[0]) * 64
    # In the encoder: attention (query, key, value, output), the feed-forward block, and the two layer normalizations behind them.
    attention, feed_forward, normalizations = 4 * (64 * 64 + 64), 2 * 64 * 128 + 128 + 64, 2 * 2 * 64
    assert statistics["encoder_parameters"] == attention + feed_forward + normalizations


def test_the_same_input_gives_the_same_bytes(
    exported_model: Path, quantized_model: Path, shortlist: Path, vocab: tuple[Path, Path], tmp_path: Path
) -> None:
    again = run_export(quantized_model, shortlist, vocab, tmp_path, "--statistics", str(tmp_path / "statistics.json"))
    for path in exported_model.iterdir():
        assert (again / path.name).read_bytes() == path.read_bytes(), path.name
    assert not list((tmp_path / "work").iterdir())
    assert json.loads((tmp_path / "statistics.json").read_text()) == {
        "bytes": sum((exported_model / name).stat().st_size for name in FILES),
        "download_bytes": sum((exported_model / f"{name}.gz").stat().st_size for name in FILES),
        "parameters": json.loads((exported_model / "metadata.json").read_text())["modelStatistics"]["parameters"],
    }


def test_split_vocabularies_have_a_file_each(quantized_model: Path, shortlist: Path, vocab: tuple[Path, Path], tmp_path: Path) -> None:
    other = tmp_path / "other.spm"
    other.write_bytes(vocab[1].read_bytes() + b"\xa0\x06\x01")  # the same pieces, and a field that SentencePiece does not know
    exported = run_export(quantized_model, shortlist, (vocab[0], other), tmp_path, "--split-vocab")
    assert not list(exported.glob("vocab.*"))
    for name, path in (("srcvocab.enit.spm", vocab[0]), ("trgvocab.enit.spm", other)):
        assert (exported / name).read_bytes() == path.read_bytes()
        assert gzip.decompress((exported / f"{name}.gz").read_bytes()) == path.read_bytes()


def test_vocabularies_that_differ_are_not_taken_for_a_joint_one(
    quantized_model: Path, shortlist: Path, vocab: tuple[Path, Path], small_vocab: Path, tmp_path: Path
) -> None:
    with pytest.raises(StepError, match=r"differ: .* needs --split-vocab"):
        run_export(quantized_model, shortlist, (vocab[0], small_vocab), tmp_path)


def test_the_vocabulary_of_another_model_is_refused(
    quantized_model: Path, shortlist: Path, vocab: tuple[Path, Path], small_vocab: Path, tmp_path: Path
) -> None:
    with pytest.raises(StepError, match=rf"small\.spm: 280 pieces, but .* was trained with {pieces(vocab[0])}: another model's"):
        run_export(quantized_model, shortlist, (small_vocab, small_vocab), tmp_path)
    assert not (tmp_path / "model").exists()


def test_what_is_no_vocabulary_is_refused(quantized_model: Path, shortlist: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.spm"
    broken.write_bytes(b"no vocabulary")
    with pytest.raises(StepError, match=r"broken\.spm: not a SentencePiece vocabulary"):
        run_export(quantized_model, shortlist, (broken, broken), tmp_path)


def test_an_empty_shortlist_is_refused(quantized_model: Path, vocab: tuple[Path, Path], tmp_path: Path) -> None:
    empty = tmp_path / "empty.s2t.zst"
    write_lines(empty, [])
    with pytest.raises(StepError, match=r"empty\.s2t\.zst: an empty shortlist"):
        run_export(quantized_model, empty, vocab, tmp_path)


def pieces(vocab: Path) -> int:
    return sentencepiece.SentencePieceProcessor(model_file=str(vocab)).vocab_size()


@pytest.fixture(scope="module")
def small_vocab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vocabulary of 280 pieces, which no model here was trained with."""
    folder = tmp_path_factory.mktemp("small")
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([f"{first}{second}" for first in "abcdefgh" for second in "ijklmnop"]),
        model_prefix=str(folder / "small"),
        vocab_size=280,
        byte_fallback=True,
        bos_id=-1,
        eos_id=0,
        unk_id=1,
        minloglevel=2,
    )
    return Path(shutil.move(folder / "small.model", folder / "small.spm"))
