"""The task graph as the engine sees it: tasks with a command, the tasks they wait for, and the digest that identifies their work.

The JSON is what Taskgraph prints: {label: {"kind", "attributes", "dependencies": {edge: label}, "task": {"payload", "retries"}}}.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from workflow.errors import WorkflowError

# The queue's own default for a task that does not say how often it may be retried.
DEFAULT_RETRIES = 5
# Longer names would not leave room for a digest in the 255 bytes of a file name (labels have up to 255 characters, some not ASCII).
LONGEST_NAME = 80


@dataclass(frozen=True)
class Task:
    """One task definition."""

    label: str
    kind: str
    attributes: dict[str, Any]
    dependencies: dict[str, str]
    payload: dict[str, Any]
    retries: int

    @property
    def has_command(self) -> bool:
        """Whether there is something to run on a host: images are for containers, and some tasks only gather others."""
        return self.kind != "docker-image" and bool(self.payload.get("command"))

    @property
    def digest(self) -> str:
        """What identifies the work of this task: equal digests, equal artifacts."""
        try:
            return str(self.attributes["cached_task"]["digest"])
        except (KeyError, TypeError):
            raise WorkflowError(f"{self.label}: no attributes.cached_task.digest, so nothing tells when this task is done") from None

    @property
    def digest_data(self) -> dict[str, Any]:
        """What went into the digest, by part; explains why a task runs again."""
        return dict(self.attributes.get("digest-data", {}))

    @property
    def outputs(self) -> list[str]:
        """The names of the artifacts, relative to the task's upload folder."""
        return list(self.attributes.get("outputs", []))

    @property
    def folder(self) -> Path:
        """KIND/NAME-DIGEST: where this work lies in the store, among the work folders and among the logs."""
        name = re.sub(r"[^A-Za-z0-9._-]", "_", self.label.removeprefix(f"{self.kind}-"))
        return Path(self.kind) / f"{name[:LONGEST_NAME]}-{self.digest[:12]}"


class Graph:
    """The tasks of a graph by label."""

    def __init__(self, tasks: Iterable[Task]):
        self.tasks = {task.label: task for task in tasks}

    def __getitem__(self, label: str) -> Task:
        try:
            return self.tasks[label]
        except KeyError:
            raise WorkflowError(f"no task {label!r} in the graph{_nearest(label, self.tasks)}") from None

    def runnable(self) -> list[Task]:
        return [task for task in self.tasks.values() if task.has_command]

    def upstream(self, task: Task) -> list[Task]:
        """The tasks with a command that `task` waits for."""
        return [found for label in task.dependencies.values() if (found := self[label]).has_command]

    def goals(self) -> list[Task]:
        """The tasks that no other one waits for: running them runs everything."""
        awaited = {needed.label for task in self.runnable() for needed in self.upstream(task)}
        return [task for task in self.runnable() if task.label not in awaited]

    def goal(self, label: str) -> Task:
        """The task of that label; raises WorkflowError where a host cannot run it."""
        if not (task := self[label]).has_command:
            raise WorkflowError(f"{label}: nothing to run on a host, it is a task of kind {task.kind}")
        return task

    def ancestry(self, goals: Iterable[Task]) -> Iterator[Task]:
        """The goals and everything they wait for, each once, no task before its dependencies."""
        seen: set[str] = set()
        stack = [(task, False) for task in reversed(list(goals))]
        while stack:
            task, expanded = stack.pop()
            if expanded:
                yield task
            elif task.label not in seen:
                seen.add(task.label)
                stack.append((task, True))
                stack.extend((needed, False) for needed in reversed(self.upstream(task)))


def read_graph(path: Path) -> Graph:
    """Reads a graph's JSON; raises WorkflowError where the file is not one."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Graph(
            Task(
                label=label,
                kind=entry["kind"],
                attributes=entry["attributes"],
                dependencies=entry["dependencies"],
                payload=entry["task"].get("payload", {}),
                retries=entry["task"].get("retries", DEFAULT_RETRIES),
            )
            for label, entry in content.items()
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WorkflowError(f"{path}: not a task graph as Taskgraph prints it ({type(error).__name__}: {error})") from error


def _nearest(label: str, labels: Iterable[str]) -> str:
    matches = get_close_matches(label, labels, n=3)
    return f"; near to it: {', '.join(matches)}" if matches else ""
