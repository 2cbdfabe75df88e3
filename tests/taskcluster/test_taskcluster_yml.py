"""The renderings of `.taskcluster.yml` and `actions.json` are those of a deployment, from a push to an action's tasks."""

import json
import re

import pytest
import yaml
from taskcluster.exceptions import TaskclusterRestFailure

from tests.taskcluster import contexts, taskcluster_yml
from tests.taskcluster.loopback_api import SLUGID
from tests.taskcluster.loopback_client import failure
from tests.taskcluster.loopback_creation import SCHEMA
from tests.taskcluster.loopback_deployment import task_template
from tests.taskcluster.taskgraph_commands import clone, decision_arguments, finish, run_decision, run_taskgraph
from tests.taskcluster.tiny_project import FILES, REPOSITORY, write_tiny_project

TINY = yaml.safe_load(FILES[".taskcluster.yml"])
GENERIC = "repo:github.com/example/tiny:action:generic"
# What an administrator of a deployment grants the project.
ROLES = {
    "repo:github.com/example/tiny:branch:main": ["assume:tiny"],
    GENERIC: ["assume:tiny"],
    "tiny": ["queue:create-task:*", "queue:scheduler-id:tiny-level-1", "queue:route:index.tiny.*", "queue:route:checks"],
}


def one_task(**changes):
    return {"tasks": [{"metadata": {"name": "a task"}, **changes}]}


def test_a_lone_task_is_its_own_group():
    [(task_id, task)] = taskcluster_yml.github_tasks(one_task(), contexts.GITHUB["push to main"]).items()
    assert task["taskGroupId"] == task_id
    assert task["schedulerId"] == "taskcluster-github"
    assert task["routes"] == ["statuses"]
    [(task_id, task)] = taskcluster_yml.github_tasks(one_task(taskGroupId=contexts.GROUP_ID), contexts.GITHUB["push to main"]).items()
    assert task_id == task["taskGroupId"] == contexts.GROUP_ID


def test_several_tasks_are_one_group_and_have_ids_of_their_own():
    file = {
        "reporting": "checks-v1",
        "tasks": [{"routes": ["checks"]}, {"taskId": {"$eval": "as_slugid('a')"}, "of": {"$eval": "as_slugid('a')"}}],
    }
    tasks = taskcluster_yml.github_tasks(file, contexts.GITHUB["push to main"])
    assert len(tasks) == 2
    assert len({task["taskGroupId"] for task in tasks.values()} | tasks.keys()) == 3
    assert {tuple(task["routes"]) for task in tasks.values()} == {("checks",)}
    assert all(re.fullmatch(SLUGID, task_id) for task_id in tasks)
    assert [task_id for task_id, task in tasks.items() if task.get("of") == task_id]


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("push to main", "branch:main"),
        ("push of a new branch", "branch:feature/clean-again"),
        ("push of a tag", "tag:v1.0"),
        ("pull request opened", "pull-request"),
        ("pull request of a fork opened", "pull-request-untrusted"),
        ("comment", "pull-request"),
        ("release published", "release:published"),
    ],
)
def test_an_event_gives_the_scopes_of_its_role(name, role):
    scopes = taskcluster_yml.github_scopes(TINY, contexts.GITHUB[name])
    assert scopes == [
        f"assume:repo:github.com/browser-translations/training:{role}",
        "queue:route:checks",
        "queue:scheduler-id:taskcluster-github",
    ]


@pytest.mark.parametrize("name", contexts.GITHUB)
def test_every_event_has_what_templates_ask_of_its_kind(name):
    context = contexts.GITHUB[name]
    pull_request = (
        "${event.pull_request.title} ${event.pull_request.user.login} ${event.pull_request.head.repo.html_url} "
        "${event.pull_request.head.ref} ${event.pull_request.head.sha} ${event.pull_request.base.ref} ${event.pull_request.base.sha} "
    )
    paths = {
        "github-push": "${event.ref} ${event.before} ${event.after} ${event.pusher.email} ${event.repository.html_url} ${event.base_ref}",
        "github-pull-request": pull_request + "${event.action} ${event.number}",
        "github-issue-comment": pull_request + "${event.taskcluster_comment} ${event.comment.user.login} ${event.issue.number}",
        "github-release": "${event.action} ${event.release.tag_name} ${event.release.target_commitish} ${event.sender.login}",
    }
    json.dumps(context)
    template = paths[context["tasks_for"].removesuffix("-untrusted")]
    [task] = taskcluster_yml.github_tasks(one_task(text=template), context).values()
    assert "${" not in task["text"]
    assert context["event"]["repository"]["full_name"] == "browser-translations/training"


def test_events_differ_where_their_names_say():
    events = {name: context["event"] for name, context in contexts.GITHUB.items()}
    assert len({json.dumps(event, sort_keys=True) for event in events.values()}) == len(events)
    assert events["push that deletes a branch"]["deleted"]
    assert events["push that deletes a branch"]["head_commit"] is None
    assert events["push of a new branch"]["created"]
    assert events["push of a tag"]["ref"] == "refs/tags/v1.0"
    assert events["pull request pushed to"]["action"] == "synchronize"
    head, base = (events["pull request of a fork opened"]["pull_request"][side]["repo"]["html_url"] for side in ("head", "base"))
    assert (head, base) == ("https://github.com/contributor/training", contexts.URL)
    assert events["pull request opened"]["pull_request"]["head"]["repo"]["html_url"] == contexts.URL


