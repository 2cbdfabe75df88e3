"""The graph of a training config, as JSON, for whoever runs it without Taskcluster.

    python -m training_taskgraph.local_graph configs/local.yml --output graph.json

writes what `taskgraph full -J` prints. With --target only the tasks of the config's target stage and their ancestors are in it, with
--target-stage those of another stage.
"""

import argparse
import copy
import logging
import os
import sys
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

from taskgraph.generator import TaskGraphGenerator
from taskgraph.parameters import parameters_loader
from taskgraph.util import json

from training_taskgraph import training_config as config_format

ROOT = Path(__file__).resolve().parents[2]
# Keys that have no effect without Taskcluster, and why.
TASKCLUSTER_ONLY = {
    ("existing_tasks",): "these tasks are Taskcluster's",
    ("previous-group-ids",): "these tasks are Taskcluster's",
    ("taskcluster", "upload-bucket"): "nothing is uploaded",
    ("wandb-publication",): "no metrics are published",
}


def generate(config: dict, graph: str = "full_task_graph"):
    """The graph of a checked config; `graph` is an attribute of TaskGraphGenerator."""
    from training_taskgraph.parameters import local_parameters

    return getattr(generator(local_parameters(config)), graph)


def generator(parameters: dict[str, Any]) -> TaskGraphGenerator:
    """What makes the graphs of a complete set of parameters."""
    # An absolute folder, and the id of a task that runs this, would end up in the definitions.
    os.chdir(ROOT)
    os.environ.pop("TASK_ID", None)
    # A process for every kind costs more than it saves: its start is longer than the making of a kind's tasks.
    os.environ.setdefault("TASKGRAPH_SERIAL", "1")
    return TaskGraphGenerator("taskcluster", parameters_loader(None, strict=True, overrides=parameters))


def without_taskcluster(config: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The config without what has no effect here, and a line on each key that had a value."""
    config, notes = copy.deepcopy(config), []
    for path, reason in TASKCLUSTER_ONLY.items():
        *sections, key = path
        section = reduce(getitem, sections, config)
        if section[key]:
            notes.append(f"{'.'.join(path)}: has no effect here, {reason}")
            section[key] = None
    return config, notes


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=Path)
    parser.add_argument("--output", "-o", type=Path, required=True)
    parser.add_argument("--target", action="store_true", help="only the target stage and its ancestors")
    parser.add_argument("--target-stage", metavar="STAGE", help="instead of the config's; implies --target")
    arguments = parser.parse_args(argv)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    try:
        loaded = config_format.load_file(arguments.config)
        config, without_effect = without_taskcluster(loaded.config)
        override = {"target-stage": arguments.target_stage} if arguments.target_stage else {}
        config = config_format.check({**config, **override}).config
    except config_format.ConfigErrors as errors:
        print(errors, file=sys.stderr)
        return 1
    for warning in loaded.warnings:
        print(warning, file=sys.stderr)
    for note in without_effect:
        print(f"{arguments.config}: {note}", file=sys.stderr)
    # What is wrong with a graph is told in one line below; Taskgraph would log its own stack on top of it.
    logging.getLogger("taskgraph.generator").setLevel(logging.CRITICAL)
    try:
        graph = generate(config, "target_task_graph" if arguments.target or arguments.target_stage else "full_task_graph")
    except Exception as error:
        print(f"{arguments.config}: no graph can be made of it: {error}", file=sys.stderr)
        return 1
    arguments.output.write_text(json.dumps(graph.to_json(), sort_keys=True, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
