"""Generates the graph of every parameter set and holds it against what can be known before anything runs.

Generation itself checks kinds, inputs and artifacts (verifications.py). Here every generated command line is handed to its script's own
parser: an argument that a script refuses shows now, and not when the task starts, days into a training. And a graph has nothing in it that
its target does not need.
"""

import hashlib
import importlib
import io
import logging
import shlex
import sys
from contextlib import redirect_stderr
from functools import cache

from taskgraph.util import json

from training_taskgraph import training_config as config_format
from training_taskgraph.local_graph import ROOT, generator
from training_taskgraph.parameter_sets import parameter_sets

# What stands for the folders of a task while its command line is parsed.
FOLDERS = {'"$MOZ_FETCHES_DIR"': "fetches", '"$UPLOAD_DIR"': "artifacts", '"$WORK_DIR"': "work"}


def main() -> int:
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    refused = 0
    try:
        for name, parameters, warnings in parameter_sets():
            for warning in warnings:
                print(warning, file=sys.stderr)
            graphs = generator(parameters)
            full, target = graphs.full_task_graph, graphs.target_task_graph
            messages = [message for task in full.tasks.values() for message in refused_arguments(task)]
            messages += [f"{label}: nothing in the graph needs it" for label in unneeded(full, target, parameters)]
            for message in messages:
                print(f"{name}: {message}", file=sys.stderr)
            refused += len(messages)
            text = json.dumps(full.to_json(), sort_keys=True, indent=2)
            print(f"{name}: {len(full.tasks)} tasks, sha256 {hashlib.sha256(text.encode()).hexdigest()}", flush=True)
    except config_format.ConfigErrors as errors:
        print(errors, file=sys.stderr)
        return 1
    return 1 if refused else 0


def unneeded(full, target, parameters) -> list[str]:
    """The steps that do not lead to the end of the pipeline, where that is the target: they would run for nothing, or not at all.

    What an existing task stands in for is freed of its ancestors, so that there they are expected.
    """
    if parameters["training_config"]["target-stage"] != "all-pipeline" or parameters["existing_tasks"]:
        return []
    return sorted(label for label, task in full.tasks.items() if "script" in task.attributes and label not in target.tasks)


def refused_arguments(task) -> list[str]:
    """One message where the script of a step would refuse the command line that was generated for it."""
    if "script" not in task.attributes:
        return []
    shell_command = task.task["payload"]["command"][-1]
    for variable, folder in FOLDERS.items():
        shell_command = shell_command.replace(variable, folder)
    # What comes before, of a step that goes on from an earlier run, has arguments of its own.
    words = shlex.split(shell_command)
    module, *words = words[words.index("-m") + 1 :]
    try:
        with redirect_stderr(io.StringIO()) as output:
            parser_of(module).parse_args(words)
    except SystemExit:
        return [f"{task.label}: {task.attributes['script']} refuses its arguments: {output.getvalue().splitlines()[-1]}"]
    return []


@cache
def parser_of(module: str):
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    return importlib.import_module(module).parser()


if __name__ == "__main__":
    sys.exit(main())
