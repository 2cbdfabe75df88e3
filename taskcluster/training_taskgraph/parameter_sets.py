"""The parameters that graphs are made of to be validated: those of our own configs, and those of taskcluster/test/parameter-sets.yml."""

from collections.abc import Iterator
from typing import Any

import yaml

from training_taskgraph import training_config as config_format
from training_taskgraph.decision import decision_parameters
from training_taskgraph.parameters import DEFAULT_CONFIG, ROOT, local_parameters

FILE = ROOT / "taskcluster/test/parameter-sets.yml"
# A local run, and an action, which makes its own parameters.
MADE_WITHOUT_DECISION = ("", "action")


def parameter_sets() -> Iterator[tuple[str, dict[str, Any], list[Any]]]:
    """(name, parameters, warnings of the config) of each set; raises ConfigErrors for a config that is wrong."""
    for path in sorted((ROOT / "configs").glob("*.yml")):
        loaded = config_format.load_file(path)
        yield str(path.relative_to(ROOT)), local_parameters(loaded.config), loaded.warnings
    for name, description in yaml.safe_load(FILE.read_text(encoding="utf-8")).items():
        path = ROOT / description.get("config", DEFAULT_CONFIG)
        config = yaml.safe_load(path.read_text(encoding="utf-8"))
        checked = config_format.check(changed(config, description.get("changes", {})))
        parameters = local_parameters(checked.config) | description.get("parameters", {})
        if parameters["tasks_for"] not in MADE_WITHOUT_DECISION:
            decision_parameters(None, parameters)
        yield name, parameters, []


def changed(config: Any, changes: Any) -> Any:
    """The config with the changes in it, mapping by mapping; other values replace those that were there."""
    if not (isinstance(config, dict) and isinstance(changes, dict)):
        return changes
    return {**config, **{key: changed(config.get(key), value) for key, value in changes.items()}}
