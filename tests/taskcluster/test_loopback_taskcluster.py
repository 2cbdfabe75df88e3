"""The loopback server answers the official client as a deployment does: the services beside the queue, scopes, and faults."""

import json

import pytest
import requests
import slugid
import taskcluster
from taskcluster.exceptions import TaskclusterConnectionError

from tests.taskcluster.loopback_api import expand_scopes, satisfied
from tests.taskcluster.loopback_client import definition, every_page, failure
from tests.taskcluster.loopback_deployment import from_now, task_template

# The index


def test_a_completed_task_is_found_at_its_routes(client, queue, taskcluster_server):
    index = client("Index")
    task_id = slugid.nice()
    queue.createTask(
        task_id, definition(routes=["index.project.corpus.en", "index.project.latest", "notify.irc"], extra={"index": {"rank": 2}})
    )
    assert failure(index.findTask, "project.corpus.en") == (404, "ResourceNotFound")
    taskcluster_server.resolve(task_id, "completed")
    expires = taskcluster_server.tasks[task_id].definition["expires"]
    assert index.findTask("project.corpus.en") == {
        "namespace": "project.corpus.en",
        "taskId": task_id,
        "rank": 2,
        "data": {},
        "expires": expires,
    }
    assert sorted(taskcluster_server.index) == ["project.corpus.en", "project.latest"]


@pytest.mark.parametrize("state", ["failed", "exception"])
def test_no_other_task_is_indexed(taskcluster_server, state):
    taskcluster_server.add_task({"routes": ["index.project.corpus"]}, state=state)
    assert not taskcluster_server.index


def test_a_lower_rank_replaces_nothing(client, taskcluster_server):
    index = client("Index")
    first, second = taskcluster_server.add_task(), taskcluster_server.add_task()
    entry = {"taskId": first, "rank": 2, "data": {}, "expires": from_now(days=1)}
    index.insertTask("project.corpus", entry)
    assert index.insertTask("project.corpus", {**entry, "taskId": second, "rank": 1})["taskId"] == first
    assert index.insertTask("project.corpus", {**entry, "taskId": second})["taskId"] == second


def test_lists_of_the_index_come_in_pages(client, taskcluster_server):
    index = client("Index")
    taskcluster_server.page_size = 2
    paths = [f"project.corpus.{number}" for number in range(5)]
    for path in [*paths, "project.corpus.0.deeper", "project.other"]:
        taskcluster_server.add_task({"routes": [f"index.{path}"]}, state="completed")
    taskcluster_server.insert("project.corpus.gone", slugid.nice(), 0, from_now(days=-1), {})
    listed = every_page(index.listTasks, params={"namespace": "project.corpus"})
    found = every_page(index.findTasksAtIndex, payload={"indexes": [*paths, "project.corpus.gone", "project.never"]})
    for pages in (listed, found):
        assert [len(page["tasks"]) for page in pages] == [2, 2, 1]
        assert [task["namespace"] for page in pages for task in page["tasks"]] == paths


def test_an_artifact_of_an_indexed_task(client, taskcluster_server):
    taskcluster_server.add_task({"routes": ["index.project.corpus"]}, state="completed", artifacts={"public/corpus": b"text"})
    response = client("Index").findArtifactFromTask("project.corpus", "public/corpus")["response"]
    assert response.status_code == 303
    assert requests.get(response.headers["location"]).content == b"text"


# Hooks, secrets, scopes, emails


