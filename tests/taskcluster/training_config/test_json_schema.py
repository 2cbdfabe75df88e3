from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator
from training_taskgraph.training_config import json_schema, load_file

BAD_CONFIGS = Path(__file__).parents[2] / "data/bad-configs"


@pytest.fixture(scope="module")
def validator() -> Draft7Validator:
    schema = json_schema()
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema)


@pytest.mark.parametrize("name", ["minimal", "production"])
def test_accepts_what_is_valid(validator: Draft7Validator, good_configs: Path, name: str) -> None:
    file = good_configs / f"{name}.yml"
    assert list(validator.iter_errors(yaml.safe_load(file.read_text(encoding="utf-8")))) == []
    assert list(validator.iter_errors(load_file(file).config)) == []


@pytest.mark.parametrize(
    "name",
    [
        "augmentations",
        "boolean-for-number",
        "dataset-names",
        "empty-lists",
        "evaluation-as-training",
        "existing-tasks",
        "marian-args",
        "misspelt-values",
        "missing-keys",
        "mono-as-parallel",
        "norwegian",
        "number-too-small",
        "threshold-names",
        "thresholds-out-of-range",
        "unknown-key",
        "unknown-provider",
        "unknown-stage",
        "vocabulary-size",
        "worker-classes",
        "wrong-types",
    ],
)
def test_refuses_what_is_not(validator: Draft7Validator, name: str) -> None:
    config = yaml.safe_load((BAD_CONFIGS / f"{name}.yml").read_text(encoding="utf-8"))
    assert not validator.is_valid(config)


def test_every_key_of_a_form_is_titled_and_described() -> None:
    def properties(schema: dict[str, Any]):
        for name, item in schema.get("properties", {}).items():
            yield name, item
            yield from properties(item)

    found = list(properties(json_schema()))
    assert len(found) > 60
    assert all(item["title"] == name and item["description"].endswith(".") for name, item in found)
    defaults = {name: item["default"] for name, item in found if "default" in item}
    assert defaults["spm-vocab-size"] == 32000
    assert defaults["teacher-decoder"] == "marian"
