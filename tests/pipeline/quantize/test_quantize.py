"""The script: a model of Marian in, a quarter of its size out."""

import json
from pathlib import Path

import pytest

from pipeline.common.script import StepError
from pipeline.quantize import quantize
from pipeline.quantize.binary_format import FLOAT32, INT8, read_items
from pipeline.quantize.browser_format import BROWSER_INTGEMM8


def run_quantize(model: Path, folder: Path) -> Path:
    output = folder / "model.intgemm8.bin"
    quantize.main(
        [
            *("--model", str(model), "--output", str(output), "--work-dir", str(folder / "work")),
            *("--statistics", str(folder / "statistics.json")),
        ]
    )
    return output


def test_weights_take_eight_bits_and_the_same_model_gives_the_same_bytes(tiny_model: Path, tmp_path: Path) -> None:
    first, second = run_quantize(tiny_model, tmp_path / "first"), run_quantize(tiny_model, tmp_path / "second")
    assert first.read_bytes() == second.read_bytes()
    items = read_items(first)
    assert {item.type for item in items} == {FLOAT32, INT8, BROWSER_INTGEMM8}
    # What stays in 32 bits: biases and the scales of layer normalization, one row each.
    assert {item.shape[0] for item in items if item.type == FLOAT32} == {1}
    statistics = json.loads((tmp_path / "first" / "statistics.json").read_text())
    assert statistics["bytes"] == {"model": tiny_model.stat().st_size, "quantized": first.stat().st_size}
    assert first.stat().st_size < 0.35 * tiny_model.stat().st_size
    assert statistics["quantized_items"] == sum(item.type == BROWSER_INTGEMM8 for item in items)


def test_what_a_killed_run_left_behind_is_no_hindrance(tiny_model: Path, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "marian.intgemm8.bin").write_bytes(b"half a model")
    (tmp_path / ".model.intgemm8.bin.partial").write_bytes(b"half a model")
    assert read_items(run_quantize(tiny_model, tmp_path))
    assert not (tmp_path / ".model.intgemm8.bin.partial").exists()


def test_what_is_no_model_gives_no_output(tmp_path: Path) -> None:
    model = tmp_path / "model.npz"
    model.write_bytes(b"no model")
    with pytest.raises(StepError, match="Marian ended with exit code"):
        run_quantize(model, tmp_path)
    assert not (tmp_path / "model.intgemm8.bin").exists()
    with pytest.raises(StepError, match=r"missing input: .*absent\.npz"):
        run_quantize(tmp_path / "absent.npz", tmp_path)
