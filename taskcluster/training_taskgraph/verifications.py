"""What must hold of every graph, checked whenever one is generated."""

import json
import logging

from taskgraph.util.verify import verifications

from training_taskgraph.parameters import training_config

logger = logging.getLogger(__name__)


@verifications.add("kinds")
def kind_dependencies_are_those_of_the_inputs(kinds):
    """Kinds are ordered before any transform runs, so each lists its dependencies by hand; here the list is held against the steps."""
    for name, kind in kinds.items():
        defaults = kind.config.get("task-defaults", {})
        steps = [block["step"] for block in [defaults, *kind.config.get("tasks", {}).values()] if "step" in block]
        if not steps:
            continue
        needed = {"docker-image"} | {upstream for step in steps for upstream in step.get("inputs", {})}
        listed = set(kind.config.get("kind-dependencies", []))
        if listed != needed:
            raise Exception(f"kind {name}: kind-dependencies lacks {sorted(needed - listed)} and has needlessly {sorted(listed - needed)}")


@verifications.add("full_task_graph")
def fetched_artifacts_are_declared(task, taskgraph, scratch_pad, graph_config, parameters):
    """A fetch of an artifact that its upstream does not declare would end a training days after it began."""
    if task is None or "outputs" not in task.attributes:
        return
    for fetch in json.loads(task.task["payload"]["env"]["MOZ_FETCHES"]["task-reference"]):
        upstream = taskgraph.tasks[task.dependencies[fetch["task"].strip("<>")]]
        name = fetch["artifact"].removeprefix("public/build/")
        if name not in upstream.attributes["outputs"]:
            raise Exception(f"{task.label} fetches {name} of {upstream.label}, which declares {', '.join(upstream.attributes['outputs'])}")


@verifications.add("full_task_graph")
def existing_tasks_are_in_the_graph(task, taskgraph, scratch_pad, graph_config, parameters):
    if task is None:
        for label in sorted(set(training_config(parameters)["existing_tasks"] or {}) - set(taskgraph.tasks)):
            logger.warning("existing_tasks: the graph has no task %s", label)
