"""The graph's parameters: Taskgraph's own, and the training config."""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from taskgraph.parameters import extend_parameters_schema
from taskgraph.util.schema import Schema

from training_taskgraph import training_config as config_format

ROOT = Path(__file__).resolve().parents[2]
# What a pull request runs, and what is taken where nobody named a config.
DEFAULT_CONFIG = ROOT / "configs/ci.yml"
IMAGES = "docker-image"  # the kind of docker images

# A complete set of Taskgraph's parameters for a graph that nobody pushed: constants, so that the same config gives the same bytes on every
# machine and day, with or without a repository.
LOCAL_PARAMETERS: dict[str, Any] = {
    "base_ref": "",
    "base_repository": "https://github.com/browser-translations/training",
    "base_rev": "0" * 40,
    "build_date": 0,
    "build_number": 1,
    "do_not_optimize": [],
    "enable_always_target": False,
    "existing_tasks": {},
    "files_changed": [],
    "filters": ["target_tasks_method"],
    "head_ref": "main",
    "head_repository": "https://github.com/browser-translations/training",
    "head_rev": "0" * 40,
    "head_tag": "",
    "level": "1",
    "moz_build_date": "19700101000000",
    "next_version": None,
    "optimize_strategies": None,
    "optimize_target_tasks": True,
    "owner": "nobody@example.com",
    "project": "training",
    "pushdate": 0,
    "pushlog_id": "0",
    "repository_type": "git",
    "target_tasks_method": "train",
    "tasks_for": "",
    "version": None,
}

extend_parameters_schema(
    Schema.from_dict({"training_config": dict}, name="TrainingParameters"),
    defaults_fn=lambda repo_root: {"training_config": config_format.load_file(DEFAULT_CONFIG).config, "target_tasks_method": "train"},
)


def local_parameters(config: dict) -> dict[str, Any]:
    return {**LOCAL_PARAMETERS, "training_config": config}


def existing_tasks(config: dict, earlier: Mapping[str, str] | None = None) -> dict[str, str]:
    """The finished tasks, label to task id, that stand in for tasks: of `earlier` runs, and those that the config names; no docker images.

    Whoever copies the labels of a whole run has the images among them, and a new task would run in an old one.
    """
    tasks = {**(earlier or {}), **config["existing_tasks"]}
    return {label: task for label, task in tasks.items() if not label.startswith(f"{IMAGES}-")}


def training_config(parameters: Any) -> dict:
    """The training config of these parameters, checked and with its defaults."""
    return checked(json.dumps(parameters["training_config"], sort_keys=True))


@lru_cache(maxsize=4)
def checked(config: str) -> dict:
    """Every transform of every kind asks for the same config: it is checked once."""
    return config_format.check(json.loads(config)).config
