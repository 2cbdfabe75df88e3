"""Marian's binary model files are read and written byte for byte."""

import struct
from pathlib import Path

import pytest
import sentencepiece

from pipeline.common.marian import run_marian
from pipeline.common.script import StepError
from pipeline.quantize.binary_format import ALIGNMENT, FLOAT32, INT8, MARIAN_INTGEMM8, Item, padded, read_items, write_items


@pytest.fixture(scope="module")
def converted(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("converted") / "model.bin"
    run_marian("convert", {"from": tiny_model, "to": path, "gemm-type": "intgemm8"})
    return path


def test_a_model_of_marian_survives_reading_and_writing(converted: Path, tmp_path: Path) -> None:
    write_items(tmp_path / "again.bin", read_items(converted))
    assert (tmp_path / "again.bin").read_bytes() == converted.read_bytes()


def test_the_items_of_a_model_of_marian(converted: Path, vocab: tuple[Path, Path]) -> None:
    items = {item.name: item for item in read_items(converted)}
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(vocab[0])).vocab_size()
    assert items["Wemb"].type == FLOAT32
    assert items["Wemb"].shape == (pieces, 64)
    assert len(items["Wemb"].data) == pieces * 64 * 4
    assert items["decoder_l1_ffn_W1"].type == MARIAN_INTGEMM8
    assert b"dec-cell: ssru" in items["special:model.yml"].data


@pytest.mark.parametrize("names", [[], ["a"], ["ü", "x" * 300, ""]])
def test_items_of_any_number_and_name_survive_and_lie_aligned(names: list[str], tmp_path: Path) -> None:
    items = [Item(name, INT8, (1, place), padded(bytes([place]) * 3)) for place, name in enumerate(names, start=1)]
    path = tmp_path / "model.bin"
    write_items(path, items)
    assert read_items(path) == items
    content = path.read_bytes()
    assert len(content) % ALIGNMENT == 0
    assert [content.index(item.data) % ALIGNMENT for item in items] == [0] * len(items)


@pytest.mark.parametrize("length", [0, 7, 100, 2000, -1])
def test_a_broken_file_is_an_error_that_names_it(converted: Path, tmp_path: Path, length: int) -> None:
    broken = tmp_path / "broken.bin"
    broken.write_bytes(converted.read_bytes()[:length])
    with pytest.raises(StepError, match=r"broken\.bin: not a binary model"):
        read_items(broken)


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.bin"
    other.write_bytes(b"PK\x03\x04" + bytes(100))
    with pytest.raises(StepError, match="version 67324752, expected 1"):
        read_items(other)
    other.write_bytes(struct.pack("<QQ", 1, 1 << 60))
    with pytest.raises(StepError, match="items announced in 16 bytes"):
        read_items(other)


def test_bytes_behind_the_last_item_are_refused(converted: Path, tmp_path: Path) -> None:
    longer = tmp_path / "longer.bin"
    longer.write_bytes(converted.read_bytes() + bytes(256))
    with pytest.raises(StepError, match="256 bytes too many"):
        read_items(longer)
