"""The loopback queue answers the official client as a deployment's does: tasks, their runs, groups and artifacts."""

import re
from datetime import datetime, timedelta

import pytest
import requests
import slugid
from taskcluster.exceptions import TaskclusterRestFailure

from tests.taskcluster.loopback_api import javascript_date
from tests.taskcluster.loopback_client import definition, every_page, failure
from tests.taskcluster.loopback_creation import SCHEMA
from tests.taskcluster.loopback_deployment import from_now

NOBODY = "A" * 8 + "QAC" + "A" * 11  # the id of no task

needs_schema = pytest.mark.skipif(not SCHEMA.exists(), reason="the queue's schema does not lie beside the project")


def test_a_created_task_is_pending_and_has_the_queues_defaults(queue):
    task_id = slugid.nice()
    given = definition()
    created = queue.createTask(task_id, given)
    assert created == queue.status(task_id)
    assert created["status"]["state"] == "pending"
    assert created["status"]["runs"][0] | {"scheduled": ""} == {
        "runId": 0,
        "state": "pending",
        "reasonCreated": "scheduled",
        "scheduled": "",
    }
    defaults = {
        "dependencies": [],
        "expires": javascript_date(datetime.fromisoformat(given["deadline"]) + timedelta(days=365)),
        "extra": {},
        "priority": "lowest",
        "projectId": "none",
        "requires": "all-completed",
        "retries": 5,
        "routes": [],
        "schedulerId": "-",
        "scopes": [],
        "tags": {},
        "taskGroupId": task_id,
        "taskQueueId": "built-in/succeed",
    }
    assert queue.task(task_id) == given | defaults


def test_the_same_definition_may_be_sent_again_and_another_may_not(queue):
    task_id, given = slugid.nice(), definition()
    assert queue.createTask(task_id, given) == queue.createTask(task_id, given)
    assert failure(queue.createTask, task_id, given | {"retries": 1}) == (409, "RequestConflict")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dependencies": [NOBODY]}, "references non-existing tasks"),
        ({"deadline": from_now(hours=-1)}, "`deadline` cannot be later than `created`"),
        ({"created": from_now(days=-1)}, "`created` cannot be in the past"),
        ({"created": from_now(hours=2)}, "`created` cannot be in the future"),
        ({"deadline": from_now(days=6)}, "`deadline` cannot be more than 5 days into the future"),
        ({"expires": from_now(hours=1)}, "`expires` cannot be before `deadline`"),
        ({"scopes": ["queue:**"]}, "scopes must not end with `**`"),
        ({"taskQueueId": "built-in/fail"}, "taskQueueId must match"),
    ],
)
def test_the_queue_refuses(queue, taskcluster_server, changes, message):
    with pytest.raises(TaskclusterRestFailure, match=re.escape(message)) as caught:
        queue.createTask(slugid.nice(), definition(**changes))
    assert caught.value.status_code == 400
    assert caught.value.body["code"] == "InputError"
    assert not taskcluster_server.tasks


@needs_schema
@pytest.mark.parametrize(
    "changes",
    [
        {"retires": 5},
        {"created": "today"},
        {"retries": 50},
        {"routes": ["r" * 250]},
        {"payload": []},
        {"dependencies": ["no-task-id"]},
        {"metadata": {"name": "a task"}},
    ],
)
def test_the_queues_schema_refuses(queue, taskcluster_server, changes):
    assert failure(queue.createTask, slugid.nice(), definition(**changes)) == (400, "InputValidationError")
    assert not taskcluster_server.tasks


def test_an_error_says_what_was_asked(queue):
    with pytest.raises(TaskclusterRestFailure) as caught:
        queue.task(NOBODY)
    body = caught.value.body
    assert body.keys() == {"code", "message", "requestInfo"}
    assert body["requestInfo"]["method"] == "task"
    assert body["requestInfo"]["params"] == {"taskId": NOBODY}


def test_all_tasks_of_a_group_have_one_scheduler(queue):
    group = slugid.nice()
    queue.createTask(group, definition(schedulerId="level-1"))
    assert failure(queue.createTask, slugid.nice(), definition(schedulerId="level-3", taskGroupId=group)) == (409, "RequestConflict")
    queue.createTask(slugid.nice(), definition(schedulerId="level-1", taskGroupId=group))


def test_a_dependency_must_outlive_the_deadline(queue, taskcluster_server):
    before = taskcluster_server.add_task(expires=from_now(hours=1))
    assert failure(queue.createTask, slugid.nice(), definition(dependencies=[before])) == (400, "InputError")


def test_a_task_waits_for_its_dependencies(queue, taskcluster_server):
    first, second = slugid.nice(), slugid.nice()
    queue.createTask(first, definition())
    queue.createTask(second, definition())
    after, whatever = slugid.nice(), slugid.nice()
    assert queue.createTask(after, definition(dependencies=[first, second]))["status"]["state"] == "unscheduled"
    queue.createTask(whatever, definition(dependencies=[first, second], requires="all-resolved"))
    taskcluster_server.resolve(first, "completed")
    assert taskcluster_server.tasks[after].state == "unscheduled"
    taskcluster_server.resolve(second, "failed")
    assert [taskcluster_server.tasks[task].state for task in (after, whatever)] == ["unscheduled", "pending"]
    queue.rerunTask(second)
    taskcluster_server.resolve(second, "completed")
    taskcluster_server.resolve(second, "completed")
    assert [run["state"] for run in taskcluster_server.tasks[after].runs] == ["pending"], "it is scheduled once"
    assert queue.createTask(slugid.nice(), definition(dependencies=[first]))["status"]["state"] == "pending"


