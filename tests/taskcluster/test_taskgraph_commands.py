"""The real `taskgraph decision` and `taskgraph action-callback` against the loopback server, with a tiny project."""

import json
import os
import subprocess
import sys
from copy import deepcopy
from hashlib import sha256

import pytest
import requests
import yaml

from tests.taskcluster.loopback_deployment import from_now
from tests.taskcluster.loopback_taskcluster import LoopbackTaskcluster, serving
from tests.taskcluster.taskgraph_commands import clone, decision_arguments, finish, git, run_action, run_decision
from tests.taskcluster.tiny_project import REPOSITORY, write_tiny_project

LABELS = {"corpus-clean", "corpus-other", "train-student"}
GENERIC = "assume:repo:github.com/example/tiny:action:generic"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny")
    return clone(write_tiny_project(folder), folder / "checkout")


def decide(server, checkout, **changes):
    """The id of a decision task that has been run."""
    decision = server.add_task({"schedulerId": "tiny-level-1", "scopes": ["*"]}, state="running")
    run_decision(server, checkout, decision_arguments(checkout, REPOSITORY, **changes), decision)
    return decision


@pytest.fixture(scope="module")
def one_decision(checkout):
    """A decision task that has been run and is done, and the tasks of its deployment."""
    with serving(LoopbackTaskcluster()) as server:
        decision = decide(server, checkout)
        finish(server, decision, checkout)
    return decision, server.tasks


@pytest.fixture
def decided(taskcluster_server, one_decision):
    """The id of that decision task, with which a test may do what it likes."""
    decision, tasks = one_decision
    taskcluster_server.tasks.update(deepcopy(tasks))
    return decision


def group(server, decision):
    """The tasks that were created for a decision, by label."""
    return {task.name: task for task in server.group(decision) if task.task_id != decision}


def act(server, checkout, callback, decision, scopes=("*", GENERIC), **named):
    """The tasks that an action creates."""
    before = set(server.tasks)
    action = server.add_task({"schedulerId": "tiny-level-1", "taskGroupId": decision, "scopes": list(scopes)}, state="running")
    run_action(server, checkout, callback, task_id=action, task_group_id=decision, **named)
    finish(server, action, checkout)
    return action, [task for task_id, task in server.tasks.items() if task_id not in before | {action}]


def test_a_decision_writes_artifacts_and_creates_tasks(taskcluster_server, checkout):
    decision = decide(taskcluster_server, checkout)
    artifacts = checkout / "artifacts"
    ids = json.loads((artifacts / "label-to-taskid.json").read_text())
    created = group(taskcluster_server, decision)
    assert created.keys() == ids.keys() == LABELS
    assert {label: task.task_id for label, task in created.items()} == ids
    assert created["train-student"].definition["dependencies"] == [ids["corpus-clean"]]
    assert created["corpus-clean"].definition["dependencies"] == [decision]
    assert {task.state for task in created.values()} == {"unscheduled"}
    assert yaml.safe_load((artifacts / "parameters.yml").read_text())["head_rev"] == git(checkout, "rev-parse", "HEAD")
    assert {request.caller for request in taskcluster_server.requests} == {decision}

    finish(taskcluster_server, decision, checkout)
    assert [created[label].state for label in sorted(LABELS)] == ["pending", "pending", "unscheduled"]
    listed = requests.get(f"{taskcluster_server.root_url}/api/queue/v1/task/{decision}/artifacts/public/label-to-taskid.json")
    assert listed.json() == ids


def test_a_failed_creation_fails_the_decision(taskcluster_server, checkout):
    scopes = ["queue:scheduler-id:*", "queue:route:*", "queue:create-task:project:none"]
    decision = taskcluster_server.add_task({"schedulerId": "tiny-level-1", "scopes": scopes}, state="running")
    finished = run_decision(taskcluster_server, checkout, decision_arguments(checkout, REPOSITORY), decision, check=False)
    assert finished.returncode != 0
    assert "Could not create 'corpus-clean'" in finished.stdout
    assert "queue:create-task:low:tiny-1/cpu" in finished.stdout
    assert taskcluster_server.tasks.keys() == {decision}


