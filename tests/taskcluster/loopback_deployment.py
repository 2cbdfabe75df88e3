"""What a deployment of Taskcluster holds, and how it changes: tasks and their runs, artifacts, the index, hooks, secrets, emails.

No HTTP here: tests arrange what they need and look at what came of it through the same fields and methods as the endpoints.
"""

import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import jsone
import slugid

from tests.taskcluster.loopback_api import ApiError, expand_scopes, is_past, javascript_date, now
from tests.taskcluster.loopback_creation import check_dates, check_schema, check_scopes, complete

RESOLVED = ("completed", "failed", "exception")
MAXIMUM_RUNS = 50
WORKER = {"workerGroup": "loopback", "workerId": "worker"}


@dataclass
class Artifact:
    name: str
    content: bytes
    content_type: str
    expires: str

    def described(self) -> dict:
        return {"storageType": "s3", "name": self.name, "expires": self.expires, "contentType": self.content_type}


@dataclass
class Task:
    """`definition` is what the queue made of the one it was given; `artifacts` are those of each run, by name."""

    task_id: str
    definition: dict
    runs: list[dict] = field(default_factory=list)
    artifacts: list[dict[str, Artifact]] = field(default_factory=list)
    retries_left: int = 0

    @property
    def name(self) -> str:
        return self.definition["metadata"]["name"]

    @property
    def state(self) -> str:
        return self.runs[-1]["state"] if self.runs else "unscheduled"

    def status(self) -> dict:
        kept = ("provisionerId", "workerType", "taskQueueId", "schedulerId", "projectId", "taskGroupId", "priority", "deadline", "expires")
        return {
            "taskId": self.task_id,
            **{key: self.definition[key] for key in kept},
            "retriesLeft": self.retries_left,
            "state": self.state,
            "runs": self.runs,
        }

    def open_run(self, reason: str) -> None:
        self.runs.append({"runId": len(self.runs), "state": "pending", "reasonCreated": reason, "scheduled": now()})
        self.artifacts.append({})
        self.retries_left = min(self.definition["retries"], MAXIMUM_RUNS - len(self.runs))

    def claim(self) -> None:
        """A worker takes the task up, whatever it waits for."""
        if self.state not in ("pending", "running"):
            self.open_run("scheduled" if not self.runs else "rerun")
        self.runs[-1] |= {"state": "running", "started": now(), **WORKER}

    def end(self, state: str, reason: str) -> None:
        self.runs[-1] |= {"state": state, "reasonResolved": reason, "resolved": now()}


@dataclass
class Hook:
    """`task` is the template that becomes a task; `payloads` are those that it was triggered with."""

    task: dict
    trigger_schema: dict
    scopes: list[str]
    payloads: list[dict] = field(default_factory=list)