def test_a_hook_makes_a_task_of_its_payload(client, taskcluster_server):
    template = {
        **task_template(),
        "created": {"$fromNow": ""},
        "deadline": {"$fromNow": "1 hour"},
        "extra": {"own": {"$eval": "taskId"}, "by": {"$eval": "firedBy"}},
        "metadata": {**task_template()["metadata"], "name": "trains ${payload.language}"},
    }
    schema = {"type": "object", "required": ["language"]}
    hook = taskcluster_server.add_hook("project", "in-tree-action-1-generic/0123456789", task=template, trigger_schema=schema)
    hooks = client("Hooks")
    task_id = hooks.triggerHook("project", "in-tree-action-1-generic/0123456789", {"language": "it"})["taskId"]
    task = taskcluster_server.tasks[task_id]
    assert task.name == "trains it"
    assert task.definition["extra"] == {"own": task_id, "by": "triggerHook"}
    assert task.definition["taskGroupId"] == task_id
    assert failure(hooks.triggerHook, "project", "in-tree-action-1-generic/0123456789", {}) == (400, "InputError")
    assert hook.payloads == [{"language": "it"}]
    assert failure(hooks.triggerHook, "project", "another", {}) == (404, "ResourceNotFound")


def test_a_hooks_task_needs_the_scopes_of_the_hook(client, taskcluster_server):
    taskcluster_server.add_hook("project", "hook", scopes=["queue:create-task:*"])
    assert failure(client("Hooks").triggerHook, "project", "hook", {}) == (403, "InsufficientScopes")
    taskcluster_server.add_hook("project", "broken", task={"$eval": "payload.missing"})
    assert failure(client("Hooks").triggerHook, "project", "broken", {}) == (400, "InputError")
    assert not taskcluster_server.tasks


def test_secrets(client, taskcluster_server):
    secrets = client("Secrets")
    taskcluster_server.secrets["project/level-1/key"] = {"token": "abc"}
    assert secrets.get("project/level-1/key")["secret"] == {"token": "abc"}
    assert failure(secrets.get, "project/level-1/other") == (404, "ResourceNotFound")
    taskcluster_server.scopes = ["secrets:get:project/level-3/*"]
    assert failure(secrets.get, "project/level-1/key") == (403, "InsufficientScopes")
    assert failure(secrets.get, "project/level-1/other") == (403, "InsufficientScopes")


def test_emails(client, taskcluster_server):
    message = {"address": "someone@example.com", "subject": "Trained", "content": "a model"}
    client("Notify").email(message)
    assert taskcluster_server.emails == [message]
    taskcluster_server.scopes = ["notify:email:another@example.com"]
    assert failure(client("Notify").email, message) == (403, "InsufficientScopes")


def test_a_task_calls_with_its_own_scopes(client, taskcluster_server):
    taskcluster_server.roles = {
        "repo:github.com/example/*": ["queue:create-task:*", "queue:scheduler-id:*"],
        "repo:other": ["secrets:get:*"],
    }
    caller = taskcluster_server.add_task({"scopes": ["assume:repo:github.com/example/tiny:branch:main"]})
    proxy = taskcluster_server.proxy_url(caller)
    assert client("Auth", proxy).currentScopes()["scopes"] == sorted(
        ["assume:repo:github.com/example/tiny:branch:main", "queue:create-task:*", "queue:scheduler-id:*"]
    )
    assert client("Auth").currentScopes()["scopes"] == ["*"]
    client("Queue", proxy).createTask(slugid.nice(), definition())
    assert failure(client("Queue", proxy).createTask, slugid.nice(), definition(routes=["index.project"])) == (403, "InsufficientScopes")
    assert [request.caller for request in taskcluster_server.calls("queue.createTask")] == [caller]


@pytest.mark.parametrize(
    ("changes", "needed"),
    [
        ({"scopes": ["secrets:get:key"]}, "secrets:get:key"),
        ({"routes": ["index.project.corpus"]}, "queue:route:index.project.corpus"),
        ({"schedulerId": "level-3"}, "queue:scheduler-id:level-3"),
        ({"projectId": "other"}, "queue:create-task:project:other"),
        ({"priority": "medium"}, "queue:create-task:medium:built-in/succeed"),
        ({"workerType": "fail"}, "queue:create-task:low:built-in/fail"),
    ],
)
def test_scopes_to_create_a_task(queue, taskcluster_server, changes, needed):
    taskcluster_server.scopes = ["queue:scheduler-id:-", "queue:create-task:project:none", "queue:create-task:low:built-in/succeed"]
    queue.createTask(slugid.nice(), definition(priority="very-low"))
    assert failure(queue.createTask, slugid.nice(), definition(**changes)) == (403, "InsufficientScopes")
    taskcluster_server.scopes.append(needed)
    queue.createTask(slugid.nice(), definition(**changes))


