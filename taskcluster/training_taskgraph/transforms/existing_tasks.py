"""Frees tasks that finished ones stand in for of their dependencies.

Taskgraph takes an existing task only where those of all dependencies are taken too, the docker image included; and what nobody else
needs would be run for a task that is not. Digests stay as they are, so what depends on an existing task does not notice.
"""

from taskgraph.transforms.base import TransformSequence

transforms = TransformSequence()


@transforms.add
def drop_dependencies(config, tasks):
    for task in tasks:
        if task["label"] in config.params["existing_tasks"]:
            task["dependencies"] = {}
        yield task