def test_a_decision_survives_faults(taskcluster_server, checkout):
    taskcluster_server.fail_next("POST .*/tasks/indexes")
    taskcluster_server.cut_next("PUT ", handled=True)
    assert group(taskcluster_server, decide(taskcluster_server, checkout)).keys() == LABELS


def test_a_completed_cached_task_is_not_created_again(taskcluster_server, checkout, decided):
    first = group(taskcluster_server, decided)["corpus-clean"].task_id
    taskcluster_server.resolve(first, "completed")
    second = decide(taskcluster_server, checkout)
    created = group(taskcluster_server, second)
    assert created.keys() == LABELS - {"corpus-clean"}
    assert created["train-student"].definition["dependencies"] == [first, second]


@pytest.mark.parametrize("reason", ["failed", "not yet complete", "expires too soon"])
def test_a_cached_task_is_created_again_where_it(reason, taskcluster_server, checkout, decided):
    first = group(taskcluster_server, decided)["corpus-clean"]
    if reason == "failed":
        taskcluster_server.resolve(first.task_id, "completed")
        taskcluster_server.resolve(first.task_id, "failed")
    elif reason == "expires too soon":
        first.definition["expires"] = from_now(hours=1)
        taskcluster_server.resolve(first.task_id, "completed")
    assert group(taskcluster_server, decide(taskcluster_server, checkout)).keys() == LABELS


def test_retrigger(taskcluster_server, checkout, decided):
    ids = {label: task.task_id for label, task in group(taskcluster_server, decided).items()}
    action, created = act(taskcluster_server, checkout, "retrigger", decided, on_task=ids["train-student"], action_input={"times": 2})
    assert [task.name for task in created] == ["train-student"] * 2
    for task in created:
        assert set(task.definition["dependencies"]) == {decided, action, ids["corpus-clean"]}
        assert task.definition["taskGroupId"] == decided
        assert task.definition["extra"]["parent"] == action


def test_retrigger_with_all_that_follows(taskcluster_server, checkout, decided):
    student = group(taskcluster_server, decided)["train-student"].task_id
    corpus = group(taskcluster_server, decided)["corpus-clean"].task_id
    _, created = act(taskcluster_server, checkout, "retrigger", decided, on_task=corpus, action_input={"downstream": True, "force": True})
    new = {task.name: task for task in created}
    assert new.keys() == {"corpus-clean", "train-student"}
    assert new["corpus-clean"].task_id in new["train-student"].definition["dependencies"]
    assert new["train-student"].task_id != student


def test_cancel(taskcluster_server, checkout, decided):
    tasks = group(taskcluster_server, decided)
    _, created = act(taskcluster_server, checkout, "cancel", decided, on_task=tasks["corpus-other"].task_id)
    assert not created
    assert {label: task.state for label, task in tasks.items()} == {
        "corpus-clean": "pending",
        "corpus-other": "exception",
        "train-student": "unscheduled",
    }


def test_cancel_all_lists_the_group_page_by_page(taskcluster_server, checkout, decided):
    taskcluster_server.page_size = 1
    tasks = group(taskcluster_server, decided)
    action, _ = act(taskcluster_server, checkout, "cancel-all", decided)
    assert {task.state for task in tasks.values()} == {"exception"}
    assert taskcluster_server.tasks[action].state == "completed"
    assert len(taskcluster_server.calls("queue.listTaskGroup")) == 5


def test_add_new_jobs(taskcluster_server, checkout, decided):
    tasks = group(taskcluster_server, decided)
    _, created = act(taskcluster_server, checkout, "add-new-jobs", decided, action_input={"tasks": ["corpus-other"]})
    assert [task.name for task in created] == ["corpus-other"]
    assert created[0].task_id != tasks["corpus-other"].task_id


