"""Brings a task's inputs from the store into its work folder, every hash checked."""

import json
import shutil
from pathlib import Path

from workflow.environment import resolve
from workflow.errors import WorkflowError
from workflow.graph import Graph, Task
from workflow.store import Store, link_or_copy

# Artifacts that a task uploads carry this prefix in their public name.
PUBLIC = "public/build/"


def fetch_inputs(task: Task, graph: Graph, store: Store, folder: Path) -> int:
    """Fills `folder` with the files that the payload's MOZ_FETCHES lists, at their `dest`, and returns how many there are.

    They are hard links to the store's read-only files, or copies on another file system. Raises WorkflowError where an input is not
    in the store or is not what its task made.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    fetches = json.loads(resolve(task.payload.get("env", {}).get("MOZ_FETCHES", "[]"), task))
    for fetch in fetches:
        if fetch.get("extract"):
            raise WorkflowError(f"fetches {fetch['artifact']} with extract: true, but artifacts are fetched as they are")
        source = graph[fetch["task"]]
        if not store.has(source):
            raise WorkflowError(f"its input {source.label} is not finished ({store.entry(source)} does not exist)")
        artifact = store.verified(source, fetch["artifact"].removeprefix(PUBLIC))
        target = folder / fetch.get("dest", "") / artifact.name
        if not target.resolve().is_relative_to(folder.resolve()):
            raise WorkflowError(f"fetches {fetch['artifact']} to {fetch['dest']!r}, outside its folder")
        if target.exists():
            raise WorkflowError(f"fetches two files to {target.relative_to(folder)}; give each input a dest of its own")
        link_or_copy(artifact, target)
        target.chmod(0o444)
    return len(fetches)