def test_cancel_and_rerun(queue, taskcluster_server):
    first = taskcluster_server.add_task(state="running")
    waiting = taskcluster_server.add_task({"dependencies": [first]})
    done = taskcluster_server.add_task(state="completed")
    for task_id, created in ((first, "scheduled"), (waiting, "exception")):
        run = queue.cancelTask(task_id)["status"]["runs"][0]
        assert (run["state"], run["reasonCreated"], run["reasonResolved"]) == ("exception", created, "canceled")
    assert queue.cancelTask(done)["status"]["state"] == "completed"
    assert [run["state"] for run in queue.rerunTask(first)["status"]["runs"]] == ["exception", "pending"]
    assert len(queue.rerunTask(first)["status"]["runs"]) == 2, "it is pending already"


@pytest.mark.parametrize("method", ["cancelTask", "rerunTask"])
def test_nothing_happens_to_a_task_that_is_past_its_deadline(queue, taskcluster_server, method):
    old = taskcluster_server.add_task({"deadline": from_now(hours=-1)})
    assert failure(getattr(queue, method), old) == (409, "RequestConflict")


@pytest.mark.parametrize("method", ["task", "status", "cancelTask", "rerunTask", "listTaskGroup", "listLatestArtifacts"])
def test_a_task_that_does_not_exist(queue, method):
    assert failure(getattr(queue, method), slugid.nice()) == (404, "ResourceNotFound")
    assert failure(getattr(queue, method), "no-task-id") == (400, "InvalidRequestArguments")


def test_lists_of_tasks_come_in_pages(queue, taskcluster_server):
    taskcluster_server.page_size = 2
    group = taskcluster_server.add_task()
    members = [group, *(taskcluster_server.add_task({"taskGroupId": group}) for _ in range(4))]
    other = taskcluster_server.add_task()
    pages = every_page(queue.listTaskGroup, params={"taskGroupId": group})
    assert [len(page["tasks"]) for page in pages] == [2, 2, 1]
    assert [task["status"]["taskId"] for page in pages for task in page["tasks"]] == members
    assert pages[0]["tasks"][0]["task"] == taskcluster_server.tasks[group].definition
    assert [len(page["tasks"]) for page in every_page(queue.listTaskGroup, params={"taskGroupId": group}, limit=1)] == [1] * 5

    asked = {"taskIds": [*members, other, slugid.nice()]}
    definitions = [task for page in every_page(queue.tasks, payload=asked) for task in page["tasks"]]
    statuses = [task for page in every_page(queue.statuses, payload=asked) for task in page["statuses"]]
    expected = {task_id: taskcluster_server.tasks[task_id] for task_id in [*members, other]}
    assert {task["taskId"]: task["task"] for task in definitions} == {task_id: task.definition for task_id, task in expected.items()}
    assert {task["taskId"]: task["status"] for task in statuses} == {task_id: task.status() for task_id, task in expected.items()}


def test_wrong_queries_are_refused(queue, taskcluster_server):
    group = taskcluster_server.add_task()
    for query in ({"limit": "all"}, {"continuationToken": "next"}, {"offset": "1"}):
        assert failure(queue.listTaskGroup, params={"taskGroupId": group}, query=query) == (400, "InvalidRequestArguments")


def test_an_artifact_is_where_its_url_says(queue, taskcluster_server):
    task_id = taskcluster_server.add_task(artifacts={"public/a folder/corpus.json": b"[1]"})
    for answer in (
        queue.getLatestArtifact(task_id, "public/a folder/corpus.json"),
        queue.getArtifact(task_id, 0, "public/a folder/corpus.json"),
    ):
        assert requests.get(answer["url"]).json() == [1]
    # As fetch-content asks: slashes as they are, and redirects followed.
    response = requests.get(f"{taskcluster_server.root_url}/api/queue/v1/task/{task_id}/artifacts/public/a%20folder/corpus.json")
    assert response.content == b"[1]"
    assert response.headers["Content-Type"] == "application/json"
    assert response.history[0].status_code == 303


def test_the_latest_artifacts_are_those_of_the_latest_run(queue, taskcluster_server):
    taskcluster_server.page_size = 1
    task_id = taskcluster_server.add_task(state="failed", artifacts={"public/b": b"old", "public/a": b"old"})
    queue.rerunTask(task_id)
    assert failure(queue.getLatestArtifact, task_id, "public/a") == (404, "ResourceNotFound")
    taskcluster_server.publish(task_id, "public/a", b"new")
    taskcluster_server.publish(task_id, "public/gone", b"old", expires=from_now(days=-1))
    assert requests.get(queue.getLatestArtifact(task_id, "public/a")["url"]).content == b"new"
    listed = [artifact for page in every_page(queue.listLatestArtifacts, params={"taskId": task_id}) for artifact in page["artifacts"]]
    assert [artifact["name"] for artifact in listed] == ["public/a"]
    assert listed[0].keys() == {"storageType", "name", "expires", "contentType"}
    first = [
        artifact["name"]
        for page in every_page(queue.listArtifacts, params={"taskId": task_id, "runId": 0})
        for artifact in page["artifacts"]
    ]
    assert first == ["public/a", "public/b"]
    assert failure(queue.listArtifacts, task_id, 2) == (404, "ResourceNotFound")
