"""What must hold of every graph, checked whenever one is generated."""

import json
import logging
import re
from collections import defaultdict

from taskgraph.util.verify import verifications

from training_taskgraph.digest import ROOT, existing_script, reached_files
from training_taskgraph.kind_definitions import words_in
from training_taskgraph.parameters import training_config

logger = logging.getLogger(__name__)

# MAX_ARG_STRLEN of execve(2), without the NUL at the end.
LONGEST_STRING = (1 << 17) - 1
TASK_REFERENCE = re.compile(r"<[^<>]+>")
TASK_ID_LENGTH = 22
# The task that made the graph, which is in none.
DECISION = "<decision>"

# Kinds are loaded in processes of their own. What the first two checks have read there is no need to read again: it is cached.


@verifications.add("parameters")
def the_training_config_is_right(parameters):
    training_config(parameters)


@verifications.add("kinds")
def every_script_can_be_read(kinds):
    """Scripts exist, and all that they import can be found."""
    for script in {word for kind in kinds.values() for word in words_in(step_blocks(kind.config)) if word.startswith("pipeline/")}:
        reached_files(ROOT / existing_script(script), ROOT)


@verifications.add("kinds")
def kind_dependencies_are_those_of_the_inputs(kinds):
    """Kinds are ordered before any transform runs, so each lists its dependencies by hand; here the list is held against the steps."""
    steps = {name: step_blocks(kind.config) for name, kind in kinds.items()}
    replaced_by = defaultdict(set)
    for name, blocks in steps.items():
        for kind in (word for block in blocks for word in words_in(block.get("replaces")) if word in kinds):
            replaced_by[kind].add(name)
    for name, blocks in steps.items():
        if not blocks:
            continue
        inputs = {kind for block in blocks for kind in block.get("inputs", {})}
        needed = {"docker-image"} | inputs | {other for kind in inputs for other in replaced_by[kind]} - {name}
        listed = set(kinds[name].config.get("kind-dependencies", []))
        if listed != needed:
            raise Exception(f"kind {name}: kind-dependencies lacks {sorted(needed - listed)} and has needlessly {sorted(listed - needed)}")


def step_blocks(config):
    """Everything that a kind says of its steps: defaults, tasks, and what they have in some configs only."""
    blocks = [block["step"] for block in [config.get("task-defaults", {}), *config.get("tasks", {}).values()] if "step" in block]
    return [*blocks, *(also for block in blocks for also in block.get("also-when", {}).values())]


@verifications.add("full_task_graph")
def fetched_artifacts_are_declared(task, taskgraph, scratch_pad, graph_config, parameters):
    """A fetch of an artifact that its upstream does not declare would end a training days after it began."""
    if task is None or "outputs" not in task.attributes or task.label in parameters["existing_tasks"]:
        return
    for fetch in json.loads(task.task["payload"]["env"]["MOZ_FETCHES"]["task-reference"]):
        if fetch["task"] == DECISION:
            continue
        upstream = taskgraph.tasks[task.dependencies[fetch["task"].strip("<>")]]
        name = fetch["artifact"].removeprefix("public/build/")
        if name not in upstream.attributes["outputs"]:
            raise Exception(f"{task.label} fetches {name} of {upstream.label}, which declares {', '.join(upstream.attributes['outputs'])}")


@verifications.add("full_task_graph")
def every_step_can_be_started(task, taskgraph, scratch_pad, graph_config, parameters):
    """Linux starts no program with a word or a variable that is longer; a step's command line is one word, for the shell."""
    if task is None or "script" not in task.attributes:
        return
    payload = task.task["payload"]
    variables = {name: value if isinstance(value, str) else value["task-reference"] for name, value in payload["env"].items()}
    strings = {
        "the command line": payload["command"][-1],
        **{name: f"{name}={TASK_REFERENCE.sub('0' * TASK_ID_LENGTH, value)}" for name, value in variables.items()},
    }
    for name, string in strings.items():
        if (length := len(string.encode())) > LONGEST_STRING:
            raise Exception(
                f"{task.label}: {name} has {length:,} bytes, more than the {LONGEST_STRING:,} with which a program can be started"
            )


@verifications.add("full_task_graph")
def existing_tasks_are_in_the_graph(task, taskgraph, scratch_pad, graph_config, parameters):
    if task is None:
        for label in sorted(set(training_config(parameters)["existing_tasks"] or {}) - set(taskgraph.tasks)):
            logger.warning("existing_tasks: the graph has no task %s", label)
