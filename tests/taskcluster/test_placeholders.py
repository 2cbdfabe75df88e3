import json
import subprocess

import pytest
from training_taskgraph import training_config
from training_taskgraph.placeholders import Placeholders, UnknownPlaceholderError, option_words, quote

from pipeline.common.outputs import write_json


@pytest.fixture
def unbound(config):
    return Placeholders(config, {})


def test_a_text_takes_languages_keys_and_bindings(config):
    placeholders = Placeholders(config, {"dataset-slug": "opus-Books_v1"})
    assert placeholders.texts("{dataset-slug}.{src}-{trg}.{experiment.spm-vocab-size}") == ["opus-Books_v1.en-it.1000"]


def test_an_axis_that_is_not_bound_ranges_over_its_values_in_numeric_order(config):
    config["taskcluster"]["split-chunks"] = 11
    assert Placeholders(config, {}).texts("chunk.{chunk}.zst")[8:] == ["chunk.9.zst", "chunk.10.zst", "chunk.11.zst"]
    assert Placeholders(config, {"chunk": 10}).texts("chunk.{chunk}.zst") == ["chunk.10.zst"]


def test_an_unknown_placeholder_is_an_error_that_names_it(unbound):
    with pytest.raises(UnknownPlaceholderError, match="dataset-slug"):
        unbound.texts("{dataset-slug}.zst")
    with pytest.raises(UnknownPlaceholderError, match=r"experiment\.vocab"):
        unbound.words("{experiment.vocab}")


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("{experiment.corpus-max-sentences}", ["4000"]),
        ("{experiment.spm-vocab-split}", None),
        ("{datasets.devtest}", ["ddtp_bookworm/titles[0:200]"]),
        ("{previous-group-ids}", []),
        ("at {src}", ["at en"]),
        (7, ["7"]),
        (["{src}", "{trg}"], ["en", "it"]),
        ("{chunk}", ["1", "2"]),
    ],
)
def test_an_argument_keeps_the_type_of_its_value(unbound, argument, words):
    assert unbound.words(argument) == words


def test_a_key_that_is_left_out_leaves_the_argument_out(config):
    config["experiment"]["corpus-max-sentences"] = None
    assert Placeholders(config, {}).words("{experiment.corpus-max-sentences}") is None


def test_true_is_a_bare_flag(config):
    config["experiment"]["spm-vocab-split"] = True
    assert Placeholders(config, {}).words("{experiment.spm-vocab-split}") == []


def test_marian_options_from_a_mapping(config):
    config["marian-args"]["decoding-teacher"] = {"beam-size": 4, "fp16": True, "skip-cost": False, "devices": [0, 1]}
    words = Placeholders(config, {}).words("{marian-args.decoding-teacher}")
    assert words == ["--beam-size", "4", "--fp16", "--skip-cost", "false", "--devices", "0", "1"]
    assert option_words("after", "10e") == ["--after", "10e"]


def test_the_whole_config_is_one_word(unbound, config):
    config["experiment"]["name"] = "it's {src}, $(id)"
    (word,) = unbound.words("{config}")
    assert json.loads(word) == config
    line = f"printf %s {quote(word)}"
    assert subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True).stdout == word


@pytest.mark.parametrize(
    "hostile",
    ["$(touch x)", "`id`", "; rm -rf /", "a b", "'", '"', "$UPLOAD_DIR", "\\", "*", "", "äñö", "a\nb", "{inputs}", "--flag"],
)
def test_a_word_reaches_the_program_as_it_is(hostile):
    line = "printf %s " + quote(hostile)
    assert subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True).stdout == hostile


def test_only_folders_expand(unbound):
    (word,) = unbound.texts("{inputs}/corpus $HOME.{src}.zst")
    line = f"MOZ_FETCHES_DIR='/a folder'; printf %s {quote(word)}"
    assert subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True).stdout == "/a folder/corpus $HOME.en.zst"


def test_the_whole_config_is_a_training_config(unbound, config, tmp_path):
    """What is uploaded can be trained with again."""
    (word,) = unbound.words("{config}")
    file = tmp_path / "config.json"
    write_json(file, json.loads(word))
    assert training_config.load_file(file).config == config
