from pathlib import Path
from typing import Any

import pytest
import yaml
from training_taskgraph.training_config import ConfigErrors, Problem, check, load, load_file


def test_a_production_config_is_taken_as_it_is(good_configs: Path) -> None:
    file = good_configs / "production.yml"
    loaded = load_file(file)
    assert loaded.config == yaml.safe_load(file.read_text(encoding="utf-8"))
    assert loaded.warnings == []


def test_defaults(minimal: str) -> None:
    config = load(minimal, "minimal.yml").config
    written = yaml.safe_load(minimal)
    thresholds = {"default-threshold": 0.0, "dataset-thresholds": {}}
    assert config == {
        "experiment": {
            **written["experiment"],
            "teacher-decoder": "marian",
            "spm-vocab-size": 32000,
            "spm-vocab-split": False,
            "spm-norm-rule": "nmt_nfkc",
            "corpus-max-sentences": None,
            "dev-max-sentences": None,
            "opuscleaner-mode": "defaults",
            "bicleaner": {"default-threshold": 0, "dataset-thresholds": {}},
            "monocleaner": {"mono-src": thresholds, "mono-trg": thresholds},
            "hplt-min-doc-score": {"mono-src": None, "mono-trg": None},
            "archive-corpora": False,
            "modify-training-text": True,
        },
        "datasets": {**written["datasets"], "mono-src": [], "mono-trg": []},
        "marian-args": {
            "training-backward": {},
            "training-teacher": {},
            "training-student": {},
            "training-student-finetuned": {},
            "decoding-backward": {},
            "decoding-teacher": {},
        },
        "continuation": {
            "vocab": None,
            "models": {"backwards": None, "teacher": None},
            "corpora": {"parallel": None, "backtranslations": None, "distillation": None},
        },
        "taskcluster": {**written["taskcluster"], "upload-bucket": None},
        "target-stage": "all-pipeline",
        "previous-group-ids": [],
        "start-task-prefix": "",
        "existing_tasks": {},
        "wandb-publication": False,
    }


def test_defaults_are_not_shared_between_configs(minimal: str) -> None:
    load(minimal, "one").config["marian-args"]["training-teacher"]["after"] = "1u"
    assert load(minimal, "two").config["marian-args"]["training-teacher"] == {}


def test_keys_come_in_the_order_of_the_format(minimal: str) -> None:
    config = load(minimal, "minimal.yml").config
    backwards = dict(reversed(config.items()))
    assert list(check(backwards).config) == list(config)


def test_an_optional_key_without_a_value_has_its_default(minimal: str) -> None:
    text = minimal.replace("  devtest:", "  mono-src:\n    # - nothing\n  devtest:") + "continuation:\nwandb-publication:\n"
    assert load(text, "f").config == load(minimal, "f").config


def test_a_checked_config_stays_as_it_is(minimal: str) -> None:
    config = load(minimal, "minimal.yml").config
    assert check(config).config == config


def test_check_leaves_its_argument_alone(minimal: str) -> None:
    config = yaml.safe_load(minimal)
    config["datasets"]["test"] *= 2
    check(config)
    assert config["datasets"]["test"] == ["ddtp_bookworm/titles[500:1500]"] * 2
    assert "mono-src" not in config["datasets"]


def test_errors_of_a_config_without_text_have_no_line(minimal: str) -> None:
    config = yaml.safe_load(minimal)
    config["experiment"]["teacher-ensemble"] = 0
    del config["target-stage"]
    with pytest.raises(ConfigErrors) as caught:
        check(config, "input")
    assert str(caught.value).splitlines() == [
        "input: experiment.teacher-ensemble: too small (found 0, allowed: a whole number, 1 or more)",
        "input: target-stage: required key is missing (found nothing, allowed: one of the 47 stages in docs/training-config.md)",
    ]


@pytest.mark.parametrize(
    "config", [None, [], "text", 3, {}, {1: 2, None: 3}, {"experiment": 3}, {"experiment": {"src": []}, "datasets": {"train": [[]]}}]
)
def test_any_value_is_an_error_and_no_traceback(config: Any) -> None:
    with pytest.raises(ConfigErrors):
        check(config)


def test_errors_are_data(minimal: str) -> None:
    with pytest.raises(ConfigErrors) as caught:
        load(minimal.replace("split-chunks: 1", "split-chunks: 0"), "c.yml")
    line = minimal.splitlines().index("  split-chunks: 1") + 1
    message = "too small (found 0, allowed: a whole number, 1 or more)"
    assert caught.value.problems == [Problem("c.yml", line, "taskcluster.split-chunks", message)]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigErrors, match=r"none.yml: cannot be read \(found no such file or directory"):
        load_file(tmp_path / "none.yml")


def test_a_config_with_a_byte_order_mark(minimal: str, tmp_path: Path) -> None:
    file = tmp_path / "windows.yml"
    file.write_text(minimal, encoding="utf-8-sig", newline="\r\n")
    assert load_file(file).config == load(minimal, "f").config


def test_an_error_is_one_line_whatever_the_config_says(minimal: str) -> None:
    config = yaml.safe_load(minimal)
    config["experiment"]["name"] = "two\nlines"
    config["one\ntwo"] = "a\u2028b"
    with pytest.raises(ConfigErrors) as caught:
        check(config)
    assert len(str(caught.value).splitlines()) == len(caught.value.problems) == 2