def test_an_action_finds_what_earlier_ones_made(taskcluster_server, checkout, decided):
    """Through the index, by the revision, as the routes of decision and action tasks put them there."""
    head = git(checkout, "rev-parse", "HEAD")
    expires = from_now(days=1)
    taskcluster_server.insert(f"tiny.v2.tiny.revision.{head}.taskgraph.decision", decided, 0, expires, {})
    corpus = group(taskcluster_server, decided)["corpus-clean"].task_id
    action, created = act(taskcluster_server, checkout, "retrigger", decided, on_task=corpus, action_input={"force": True})
    taskcluster_server.insert(f"tiny.v2.tiny.revision.{head}.actions.{action}", action, 0, expires, {})
    student = group(taskcluster_server, decided)["train-student"].task_id
    _, again = act(taskcluster_server, checkout, "retrigger", decided, on_task=student, action_input={})
    assert created[0].task_id in again[0].definition["dependencies"]


def test_an_action_needs_the_scope_of_its_permission(taskcluster_server, checkout, decided):
    action = taskcluster_server.add_task({"schedulerId": "tiny-level-1", "taskGroupId": decided, "scopes": ["*"]}, state="running")
    student = group(taskcluster_server, decided)["train-student"].task_id
    finished = run_action(taskcluster_server, checkout, "cancel", task_id=action, task_group_id=decided, on_task=student, check=False)
    assert finished.returncode != 0
    assert f"Expected task scope {GENERIC}" in finished.stdout
    assert taskcluster_server.tasks[student].state == "unscheduled"


def test_commands_run_without_a_proxy_too(checkout):
    """With the root URL, as who is no task calls."""
    with serving(LoopbackTaskcluster()) as server:
        decision = server.add_task({"schedulerId": "tiny-level-1"}, state="running")
        run_decision(server, checkout, decision_arguments(checkout, REPOSITORY), decision, {"TASKCLUSTER_PROXY_URL": server.root_url})
        assert group(server, decision).keys() == LABELS
        assert {request.caller for request in server.requests} == {None}


def test_fetch_content_downloads_and_verifies(taskcluster_server, decided, tmp_path):
    """The script that tasks fetch their inputs with, as the decision task publishes it: public ones openly, others through the proxy."""
    script = tmp_path / "fetch-content"
    script.write_bytes(taskcluster_server.tasks[decided].artifacts[-1]["public/fetch-content"].content)
    artifacts = {"public/corpus.en": b"Hello", "private/corpus.it": b"Ciao"}
    hashes = {name: {"sha256": sha256(content).hexdigest()} for name, content in artifacts.items()}
    chain_of_trust = {"public/chain-of-trust.json": json.dumps({"artifacts": hashes}).encode()}
    upstream = taskcluster_server.add_task(state="completed", artifacts={**artifacts, **chain_of_trust})
    consumer = taskcluster_server.add_task({"scopes": ["queue:get-artifact:private/*"]}, state="running")

    environment = {
        **os.environ,
        "MOZ_FETCHES": json.dumps([{"task": upstream, "artifact": name, "extract": False, "verify-hash": True} for name in artifacts]),
        "TASKCLUSTER_ROOT_URL": taskcluster_server.root_url,
        "TASKCLUSTER_PROXY_URL": taskcluster_server.proxy_url(consumer),
    }
    subprocess.run([sys.executable, script, "task-artifacts", "--dest", tmp_path], env=environment, check=True)
    assert [(tmp_path / name).read_text() for name in ("corpus.en", "corpus.it")] == ["Hello", "Ciao"]
    callers = {request.path.partition("/artifacts/")[2]: request.caller for request in taskcluster_server.calls("queue.getLatestArtifact")}
    assert callers == {"public/corpus.en": None, "private/corpus.it": consumer, "public/chain-of-trust.json": None}
