"""What a run has to do, and why: the tasks that the store does not have, back to the first ones that it has."""

from collections.abc import Iterable
from typing import Any

from workflow.graph import Graph, Task
from workflow.store import Store

# The parts of a digest in words; a part that is not here goes by its own name.
PARTS = {"command": "arguments"}


def unfinished(graph: Graph, goals: Iterable[Task], store: Store) -> list[Task]:
    """The tasks to run, none before what it waits for. What only finished tasks needed is not made again."""
    needed: set[str] = set()
    queue = [goal for goal in goals if not store.has(goal)]
    while queue:
        task = queue.pop()
        if task.label not in needed:
            needed.add(task.label)
            queue += [upstream for upstream in graph.upstream(task) if not store.has(upstream)]
    return [task for task in graph.ancestry(goals) if task.label in needed]


def reason(task: Task, graph: Graph, last: dict[str, Any] | None) -> str:
    """Why `task` runs, by comparison with `last`, the manifest of the work that its label did last."""
    if last is None:
        return "never run"
    now = task.digest_data
    before = last["digest_data"]
    changed = [f"{PARTS.get(part, part)} changed" for part in sorted(now.keys() | before.keys()) if now.get(part) != before.get(part)]
    inputs = {upstream.label: upstream.digest for upstream in graph.upstream(task)}
    for label in sorted(inputs.keys() | last["inputs"].keys()):
        if label not in last["inputs"]:
            changed.append(f"new input {label}")
        elif label not in inputs:
            changed.append(f"input {label} is gone")
        elif inputs[label] != last["inputs"][label]:
            changed.append(f"input {label} changed")
    return ", ".join(changed) or f"its digest changed from {last['digest'][:12]} to {task.digest[:12]}"
