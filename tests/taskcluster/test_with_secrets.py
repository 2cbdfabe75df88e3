"""The script that gives a step its secrets, as a process, with the secrets service of a loopback deployment."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "taskcluster/scripts/with_secrets.py"
SECRET = {"token": "very secret", "nested": {"a": 1}}
NAME = "project/translations/level-3/wandb"
SHOW = [sys.executable, "-c", "import json, os; print(json.dumps(dict(os.environ)))"]


@pytest.fixture
def task(taskcluster_server):
    """A task that may read one secret."""
    taskcluster_server.secrets[NAME] = SECRET
    return taskcluster_server.add_task({"scopes": [f"secrets:get:{NAME}"]}, state="running")


def run(wanted, proxy):
    """The finished process; its environment in `stdout`, if it came that far."""
    environment = {**os.environ, "TASK_SECRETS": json.dumps(wanted), **({"TASKCLUSTER_PROXY_URL": proxy} if proxy else {})}
    # Only time is not real: the pauses between attempts.
    script = (
        "import runpy, sys, time; time.sleep = lambda seconds: None; sys.argv = sys.argv[1:]; "
        f"runpy.run_path({str(SCRIPT)!r}, run_name='__main__')"
    )
    return subprocess.run([sys.executable, "-c", script, str(SCRIPT), *SHOW], env=environment, capture_output=True, text=True)


def wanted(**changes):
    return {"WANDB_API_KEY": {"secret": NAME, "key": "token", "required": False, **changes}}


def test_a_value_of_a_secret(taskcluster_server, task):
    finished = run(wanted(), taskcluster_server.proxy_url(task))
    environment = json.loads(finished.stdout)
    assert environment["WANDB_API_KEY"] == "very secret"
    assert "TASK_SECRETS" not in environment
    assert "very secret" not in finished.stderr


def test_a_file(taskcluster_server, task):
    finished = run(wanted(file=True), taskcluster_server.proxy_url(task))
    file = Path(json.loads(finished.stdout)["WANDB_API_KEY"])
    assert json.loads(file.read_text()) == SECRET
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.unlink()


def test_trouble_is_tried_again(taskcluster_server, task):
    taskcluster_server.fail_next("GET .*/secret/", times=3, status=502)
    taskcluster_server.cut_next("GET .*/secret/")
    assert json.loads(run(wanted(required=True), taskcluster_server.proxy_url(task)).stdout)["WANDB_API_KEY"] == "very secret"


# By what is wrong: the exit code where the secret is required, and what is said.
WRONG = {
    "no such secret": (1, "404"),
    "no scope": (1, "403"),
    "no such key": (1, "has no other"),
    "a service that fails": (75, "500"),
    "no network": (75, "refused"),
    "no proxy": (1, "no proxy"),
}


@pytest.mark.parametrize("required", [True, False])
@pytest.mark.parametrize("what", WRONG)
def test_a_secret_that_is_not_to_be_had(what, required, taskcluster_server, task):
    changes, proxy = {"required": required}, taskcluster_server.proxy_url(task)
    if what == "no such secret":
        del taskcluster_server.secrets[NAME]
    elif what == "no scope":
        taskcluster_server.tasks[task].definition["scopes"] = []
    elif what == "no such key":
        changes["key"] = "other"
    elif what == "a service that fails":
        taskcluster_server.fail_next("GET .*/secret/", times=100)
    elif what == "no network":
        proxy = "http://127.0.0.1:9"
    elif what == "no proxy":
        proxy = None
    finished = run(wanted(**changes), proxy)
    code, message = WRONG[what]
    assert message in finished.stderr
    assert finished.returncode == (code if required else 0), finished.stderr
    if not required:
        assert "WANDB_API_KEY" not in json.loads(finished.stdout)
