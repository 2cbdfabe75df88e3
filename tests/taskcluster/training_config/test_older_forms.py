"""Every older form is refused with its new form, and what it converts to is accepted."""

from typing import Any

import pytest
import yaml
from training_taskgraph.training_config import ConfigErrors, check
from training_taskgraph.training_config.older_forms import OLDER_FORMS, OlderForm

MODEL = {"urls": ["https://example.com/model"], "mode": "use", "type": "default"}
# What configs of earlier formats said; a renamed stage is its own example.
EXAMPLES: dict[str, Any] = {
    "use-opuscleaner": "true",
    "mono-max-sentences-src": 500_000_000,
    "mono-max-sentences-trg": 500_000_000,
    "train-backwards": MODEL,
    "backwards": MODEL,
    "backtranslations-train-backwards-model": MODEL,
    "train-teacher": MODEL,
    "train-teacher-model": MODEL,
    "pretrained-models": {},
    "start-stage": "build-vocab",
    "previous_group_ids": ["QDc7Pm4cSCy70tXhBUW-1w"],
}


def example(form: OlderForm) -> Any:
    if form.key[:2] == ("taskcluster", "worker-classes"):
        return "gcp-spot"
    renamed = form.old.removeprefix("stage or kind ").strip("`")
    return renamed if form.old.startswith("stage") else EXAMPLES[str(form.key[-1])]


def put(config: dict[str, Any], path: tuple, value: Any) -> None:
    for key in path[:-1]:
        config = config.setdefault(key, {})
    config[path[-1]] = value


FORMS = [form for form in OLDER_FORMS if not (form.key == ("start-stage",) and not form.is_old("build-vocab"))]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: "-".join((*form.key, form.new)))
def test_older_form(form: OlderForm, minimal: str) -> None:
    value = example(form)
    config = yaml.safe_load(minimal)
    put(config, form.key, value)
    with pytest.raises(ConfigErrors) as caught:
        check(config)
    assert [problem.key for problem in caught.value.problems] == [".".join(map(str, form.key))]
    assert form.new in caught.value.problems[0].message

    migrated = yaml.safe_load(minimal)
    put(migrated, form.new_key, form.convert(value))
    check(migrated)
