"""This project on a loopback deployment: its code as a repository, its roles, and the tasks that its events make."""

import json
import os
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import taskcluster
import yaml

from tests.taskcluster import taskcluster_yml
from tests.taskcluster.loopback_api import expand_scopes
from tests.taskcluster.loopback_deployment import Task
from tests.taskcluster.loopback_taskcluster import LoopbackTaskcluster
from tests.taskcluster.taskgraph_commands import TASKGRAPH, commit_all, finish, git
from tests.working_tree import copy_working_tree

ROOT = Path(__file__).resolve().parents[2]
REPOSITORY_ROLE = "repo:github.com/browser-translations/training"
GRANTED = yaml.safe_load((ROOT / "taskcluster/test/roles.yml").read_text(encoding="utf-8"))
HOOK_SCOPES = [
    "queue:create-task:medium:translations-1/decision",
    "queue:create-task:medium:translations-3/decision",
    "queue:scheduler-id:*",
    "queue:route:checks",
    "queue:route:tc-treeherder.*",
]


def write_repository(folder: Path, changed: str) -> Path:
    """A repository with two commits: all files of this one that git does not ignore, as they are now, and a change of one of them."""
    copy_working_tree(folder)
    commit_all(folder)
    with (folder / changed).open("a") as file:
        file.write("# changed\n")
    commit_all(folder)
    return folder


def grant(server: LoopbackTaskcluster) -> None:
    """What an administrator grants the roles of this repository, and no more; and deadlines as long as trainings have them."""
    server.deadline_limit = timedelta(days=46)
    server.roles.update({f"{REPOSITORY_ROLE}:{name}": scopes for name, scopes in GRANTED.items()})


def for_checkout(context: dict[str, Any], checkout: Path) -> dict[str, Any]:
    """The context, of an event or a cron job, for the commit that is checked out and the one before it."""
    base, head = git(checkout, "rev-parse", "HEAD~1", "HEAD").split()
    if "event" not in context:
        return {**context, "push": {**context["push"], "revision": head}}
    event = context["event"]
    if "pull_request" in event:
        pull = event["pull_request"]
        commits = {"head": {**pull["head"], "sha": head}, "base": {**pull["base"], "sha": base}}
        return {**context, "event": {**event, "pull_request": {**pull, **commits}}}
    return {**context, "event": {**event, "before": base, "after": head}}


def run_payload(server: LoopbackTaskcluster, checkout: Path, task_id: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Runs a decision's or an action's own command in the checkout, as the image's run-task does after its set-up."""
    payload = server.tasks[task_id].definition["payload"]
    command = payload["command"][payload["command"].index("--") + 1 :]
    # The folder is the container's; and what pip would install into the user's home is linked there.
    artifacts = home / "artifacts"
    shutil.rmtree(artifacts, ignore_errors=True)
    artifacts.mkdir(parents=True)
    (home / ".local/bin").mkdir(parents=True, exist_ok=True)
    if not (home / ".local/bin/taskgraph").exists():
        (home / ".local/bin/taskgraph").symlink_to(TASKGRAPH)
    words = [word.replace("/builds/worker/artifacts", str(artifacts)) for word in command]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("TASK", "ACTION_", "GIT_", "PYTHONPATH"))}
    worker = {
        "HOME": str(home),
        "TASK_ID": task_id,
        "RUN_ID": "0",
        "TASKCLUSTER_ROOT_URL": server.root_url,
        "TASKCLUSTER_PROXY_URL": server.proxy_url(task_id),
    }
    return subprocess.run(
        words,
        cwd=checkout,
        env={**inherited, **worker, **payload["env"]},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )


def prepared(server: LoopbackTaskcluster, checkout: Path, context: dict[str, Any]) -> str:
    """The id of the decision task that an event or a cron job makes, with a worker that is about to run it."""
    file = taskcluster_yml.load(checkout / ".taskcluster.yml")
    here = for_checkout(context, checkout)
    if context["tasks_for"] == "cron":
        task_id, definition = taskcluster_yml.cron_task(file, here, server.root_url)
        scopes = definition["scopes"]
    else:
        [(task_id, definition)] = taskcluster_yml.github_tasks(file, here, server.root_url).items()
        scopes = taskcluster_yml.github_scopes(file, here)
    server.create_task(task_id, definition, expand_scopes(scopes, server.roles))
    server.tasks[task_id].claim()
    return task_id


def decide(server: LoopbackTaskcluster, checkout: Path, context: dict[str, Any], home: Path) -> str:
    """The id of a decision task that has run and is done."""
    return completed(server, checkout, prepared(server, checkout, context), home)


def act(
    server: LoopbackTaskcluster, checkout: Path, decision: str, name: str, home: Path, *, on_task: str | None = None, given: Any = None
) -> str:
    """Triggers an action of the decision's group as Treeherder does, and runs the task that the hook makes: its id."""
    file = taskcluster_yml.load(checkout / ".taskcluster.yml")
    actions = json.loads(server.tasks[decision].artifacts[-1]["public/actions.json"].content)
    task = server.tasks[on_task].definition if on_task else None
    action = taskcluster_yml.offered_actions(actions, task)[name]
    permission, of_pull_request = action["extra"]["actionPerm"], "-pr-action-" in action["hookId"]
    template = taskcluster_yml.action_hook(file, permission, pull_request=of_pull_request)
    role = f"{REPOSITORY_ROLE}:{'pr-action' if of_pull_request else 'action'}:{permission}"
    server.add_hook(
        action["hookGroupId"],
        action["hookId"],
        task=template,
        trigger_schema=taskcluster_yml.action_trigger_schema(action.get("schema")),
        # The role of the hook: that of the actions of this permission, and what it takes to make the action's own task.
        scopes=[f"assume:{role}", *HOOK_SCOPES],
    )
    payload = taskcluster_yml.hook_payload(actions, action, decision, on_task, given)
    client = taskcluster.Hooks({"rootUrl": server.root_url, "maxRetries": 0})
    task_id = client.triggerHook(action["hookGroupId"], action["hookId"], payload)["status"]["taskId"]
    return completed(server, checkout, task_id, home)


def completed(server: LoopbackTaskcluster, checkout: Path, task_id: str, home: Path) -> str:
    server.tasks[task_id].claim()
    finished = run_payload(server, checkout, task_id, home)
    assert finished.returncode == 0, finished.stdout
    finish(server, task_id, checkout)
    return task_id


def group(server: LoopbackTaskcluster, decision: str) -> dict[str, Task]:
    """The tasks that a decision or a training has made, by label."""
    return {task.name: task for task in server.group(decision) if task.task_id != decision and "kind" in task.definition["tags"]}
