"""What the queue makes of a task definition before it takes it: its schema, its dates, and the scopes that creating it needs."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft6Validator, FormatChecker

from tests.taskcluster.loopback_api import ApiError, javascript_date, moment_of, require, satisfied

# The queue's own schema, which is no part of the project and may lie beside it.
SCHEMA = Path(__file__).resolve().parents[3] / "shared/taskcluster-schemas/create-task-request.json"
REQUIRED = ("created", "deadline", "metadata", "payload")
DRIFT = timedelta(minutes=15)
PRIORITIES = ("highest", "very-high", "high", "medium", "low", "very-low", "lowest")
DEFAULTS: dict[str, Any] = {
    "dependencies": [],
    "extra": {},
    "priority": "lowest",
    "projectId": "none",
    "requires": "all-completed",
    "retries": 5,
    "routes": [],
    "schedulerId": "-",
    "scopes": [],
    "tags": {},
}


@lru_cache
def _schema() -> Draft6Validator | None:
    return Draft6Validator(json.loads(SCHEMA.read_text()), format_checker=FormatChecker()) if SCHEMA.exists() else None


def check_schema(body: Any) -> None:
    """Where the queue's schema is not at hand, only for what it requires."""
    if schema := _schema():
        problems = [f"{error.json_path}: {error.message}" for error in schema.iter_errors(body)]
    else:
        problems = [f"$: {key!r} is a required property" for key in REQUIRED if key not in body]
    if problems:
        raise ApiError("InputValidationError", "\n".join(["Schema Validation Failed!", *(f"  * {problem}" for problem in problems)]))


def complete(task_id: str, body: dict) -> dict:
    """The definition as the queue keeps it: with a value for whatever it leaves out, and all dates in one form."""
    definition = {**json.loads(json.dumps(DEFAULTS)), "taskGroupId": task_id, **body}
    if "provisionerId" in definition and "workerType" in definition:
        definition.setdefault("taskQueueId", f"{definition['provisionerId']}/{definition['workerType']}")
    elif "taskQueueId" in definition:
        definition["provisionerId"], definition["workerType"] = definition["taskQueueId"].split("/")
    else:
        raise ApiError("InputError", "at least a provisionerId and a workerType or a taskQueueId must be provided")
    if definition["taskQueueId"] != f"{definition['provisionerId']}/{definition['workerType']}":
        raise ApiError("InputError", 'taskQueueId must match "provisionerId/workerType"')
    definition.setdefault("expires", javascript_date(moment_of(definition["deadline"]) + timedelta(days=365)))
    return definition | {key: javascript_date(moment_of(definition[key])) for key in ("created", "deadline", "expires")}


def check_dates(definition: dict, deadline_limit: timedelta) -> None:
    now = datetime.now(UTC)
    created, deadline, expires = (moment_of(definition[key]) for key in ("created", "deadline", "expires"))
    problems = {
        "`created` cannot be in the past (max 15min drift)": created < now - DRIFT,
        "`created` cannot be in the future (max 15min drift)": created > now + DRIFT,
        # So it says, though it means the opposite.
        "`deadline` cannot be later than `created`": created > deadline,
        "`deadline` cannot be in the past": deadline < now,
        f"`deadline` cannot be more than {deadline_limit.days} days into the future": deadline > now + deadline_limit + DRIFT,
        "`expires` cannot be before `deadline`": deadline > expires,
    }
    for message, holds in problems.items():
        if holds:
            raise ApiError("InputError", message)


def check_scopes(definition: dict, scopes: Sequence[str]) -> None:
    """Whoever creates a task needs all scopes that it gets, and those for its routes, group, project, pool and priority."""
    require(
        [
            *definition["scopes"],
            *(f"queue:route:{route}" for route in definition["routes"]),
            f"queue:create-task:project:{definition['projectId']}",
            f"queue:scheduler-id:{definition['schedulerId']}",
        ],
        scopes,
    )
    if any(scope.endswith("**") for scope in definition["scopes"]):
        raise ApiError("InputError", "scopes must not end with `**`")
    _check_priority(definition, scopes)


def _check_priority(definition: dict, scopes: Sequence[str]) -> None:
    """The scope for a priority serves for all that are lower."""
    pool = f"{definition['provisionerId']}/{definition['workerType']}"
    serving = [f"queue:create-task:{priority}:{pool}" for priority in PRIORITIES[: PRIORITIES.index(definition["priority"]) + 1]]
    if not any(satisfied(scope, scopes) for scope in serving):
        require(serving[-1:], scopes)