def test_other_scopes(client, queue, taskcluster_server):
    task_id = taskcluster_server.add_task({"schedulerId": "level-1"}, artifacts={"private/a": b"", "public/a": b""})
    taskcluster_server.add_hook("project", "hook")
    taskcluster_server.scopes = []
    calls = {
        f"queue:cancel-task:level-1/{task_id}/*": lambda: queue.cancelTask(task_id),
        f"queue:rerun-task:level-1/{task_id}/*": lambda: queue.rerunTask(task_id),
        "index:insert-task:project.*": lambda: client("Index").insertTask(
            "project.corpus", {"taskId": task_id, "rank": 0, "data": {}, "expires": from_now(days=1)}
        ),
        "hooks:trigger-hook:project/hook": lambda: client("Hooks").triggerHook("project", "hook", {}),
        "queue:get-artifact:private/*": lambda: queue.getArtifact(task_id, 0, "private/a"),
    }
    queue.getLatestArtifact(task_id, "public/a")
    for scope, call in calls.items():
        assert failure(call) == (403, "InsufficientScopes")
        taskcluster_server.scopes = [scope]
        call()


def test_a_star_stands_for_the_rest_of_a_scope():
    assert satisfied("secrets:get:a", ["secrets:*"])
    assert satisfied("secrets:*", ["secrets:*"])
    assert not satisfied("secrets", ["secrets:*"])
    assert not satisfied("secrets:*", ["secrets:get:*"])
    assert not satisfied("secrets:get:a", ["secrets:get:"])
    roles = {"repo:a": ["assume:group"], "group": ["one", "assume:repo:a"], "other": ["two"]}
    assert expand_scopes(["assume:repo:*"], roles) == ["assume:group", "assume:repo:*", "assume:repo:a", "one"]


# Faults, and what is not there


def test_requests_fail_as_often_as_told(queue, taskcluster_server):
    task_id = taskcluster_server.add_task()
    taskcluster_server.fail_next(r"GET .*/status$", times=2)
    taskcluster_server.fail_next(r"PUT ", status=503)
    assert [failure(queue.status, task_id) for _ in range(2)] == [(500, "InternalServerError")] * 2
    assert queue.status(task_id)["status"]["state"] == "pending"
    assert failure(queue.createTask, slugid.nice(), definition())[0] == 503
    assert len(taskcluster_server.tasks) == 1


@pytest.mark.parametrize("handled", [False, True])
def test_requests_are_cut(queue, taskcluster_server, handled):
    taskcluster_server.cut_next("PUT ", handled=handled)
    task_id, given = slugid.nice(), definition()
    with pytest.raises(TaskclusterConnectionError):
        queue.createTask(task_id, given)
    assert (task_id in taskcluster_server.tasks) == handled
    queue.createTask(task_id, given)
    assert taskcluster_server.tasks.keys() == {task_id}


def test_a_client_that_tries_again_creates_one_task(taskcluster_server):
    taskcluster_server.cut_next("PUT ", handled=True)
    taskcluster_server.fail_next("PUT ")
    task_id = slugid.nice()
    taskcluster.Queue({"rootUrl": taskcluster_server.root_url}).createTask(task_id, definition())
    assert taskcluster_server.tasks.keys() == {task_id}
    assert [request.status for request in taskcluster_server.requests] == [200, 500, 200]


def test_what_is_not_there(taskcluster_server):
    response = requests.get(f"{taskcluster_server.root_url}/api/queue/v1/provisioners")
    assert response.status_code == 404
    assert json.loads(response.content)["code"] == "ResourceNotFound"
    response = requests.put(f"{taskcluster_server.root_url}/api/queue/v1/task/{slugid.nice()}", data="no JSON")
    assert response.json()["code"] == "MalformedPayload"
