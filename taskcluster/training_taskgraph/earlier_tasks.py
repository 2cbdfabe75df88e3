"""Finished tasks of earlier runs that stand in for tasks of a new one: those of the task groups that a config names."""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from taskcluster.exceptions import TaskclusterRestFailure
from taskgraph.util.taskcluster import get_artifact, get_taskcluster_client, status_task_batched

logger = logging.getLogger(__name__)

# Of a run of a thousand tasks a page lists this many.
PAGE = 500


def tasks_of_groups(groups: Sequence[str], now: datetime | None = None) -> dict[str, str]:
    """Label to task id of every task of the groups that is completed and has its artifacts yet; of two groups the later one counts.

    A group is the id of the decision task, or of the action, that made it. What that has itself taken from earlier runs belongs to it.
    Raises TaskclusterRestFailure where a group does not exist.
    """
    now = now or datetime.now(UTC)
    with ThreadPoolExecutor() as pool:
        found = pool.map(lambda group: tasks_of_group(group, now), groups)
        return {label: task for tasks in found for label, task in tasks.items()}


def tasks_of_group(group: str, now: datetime) -> dict[str, str]:
    own = list_group(group)
    taken = {label: task for label, task in labels_of(group).items() if task not in {status["taskId"] for _, status in own}}
    statuses = status_task_batched(list(taken.values())) if taken else {}
    others = [(label, statuses[task]) for label, task in taken.items() if task in statuses]
    # The group's own tasks last: one that was triggered again replaces what was taken before.
    usable = [entry for entry in [*others, *sorted(own, key=last_resolved)] if is_usable(*entry, now)]
    logger.info("group %s: %d of %d tasks can be reused", group, len({label for label, _ in usable}), len({label for label, _ in own}))
    return {label: status["taskId"] for label, status in usable}


def list_group(group: str) -> list[tuple[str, dict[str, Any]]]:
    """(label, status) of all tasks of a group, page by page."""
    tasks: list[tuple[str, dict[str, Any]]] = []

    def add(page: dict[str, Any]) -> None:
        tasks.extend((entry["task"]["metadata"]["name"], entry["status"]) for entry in page["tasks"])

    get_taskcluster_client("queue").listTaskGroup(group, query={"limit": PAGE}, paginationHandler=add)
    return tasks


def labels_of(group: str) -> dict[str, str]:
    """What the group's decision says of its tasks, those of earlier runs included; nothing where it says nothing."""
    try:
        return get_artifact(group, "public/label-to-taskid.json") or {}
    except (TaskclusterRestFailure, requests.HTTPError) as error:
        logger.warning("group %s: what it has taken from earlier runs is not known: %s", group, error)
        return {}


def last_resolved(entry: tuple[str, dict[str, Any]]) -> str:
    return max((run.get("resolved", "") for run in entry[1].get("runs", [])), default="")


def is_usable(label: str, status: dict[str, Any], now: datetime) -> bool:
    """Whether a task is completed, and its artifacts are still there for a day."""
    if status["state"] != "completed":
        return False
    expires = datetime.fromisoformat(status["expires"].replace("Z", "+00:00"))
    if expires <= now + timedelta(days=1):
        logger.warning("%s: not reused, the artifacts of %s expire %s", label, status["taskId"], status["expires"])
        return False
    return True


def tasks_from_stage(graph: Any, stage: str) -> set[str]:
    """The labels of a stage's tasks, and of all that depends on them."""
    labels = {label for label, task in graph.tasks.items() if task.attributes.get("stage") == stage}
    return set(graph.graph.transitive_closure(labels, reverse=True).nodes)