@dataclass
class Deployment:
    """`scopes` are those of who calls without being a task. A task that calls has its own, and what the `roles` grant them."""

    root_url: str = ""
    scopes: list[str] = field(default_factory=lambda: ["*"])
    roles: dict[str, list[str]] = field(default_factory=dict)
    page_size: int = 1000
    deadline_limit: timedelta = timedelta(days=5)
    tasks: dict[str, Task] = field(default_factory=dict)
    index: dict[str, dict] = field(default_factory=dict)
    hooks: dict[tuple[str, str], Hook] = field(default_factory=dict)
    secrets: dict[str, Any] = field(default_factory=dict)
    emails: list[dict] = field(default_factory=list)

    def granted(self, task_id: str | None = None) -> list[str]:
        """The scopes of a task, or of who calls without being one."""
        return expand_scopes(self.tasks[task_id].definition["scopes"] if task_id else self.scopes, self.roles)

    def add_task(
        self,
        definition: dict | None = None,
        *,
        task_id: str | None = None,
        state: str | None = None,
        artifacts: dict[str, bytes] | None = None,
        expires: str | None = None,
    ) -> str:
        """A task that nobody checks; `definition` says only what matters. Without a state it waits for its dependencies or is pending."""
        task_id = task_id or slugid.nice()
        given = {**task_template(), **(definition or {}), **({"expires": expires} if expires else {})}
        task = self._keep(task_id, complete(task_id, given))
        for name, content in (artifacts or {}).items():
            self.publish(task_id, name, content)
        if state == "running":
            task.claim()
        elif state in RESOLVED:
            self.resolve(task_id, state)
        return task_id

    def create_task(self, task_id: str, body: Any, scopes: Sequence[str]) -> Task:
        """As the queue's method of that name: refuses what a queue refuses, and takes the same definition twice."""
        check_schema(body)
        definition = complete(task_id, body)
        check_scopes(definition, scopes)
        check_dates(definition, self.deadline_limit)
        if task_id in self.tasks:
            if self.tasks[task_id].definition == definition:
                return self.tasks[task_id]
            raise ApiError(
                "RequestConflict", f"taskId `{task_id}` already used by another task.\nThis could be the result of faulty idempotency!"
            )
        self._check_group(definition)
        self._check_dependencies(task_id, definition)
        return self._keep(task_id, definition)

    def publish(self, task_id: str, name: str, content: bytes, expires: str | None = None) -> None:
        """An artifact of the task's latest run, which a worker begins where there is none yet."""
        task = self.tasks[task_id]
        if task.state in ("unscheduled", "pending"):
            task.claim()
        content_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        task.artifacts[-1][name] = Artifact(name, content, content_type, expires or task.definition["expires"])

    def resolve(self, task_id: str, state: str, reason: str | None = None) -> None:
        """Ends the task's latest run; a completed task is indexed, and what waited for it is scheduled."""
        task = self.tasks[task_id]
        if task.state != "running":
            task.claim()
        task.end(state, reason or {"exception": "worker-shutdown"}.get(state, state))
        if state == "completed":
            self._index(task)
        self._schedule_dependents(task_id)

    def cancel(self, task_id: str) -> None:
        task = self.tasks[task_id]
        if task.state in RESOLVED:
            return
        if task.state == "unscheduled":
            task.open_run("exception")
        task.end("exception", "canceled")
        self._schedule_dependents(task_id)

    def group(self, task_group_id: str) -> list[Task]:
        return [task for task in self.tasks.values() if task.definition["taskGroupId"] == task_group_id]

    def insert(self, namespace: str, task_id: str, rank: float, expires: str, data: dict) -> dict:
        """What is indexed there afterwards: a lower rank replaces nothing."""
        if namespace not in self.index or self.index[namespace]["rank"] <= rank:
            self.index[namespace] = {"namespace": namespace, "taskId": task_id, "rank": rank, "data": data, "expires": expires}
        return self.index[namespace]

    def indexed(self, namespace: str) -> dict | None:
        entry = self.index.get(namespace)
        return entry if entry and not is_past(entry["expires"]) else None

    def add_hook(
        self,
        group: str,
        hook: str,
        *,
        task: dict | None = None,
        trigger_schema: dict | None = None,
        scopes: Sequence[str] = ("*",),
    ) -> Hook:
        """`task` is a JSON-e template, rendered with the payload; `scopes` are those that the hook's role grants it."""
        schema = {"type": "object"} if trigger_schema is None else trigger_schema
        self.hooks[group, hook] = Hook(task or task_template(f"hook {hook}"), schema, list(scopes))
        return self.hooks[group, hook]

    def fire(self, hook: Hook, payload: dict, client_id: str) -> str | None:
        """The id of the task that the hook makes, if it makes one: https://docs.taskcluster.net/docs/reference/core/hooks/firing-hooks"""
        hook.payloads.append(payload)
        task_id = slugid.nice()
        context = {"firedBy": "triggerHook", "payload": payload, "clientId": client_id, "taskId": task_id, "now": now()}
        task = jsone.render(hook.task, context)
        if not task:
            return None
        created = {"created": now(), "deadline": from_now(days=1), "expires": from_now(days=30), "taskGroupId": task_id}
        self.create_task(task_id, {**created, **task}, expand_scopes(hook.scopes, self.roles))
        return task_id

    def _keep(self, task_id: str, definition: dict) -> Task:
        task = self.tasks[task_id] = Task(task_id, definition, retries_left=definition["retries"])
        self._schedule(task)
        return task

    def _schedule(self, task: Task) -> None:
        awaited = RESOLVED if task.definition["requires"] == "all-resolved" else ("completed",)
        states = [self.tasks[other].state if other in self.tasks else "" for other in task.definition["dependencies"]]
        if not task.runs and all(state in awaited for state in states):
            task.open_run("scheduled")

    def _schedule_dependents(self, task_id: str) -> None:
        for task in self.tasks.values():
            if task_id in task.definition["dependencies"]:
                self._schedule(task)

    def _check_group(self, definition: dict) -> None:
        group, scheduler = definition["taskGroupId"], definition["schedulerId"]
        if any(task.definition["schedulerId"] != scheduler for task in self.group(group)):
            raise ApiError(
                "RequestConflict",
                f"Task group `{group}` contains tasks with a schedulerId other\nthan `{scheduler}`. "
                "All tasks in the same task-group must have\nthe same schedulerId.",
            )

    def _check_dependencies(self, task_id: str, definition: dict) -> None:
        """They exist, and do so until the deadline of what depends on them."""
        others = [other for other in definition["dependencies"] if other != task_id]
        missing = [other for other in others if other not in self.tasks]
        expiring = [other for other in others if other not in missing and self.tasks[other].definition["expires"] < definition["deadline"]]
        if missing:
            raise ApiError("InputError", f"`task.dependencies` references non-existing tasks: {missing}")
        if expiring:
            raise ApiError("InputError", f"`task.dependencies` references tasks that expires\nbefore `task.deadline`: {expiring}")

    def _index(self, task: Task) -> None:
        options = task.definition["extra"].get("index", {})
        for route in task.definition["routes"]:
            if route.startswith("index."):
                expires = options.get("expires", task.definition["expires"])
                self.insert(route.removeprefix("index."), task.task_id, options.get("rank", 0), expires, options.get("data", {}))


def from_now(**delta: float) -> str:
    return javascript_date(datetime.now(UTC) + timedelta(**delta))


def task_template(name: str = "task") -> dict:
    """The least that a definition says."""
    return {
        "provisionerId": "built-in",
        "workerType": "succeed",
        "created": now(),
        "deadline": from_now(days=1),
        "payload": {},
        "metadata": {"name": name, "description": name, "owner": "nobody@example.com", "source": "https://github.com/example/tiny"},
    }
