"""The action `train`: a training config, given in Treeherder or by `make train`, becomes a task group of its own."""

import os
import sys
from functools import cache
from typing import Any

import yaml
from taskgraph.actions.registry import register_callback_action
from taskgraph.config import load_graph_config
from taskgraph.decision import taskgraph_decision
from taskgraph.generator import TaskGraphGenerator
from taskgraph.parameters import Parameters

from training_taskgraph import training_config as config_format
from training_taskgraph.earlier_tasks import tasks_from_stage, tasks_of_groups
from training_taskgraph.parameters import DEFAULT_CONFIG, ROOT, existing_tasks
from training_taskgraph.trust import PULL_REQUEST, is_untrusted


@cache
def training_repositories() -> list[str]:
    return load_graph_config(str(ROOT / "taskcluster"))["training-repositories"]


def may_train(parameters: Any) -> bool:
    """Whether a graph offers the action: not that of a fork, which anybody can change."""
    repositories = {parameters["head_repository"], parameters["base_repository"]}
    return not is_untrusted(parameters) and repositories <= set(training_repositories())


def train_schema(graph_config: Any) -> dict[str, Any]:
    """The form that Treeherder shows: the format of training configs, filled in with the one that pull requests run."""
    return {**config_format.json_schema(), "default": yaml.safe_load(DEFAULT_CONFIG.read_text(encoding="utf-8"))}


@register_callback_action(
    name="train",
    title="Train",
    symbol="train",
    description="Trains a translation model. The input is a [training config]"
    "(https://github.com/browser-translations/training/blob/main/docs/training-config.md); "
    "`previous-group-ids` reuses finished tasks of earlier runs.",
    # Above the actions that every graph has.
    order=1,
    context=[],
    available=may_train,
    schema=train_schema,
    permission="train",
)
def train(parameters, graph_config, given, task_group_id, task_id):
    try:
        config = config_format.check(given).config
    except config_format.ConfigErrors as errors:
        print(errors, file=sys.stderr)
        sys.exit(1)
    # Relative, or the folder of this machine would stand in every task.
    root = os.path.relpath(graph_config.root_dir)
    taskgraph_decision({"root": root}, parameters=Parameters(**training_parameters(parameters, config, root)))


def training_parameters(parameters: Any, config: dict[str, Any], root: str) -> dict[str, Any]:
    """The parameters of a training with a checked config, given those of the graph that the action was triggered on."""
    training = {
        **parameters,
        # What is made of a pull request is for pull requests only, however it was triggered.
        "tasks_for": parameters["tasks_for"] if parameters["tasks_for"] == PULL_REQUEST else "action",
        "target_tasks_method": "train",
        "training_config": config,
        "existing_tasks": {},
        "do_not_optimize": [],
        "enable_always_target": False,
        "optimize_strategies": None,
        "optimize_target_tasks": True,
    }
    earlier, again = tasks_of_groups(config["previous-group-ids"]), set()
    if config["start-task-prefix"]:
        graph = TaskGraphGenerator(root, Parameters(**training)).full_task_graph
        again = tasks_from_stage(graph, config["start-task-prefix"]) - config["existing_tasks"].keys()
    existing = existing_tasks(config, {label: task for label, task in earlier.items() if label not in again})
    # Not from the index either, where the same tasks are.
    return {**training, "existing_tasks": existing, "do_not_optimize": sorted(again)}
