"""What a deployment makes of `.taskcluster.yml` and of `actions.json`: renders them with JSON-e as its services and Treeherder do.

Taskcluster-GitHub renders the file for an event: https://docs.taskcluster.net/docs/reference/integrations/github/taskcluster-yml-v1
Actions and cron go through hooks of the deployment. Those hold the first task of the file as their template, so `tasks` must be a list, and
what it renders to one task.
How a user interface triggers an action: https://docs.taskcluster.net/docs/manual/design/conventions/actions/spec
"""

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsone
import slugid
import yaml

from tests.taskcluster.loopback_api import now

Context = dict[str, Any]
Tasks = dict[str, dict]

STATUS_ROUTES = {True: "checks", False: "statuses"}  # by whether the file says `reporting`
SCHEDULER = "taskcluster-github"  # of a task that names none


def load(path: Path) -> dict:
    return yaml.safe_load(path.read_text())


def as_slugid() -> Callable[[str], str]:
    """The same id for the same name, within one rendering."""
    ids: dict[str, str] = defaultdict(slugid.nice)
    return lambda name: ids[name]


def render(taskcluster_yml: dict, context: Context) -> list[dict]:
    """The tasks in the file, as JSON-e leaves them."""
    return jsone.render(taskcluster_yml, context).get("tasks", [])


def github_tasks(taskcluster_yml: dict, context: Context, root_url: str = "https://tc.example.com") -> Tasks:
    """The definitions that Taskcluster-GitHub creates for an event, by their ids. `context` has `tasks_for` and `event`."""
    rendered = render(taskcluster_yml, {**context, "taskcluster_root_url": root_url, "as_slugid": as_slugid(), "now": now()})
    group = slugid.nice()
    route = STATUS_ROUTES["reporting" in taskcluster_yml]
    tasks = {}
    for task in rendered:
        # One task without ids is a decision task: its own group.
        only = group if len(rendered) == 1 else slugid.nice()
        task_id = task.get("taskId") or (task.get("taskGroupId") if len(rendered) == 1 else None) or only
        defaults = {"taskGroupId": task_id if len(rendered) == 1 else group, "created": now(), "schedulerId": SCHEDULER}
        routes = list(dict.fromkeys([*task.get("routes", []), route]))
        tasks[task_id] = {**defaults, **{key: value for key, value in task.items() if key != "taskId"}, "routes": routes}
    return tasks


def github_scopes(taskcluster_yml: dict, context: Context) -> list[str]:
    """Those that Taskcluster-GitHub creates the tasks with: what the event's role grants, and no more."""
    event, tasks_for = context["event"], context["tasks_for"]
    kind, _, name = event.get("ref", "").removeprefix("refs/").partition("/")
    source = {
        "github-push": f"{'tag' if kind == 'tags' else 'branch'}:{name}",
        "github-pull-request": "pull-request",
        "github-issue-comment": "pull-request",
        "github-pull-request-untrusted": "pull-request-untrusted",
        "github-release": f"release:{event.get('action')}",
    }[tasks_for]
    route = STATUS_ROUTES["reporting" in taskcluster_yml]
    role = f"assume:repo:github.com/{event['repository']['full_name']}:{source}"
    return [role, f"queue:route:{route}", f"queue:scheduler-id:{SCHEDULER}"]


def cron_task(taskcluster_yml: dict, context: Context, root_url: str = "https://tc.example.com") -> tuple[str, dict]:
    """The id and definition of the decision task for a cron job. `context` has `cron`, `push` and `repository`."""
    given = {"ownTaskId": slugid.nice(), "tasks_for": "cron", "taskcluster_root_url": root_url}
    [task] = render(taskcluster_yml, {**given, **context})
    return task.pop("taskId"), task


def action_hook(taskcluster_yml: dict, permission: str, *, pull_request: bool = False) -> dict:
    """The template of the task that a hook for actions of that permission makes, for Deployment.add_hook.

    For an action of a pull request the scopes are those of the repository that it is for.
    """
    address = "payload.decision.repository.base_url" if pull_request else "payload.decision.repository.url"
    copied = ("name", "title", "description", "taskGroupId", "symbol", "cb_name")
    return {
        "$let": {
            "tasks_for": "pr-action" if pull_request else "action",
            "action": {
                **{key: f"${{payload.decision.action.{key}}}" for key in copied},
                "repo_scope": f"assume:repo:${{{address}[8:]}}:action:{permission}",
                "action_perm": permission,
            },
            "push": {"$eval": "payload.decision.push"},
            "repository": {"$eval": "payload.decision.repository"},
            "input": {"$eval": "payload.user.input"},
            "parameters": {"$eval": "payload.decision['parameters']"},
            "taskId": {"$eval": "payload.user.taskId"},
            "taskGroupId": {"$eval": "payload.user.taskGroupId"},
            "ownTaskId": {"$eval": "taskId"},
        },
        "in": taskcluster_yml["tasks"][0],
    }


def _object(optional: tuple[str, ...] = (), **properties: Any) -> dict:
    required = sorted(properties.keys() - set(optional))
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


def _texts(*names: str) -> dict:
    return {name: {"type": "string"} for name in names}


def action_trigger_schema(input_schema: dict | None = None) -> dict:
    """What such a hook accepts as its payload. A deployment may hold the input to a schema."""
    push = _texts("owner", "revision", "pushlog_id", "base_revision", "branch", "base_branch")
    return _object(
        decision=_object(
            action=_object(**_texts("name", "title", "description", "taskGroupId", "cb_name", "symbol")),
            push=_object(("base_revision", "branch", "base_branch"), **push),
            repository=_object(("base_url",), **_texts("url", "project", "level", "base_url")),
            parameters={"type": "object"},
            optional=("parameters",),
        ),
        user=_object(input=input_schema or {}, taskId={"type": ["string", "null"]}, taskGroupId={"type": "string"}),
    )


def offered_actions(actions: dict, task: dict | None = None) -> dict[str, dict]:
    """What a user interface offers for a task, or else for the whole group, by name: of several of one name the first."""
    offered: dict[str, dict] = {}
    for action in actions["actions"]:
        tag_sets = action["context"]
        tags = (task or {}).get("tags", {}).items()
        if any(tag_set.items() <= tags for tag_set in tag_sets) if task else not tag_sets:
            offered.setdefault(action["name"], action)
    return offered


def hook_payload(actions: dict, action: dict, task_group_id: str, task_id: str | None = None, action_input: Any = None) -> dict:
    """What Treeherder triggers the action's hook with, which is `hookId` of `hookGroupId` in the action."""
    context = {**actions["variables"], "taskGroupId": task_group_id, "taskId": task_id, "input": action_input}
    return jsone.render(action["hookPayload"], context)