def test_only_what_the_file_asks_for_is_rendered():
    assert [
        name
        for name, context in contexts.GITHUB.items()
        if context["tasks_for"] == "github-push" and taskcluster_yml.github_tasks(TINY, context)
    ] == [
        "push to main",
        "push to main, forced",
        "push with [skip ci] in its message",
    ]


def test_cron():
    task_id, task = taskcluster_yml.cron_task(TINY, contexts.CRON)
    assert task_id == task["taskGroupId"] == contexts.OWN_ID
    assert "taskId" not in task
    assert task["routes"] == [f"index.tiny.v2.tiny.revision.{contexts.HEAD}.taskgraph.decision"]


def test_the_context_of_an_action_is_what_its_hook_gives(taskcluster_server, client):
    """The hook's template and the context that is written down for tests without a server are the same."""
    names = contexts.ACTION.keys() - {"ownTaskId", "clientId"}
    template = {**task_template(), "extra": {name: {"$eval": name} for name in names}}
    action = {key: contexts.ACTION["action"][key] for key in ("name", "title", "description", "taskGroupId", "symbol", "cb_name")}
    decision = {"action": action, "push": contexts.ACTION["push"], "repository": contexts.ACTION["repository"]}
    user = {"input": contexts.ACTION["input"], "taskId": None, "taskGroupId": contexts.GROUP_ID}
    hook = taskcluster_yml.action_hook({"tasks": [template]}, "generic")
    taskcluster_server.add_hook("project", "hook", task=hook, trigger_schema=taskcluster_yml.action_trigger_schema())
    task_id = client("Hooks").triggerHook("project", "hook", {"decision": decision, "user": user})["taskId"]
    assert taskcluster_server.tasks[task_id].definition["extra"] == {name: contexts.ACTION[name] for name in names}
    del decision["push"]["owner"]
    assert failure(client("Hooks").triggerHook, "project", "hook", {"decision": decision, "user": user}) == (400, "InputError")


@pytest.mark.skipif(not SCHEMA.exists(), reason="the queue's schema does not lie beside the project")
def test_a_hook_refuses_a_template_that_says_the_id_of_its_task(taskcluster_server, client):
    file = {"tasks": [{"taskId": {"$eval": "ownTaskId"}, "payload": {}}]}
    taskcluster_server.add_hook("project", "hook", task=taskcluster_yml.action_hook(file, "generic"))
    payload = {
        "decision": {"action": contexts.ACTION["action"], "push": {}, "repository": contexts.REPOSITORY},
        "user": {"input": None, "taskId": None, "taskGroupId": contexts.GROUP_ID},
    }
    with pytest.raises(TaskclusterRestFailure, match="'taskId' was unexpected"):
        client("Hooks").triggerHook("project", "hook", payload)


def test_of_several_actions_of_one_name_the_first_that_fits_is_offered():
    def action(title, *context):
        return {"name": "retrigger", "title": title, "context": list(context)}

    actions = {"actions": [action("of decisions", {"kind": "decision-task"}), action("of all", {}), action("of groups")]}
    assert taskcluster_yml.offered_actions(actions, {"tags": {"kind": "decision-task"}})["retrigger"]["title"] == "of decisions"
    assert taskcluster_yml.offered_actions(actions, {"tags": {}})["retrigger"]["title"] == "of all"
    assert taskcluster_yml.offered_actions(actions)["retrigger"]["title"] == "of groups"


def test_from_a_push_to_the_tasks_of_an_action(taskcluster_server, client, tmp_path):
    """Every task gets its scopes from the one that makes it, through the roles of the deployment."""
    server = taskcluster_server
    checkout = clone(write_tiny_project(tmp_path), tmp_path / "checkout")
    server.roles = ROLES

    context = contexts.push_event("refs/heads/main")
    context["event"]["repository"]["full_name"] = "example/tiny"
    file = taskcluster_yml.load(checkout / ".taskcluster.yml")
    [(decision, definition)] = taskcluster_yml.github_tasks(file, context, server.root_url).items()
    server.scopes = taskcluster_yml.github_scopes(file, context)
    client("Queue").createTask(decision, definition)
    run_decision(server, checkout, decision_arguments(checkout, REPOSITORY), decision)
    finish(server, decision, checkout)

    actions = json.loads(server.tasks[decision].artifacts[-1]["public/actions.json"].content)
    student = next(task for task in server.group(decision) if task.name == "train-student")
    retrigger = taskcluster_yml.offered_actions(actions, student.definition)["retrigger"]
    hook = taskcluster_yml.action_hook(file, retrigger["extra"]["actionPerm"])
    schema, scopes = taskcluster_yml.action_trigger_schema(), [f"assume:{GENERIC}"]
    server.add_hook(retrigger["hookGroupId"], retrigger["hookId"], task=hook, trigger_schema=schema, scopes=scopes)
    payload = taskcluster_yml.hook_payload(actions, retrigger, decision, student.task_id, {"times": 1})
    server.scopes = ["hooks:trigger-hook:project-tiny/in-tree-action-1-generic/*"]
    action = client("Hooks").triggerHook(retrigger["hookGroupId"], retrigger["hookId"], payload)["taskId"]

    assert server.tasks[action].definition["taskGroupId"] == decision
    before = set(server.tasks)
    run_taskgraph(server, checkout, ["action-callback"], action, server.tasks[action].definition["payload"]["env"])
    [created] = server.tasks.keys() - before
    assert server.tasks[created].name == "train-student"
    assert server.tasks[created].definition["extra"]["parent"] == action
