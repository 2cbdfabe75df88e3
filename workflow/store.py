"""Finished work, addressed by content: data/store/KIND/NAME-DIGEST/ holds a task's artifacts and their manifest.

An entry appears by one rename and never changes, so its existence alone means that the task is done.
"""

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

from workflow.errors import WorkflowError
from workflow.graph import Graph, Task

MANIFEST = "manifest.json"
# How long the task took. It lies outside the manifest because it differs between two runs of the same work.
TIMING = "timing.json"


class Store:
    """The store in the folder `root`."""

    def __init__(self, root: Path):
        self.root = root

    def entry(self, task: Task) -> Path:
        return self.root / task.folder

    def has(self, task: Task) -> bool:
        return (self.entry(task) / MANIFEST).is_file()

    def manifest(self, task: Task) -> dict[str, Any]:
        """{"label", "digest", "digest_data", "artifacts": {name: {"sha256", "size"}}, "inputs": {label: digest}}."""
        return read_manifest(self.entry(task) / MANIFEST)

    def newest(self) -> dict[str, dict[str, Any]]:
        """Of each label the manifest of the work that it did last, whatever its digest was."""
        paths = sorted(self.root.glob(f"*/[!.]*/{MANIFEST}"), key=lambda path: path.stat().st_mtime_ns)
        return {manifest["label"]: manifest for manifest in map(read_manifest, paths)}

    def verified(self, task: Task, artifact: str) -> Path:
        """The path of an artifact, its content checked against the manifest; raises WorkflowError where they differ."""
        path = self.entry(task) / artifact
        recorded = self.manifest(task)["artifacts"].get(artifact)
        if recorded is None:
            raise WorkflowError(f"{task.label} has no artifact {artifact!r} in {self.entry(task)}")
        try:
            found = sha256(path)
        except OSError as error:
            found = f"unreadable ({error.strerror})"
        if found != recorded["sha256"]:
            raise WorkflowError(
                f"{path}: sha256 is {found}, the manifest says {recorded['sha256']}. "
                f"The file changed after {task.label} made it; delete the folder {self.entry(task)} and run again"
            )
        return path

    def publish(self, task: Task, graph: Graph, artifacts: Path, seconds: float) -> Path:
        """Puts the declared outputs in `artifacts` into the store and returns the entry; all of it appears at once or not at all.

        Raises WorkflowError where an output is missing. The caller holds the lock of the task.
        """
        check_outputs(task, artifacts)
        entry = self.entry(task)
        partial = entry.with_name(f".{entry.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        recorded = {}
        for name in task.outputs:
            path = partial / name
            link_or_copy(artifacts / name, path)
            path.chmod(0o444)
            sync(path)
            recorded[name] = {"sha256": sha256(path), "size": path.stat().st_size}
        inputs = {needed.label: needed.digest for needed in graph.upstream(task)}
        manifest = {
            "label": task.label,
            "digest": task.digest,
            "digest_data": task.digest_data,
            "artifacts": recorded,
            "inputs": inputs,
        }
        partial.mkdir(parents=True, exist_ok=True)
        write_synced(partial / TIMING, {"seconds": round(seconds, 1)})
        write_synced(partial / MANIFEST, manifest)
        for folder in {path.parent for path in partial.rglob("*")}:
            sync(folder)
        # An entry without a manifest was emptied by hand; rename(2) would refuse to replace it.
        shutil.rmtree(entry, ignore_errors=True)
        partial.rename(entry)
        sync(entry.parent)
        return entry


def read_manifest(path: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WorkflowError(f"{path}: not a manifest ({error}); delete the folder {path.parent} and run again") from error
    return manifest


def check_outputs(task: Task, artifacts: Path) -> None:
    """Raises WorkflowError unless every declared output is a file."""
    missing = [name for name in task.outputs if not (artifacts / name).is_file()]
    if missing:
        raise WorkflowError(f"exit 0, but these declared outputs are missing: {', '.join(missing)} (in {artifacts})")
    reserved = {MANIFEST, TIMING} & set(task.outputs)
    if reserved:
        raise WorkflowError(f"declares {', '.join(sorted(reserved))}, a name that the store keeps for itself")


def link_or_copy(source: Path, target: Path) -> None:
    """Makes `target` the same file as `source`, or a copy where they lie on different file systems."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_synced(path: Path, data: object) -> None:
    path.write_text(json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    sync(path)


def sync(path: Path) -> None:
    """Waits until a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
