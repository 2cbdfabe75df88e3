"""What a task is granted on this machine or cluster, by the worker alias of its kind: a table in the profile's folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from workflow.errors import WorkflowError
from workflow.graph import Task


@dataclass(frozen=True)
class Worker:
    """CPU threads ("all": as many as the run has) and Snakemake resources; a resource named gpu means that the task gets the GPUs."""

    threads: int | str
    resources: dict[str, Any]


def read_workers(path: Path) -> dict[str, Worker]:
    """Reads ALIAS: {threads: N or all, resources: {NAME: VALUE}}."""
    try:
        table = yaml.safe_load(path.read_text(encoding="utf-8"))
        return {alias: Worker(entry["threads"], entry.get("resources", {})) for alias, entry in table.items()}
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise WorkflowError(f"{path}: no table of ALIAS: {{threads: N or all, resources: {{...}}}} ({error})") from error


def worker_of(task: Task, workers: Mapping[str, Worker]) -> Worker:
    alias = task.attributes.get("worker", "")
    if alias not in workers:
        raise WorkflowError(f"{task.label}: no worker {alias!r} in the profile's workers.yml, which has {', '.join(workers)}")
    return workers[alias]
