"""Whether a model may be trained on as an architecture."""

import pytest
import yaml

from pipeline.common.data_files import data_file
from pipeline.common.lines import read_lines, write_lines
from pipeline.common.marian import run_marian
from pipeline.common.marian_model import OPTIONS, options_array, options_of, read_model, write_model
from pipeline.common.script import StepError
from pipeline.train.pretrained import check_architecture

SHAPE = {"dim-emb": 64, "enc-depth": 1, "dec-depth": 1, "transformer-dim-ffn": 128, "transformer-heads": 4, "tied-embeddings-all": True}


@pytest.mark.parametrize("type_", ["transformer", "s2s"])
def test_the_defaults_are_marians(type_, tiny_corpus, vocab, tmp_path):
    """As a Marian that was told as little as possible writes them into its model."""
    sides = [tmp_path / "train.en", tmp_path / "train.it"]
    for compressed, path in zip(tiny_corpus, sides, strict=True):
        write_lines(path, read_lines(compressed))
    sizes = {"dim-emb": 8, "dim-rnn": 8, "transformer-dim-ffn": 8, "transformer-heads": 1, "enc-depth": 1, "dec-depth": 1}
    training = {"train-sets": sides, "vocabs": vocab, "after": "1u", "cpu-threads": 1, "workspace": 200, "mini-batch": 8}
    run_marian("train", {"type": type_, "model": tmp_path / "model.npz", **sizes, **training})
    written = options_of(tmp_path / "model.npz")
    parts = yaml.safe_load(data_file("train/marian_defaults.yml").read_text())
    defaults = {name: value for options in parts.values() for name, value in options.items()}
    assert {name: written[name] for name in defaults} == defaults


def changed(model, path, **options):
    parameters = read_model(model, "model")
    parameters[OPTIONS] = options_array(options_of(model) | {name.replace("_", "-"): value for name, value in options.items()})
    write_model(path, parameters)
    return path


@pytest.fixture
def student_shape(tiny_model):
    has = options_of(tiny_model)
    return SHAPE | {name: has[name] for name in ("type", "transformer-decoder-autoreg", "dec-cell")}


def test_a_model_of_the_same_architecture(tiny_model, student_shape, tmp_path):
    check_architecture(tiny_model, student_shape)
    check_architecture(changed(tiny_model, tmp_path / "model.npz", enc_cell="lstm", version="v1.9"), student_shape)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"transformer_ffn_activation": "relu"}, "transformer-ffn-activation is relu, not swish"),
        ({"transformer_tied_layers": [1, 1]}, r"transformer-tied-layers is \[1, 1\], not \[\]"),
        ({"right_left": True}, "right-left is True, not False"),
        ({"type": "s2s"}, "type is s2s, not transformer"),
    ],
)
def test_a_model_that_differs_in_what_nobody_named(tiny_model, student_shape, tmp_path, options, message):
    with pytest.raises(StepError, match=message):
        check_architecture(changed(tiny_model, tmp_path / "model.npz", **options), student_shape)
