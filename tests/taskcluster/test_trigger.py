"""`make train`: a training triggered from the command line, with a real repository and a loopback deployment."""

import json
import os
import subprocess
import sys

import pytest

from tests.taskcluster import contexts, taskcluster_yml
from tests.taskcluster.loopback_taskcluster import LoopbackTaskcluster, serving
from tests.taskcluster.own_repository import HOOK_SCOPES, REPOSITORY_ROLE, completed, decide, grant, group, write_repository
from tests.taskcluster.taskgraph_commands import clone, commit_all, git


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    return clone(write_repository(folder / "repository", "pipeline/train/train.py"), folder / "checkout")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def deployment(checkout, home):
    """(server, decision) of a push of what is checked out, with the hook of the action."""
    with serving(LoopbackTaskcluster()) as server:
        grant(server)
        decision = decide(server, checkout, contexts.GITHUB["push to main"], home)
        git(checkout, "clean", "--quiet", "--force", "-d")
        actions = json.loads(server.tasks[decision].artifacts[-1]["public/actions.json"].content)
        action = taskcluster_yml.offered_actions(actions)["train"]
        file = taskcluster_yml.load(checkout / ".taskcluster.yml")
        server.add_hook(
            action["hookGroupId"],
            action["hookId"],
            task=taskcluster_yml.action_hook(file, "train"),
            trigger_schema=taskcluster_yml.action_trigger_schema(action["schema"]),
            scopes=[f"assume:{REPOSITORY_ROLE}:action:train", *HOOK_SCOPES],
        )
        yield server, decision


def trigger(checkout, server, *arguments, answer="", credentials=True):
    words = [sys.executable, "-m", "training_taskgraph.trigger", *arguments]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("TASK", "GIT_"))}
    environment["PYTHONPATH"] = f"{checkout}:{checkout}/taskcluster"
    if credentials:
        environment |= {"TASKCLUSTER_ROOT_URL": server.root_url, "TASKCLUSTER_CLIENT_ID": "me", "TASKCLUSTER_ACCESS_TOKEN": "secret"}
    return subprocess.run(words, cwd=checkout, env=environment, input=answer, capture_output=True, text=True)


def payloads(server):
    return [payload for hook in server.hooks.values() for payload in hook.payloads]


def test_a_dry_run_prints_the_request_and_sends_none(checkout, deployment):
    server, decision = deployment
    before = len(server.requests)
    finished = trigger(checkout, server, "configs/ci.yml", "--dry-run")
    assert finished.returncode == 0, finished.stderr
    request = json.loads(finished.stdout)
    assert request["hookGroupId"] == "project-translations"
    assert request["hookId"].startswith("in-tree-action-3-train/")
    assert request["payload"]["user"]["taskGroupId"] == decision
    assert request["payload"]["user"]["input"]["experiment"]["name"]
    assert {request.method for request in server.requests[before:]} == {"GET"}
    assert not payloads(server)
    assert "secret" not in finished.stdout + finished.stderr


def test_whoever_says_no_triggers_nothing(checkout, deployment):
    server, _ = deployment
    finished = trigger(checkout, server, "configs/ci.yml", answer="n\n")
    assert finished.returncode == 1
    assert "train-teacher-model" in finished.stdout
    assert "translations-3/large-gpu-large-disk-gcp" in finished.stdout
    assert "nothing was triggered" in finished.stderr
    assert not payloads(server)


def test_a_training_is_triggered(checkout, deployment, home):
    server, _ = deployment
    before = set(server.tasks)
    finished = trigger(checkout, server, "configs/ci.yml", "--branch", "main", answer="y\n")
    assert finished.returncode == 0, finished.stderr
    [task_id] = set(server.tasks) - before
    assert f"{server.root_url}/tasks/{task_id}" in finished.stdout
    completed(server, checkout, task_id, home)
    git(checkout, "clean", "--quiet", "--force", "-d")
    made = group(server, task_id)
    assert "all-pipeline-en-it" in made
    [listed] = [line for line in finished.stdout.splitlines() if "train-teacher-model" in line]
    assert int(listed.split()[0]) == sum(task.definition["tags"]["kind"] == "train-teacher-model" for task in made.values())


def test_a_wrong_config_is_said_first(checkout, deployment, tmp_path):
    server, _ = deployment
    before = len(server.requests)
    config = tmp_path / "wrong.yml"
    config.write_text("target-stage: nowhere\n")
    finished = trigger(checkout, server, str(config))
    assert finished.returncode == 1
    assert f"{config}:1: target-stage" in finished.stderr
    assert len(server.requests) == before


# By what is wrong: the options, and what is said of it.
REFUSED = {
    "not pushed": (["--branch", "new"], "branch new: not at origin yet"),
    "pushed, but not this": (["--branch", "ahead"], "push or pull first"),
    "no decision": (["--branch", "unknown"], "no decision task"),
    "no remote": (["--remote", "nowhere"], "git ls-remote nowhere"),
}


@pytest.fixture(scope="module")
def branches(checkout):
    git(checkout, "branch", "new")
    git(checkout, "push", "--quiet", "origin", "main:ahead")
    git(checkout, "checkout", "--quiet", "-b", "ahead")
    (checkout / "more").write_text("")
    commit_all(checkout)
    git(checkout, "push", "--quiet", "origin", "ahead:unknown")
    git(checkout, "checkout", "--quiet", "main")


@pytest.mark.parametrize("what", REFUSED)
def test_a_branch_that_cannot_be_trained(what, checkout, deployment, branches):
    server, _ = deployment
    options, message = REFUSED[what]
    finished = trigger(checkout, server, "configs/ci.yml", *options)
    assert finished.returncode == 1
    assert message in finished.stderr
    assert "Traceback" not in finished.stderr


def test_credentials_come_from_the_environment(checkout, deployment):
    server, _ = deployment
    finished = trigger(checkout, server, "configs/ci.yml", credentials=False)
    assert finished.returncode == 1
    assert "TASKCLUSTER_ROOT_URL, TASKCLUSTER_CLIENT_ID, TASKCLUSTER_ACCESS_TOKEN: not set" in finished.stderr


def test_trouble_with_taskcluster_is_said_in_a_line(checkout, deployment):
    server, _ = deployment
    server.fail_next("GET .*index", status=403)
    finished = trigger(checkout, server, "configs/ci.yml")
    assert finished.returncode == 1
    assert finished.stderr.startswith("Taskcluster: ")
    assert "Traceback" not in finished.stderr
