"""Our `.taskcluster.yml`, rendered for every event that a deployment knows: whether there is a decision task, and what it may do."""

import json
import re
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator

from tests.taskcluster import contexts, taskcluster_yml

ROOT = Path(__file__).resolve().parents[2]
FILE = yaml.safe_load((ROOT / ".taskcluster.yml").read_text(encoding="utf-8"))
SCHEMA = ROOT.parent / "shared/taskcluster-schemas/taskcluster-yml-v1.json"

TASKS_FOR = "tasks_for"
REPOSITORY = "assume:repo:github.com/browser-translations/training"
CACHE = {1: "translations-level-1-checkouts-v1", 3: "translations-level-3-checkouts-v1"}
PULL_REQUEST = {"role": f"{REPOSITORY}:pull-request", "level": 1, "cache": True, "project": "training-pr", "indexed": ["revision"]}
UNTRUSTED = {"role": f"{REPOSITORY}:pull-request-untrusted", "level": 1, "cache": False, "project": "training-pr", "indexed": []}
MAIN = {"role": f"{REPOSITORY}:branch:main", "level": 3, "cache": True, "project": "training", "indexed": ["revision", "latest"]}
ACTION = {"role": f"{REPOSITORY}:action:generic", "level": 1, "cache": True, "project": "training", "indexed": []}
NOTHING = None

# By the name of the context: what the decision task is, or that there is none.
EXPECTED = {
    "pull request opened": PULL_REQUEST,
    "pull request reopened": PULL_REQUEST,
    "pull request pushed to": PULL_REQUEST,
    "draft pull request opened": PULL_REQUEST,
    "pull request without a body": PULL_REQUEST,
    "pull request of a fork opened": UNTRUSTED,
    "pull request of a fork reopened": UNTRUSTED,
    "pull request of a fork pushed to": UNTRUSTED,
    "pull request edited": NOTHING,
    "pull request of a fork edited": NOTHING,
    "pull request ready_for_review": NOTHING,
    "pull request closed": NOTHING,
    "pull request merged": NOTHING,
    "pull request of a fork closed": NOTHING,
    "pull request labeled": NOTHING,
    "pull request assigned": NOTHING,
    "pull request with [skip ci] in its title": NOTHING,
    "pull request with [skip ci] in its body": NOTHING,
    "push to main": MAIN,
    "push to main, forced": MAIN,
    # Only pull requests can be skipped: what is on main is checked.
    "push with [skip ci] in its message": MAIN,
    "push to another branch": NOTHING,
    "push of a new branch": NOTHING,
    "push of a tag": NOTHING,
    "push that deletes a branch": NOTHING,
    "push that deletes a tag": NOTHING,
    "release published": NOTHING,
    "release created": NOTHING,
    "release deleted": NOTHING,
    "comment": NOTHING,
    "cron": {**ACTION, "role": f"{REPOSITORY}:cron:weekly"},
    "action": ACTION,
    "action on a task": ACTION,
    # The code of a fork, triggered by somebody who may: still no cache that others read.
    "action on a pull request": {**ACTION, "cache": False},
}
ALL = {**contexts.GITHUB, **contexts.HOOKS}


def rendered(name):
    """(id, definition) of the decision task for a context, or None."""
    context = ALL[name]
    if name in contexts.GITHUB:
        tasks = taskcluster_yml.github_tasks(FILE, context)
    elif name == "cron":
        tasks = dict([taskcluster_yml.cron_task(FILE, context)])
    else:
        [task] = taskcluster_yml.render(FILE, context)
        assert "taskId" not in task, "the hooks service chooses it"
        tasks = {contexts.OWN_ID: task}
    return next(iter(tasks.items()), None)


def test_every_context_is_in_the_table():
    assert EXPECTED.keys() == ALL.keys()


@pytest.mark.parametrize("name", EXPECTED)
def test_decision_task(name):
    expected, decision = EXPECTED[name], rendered(name)
    if expected is None:
        assert decision is None
        return
    assert decision is not None
    _, task = decision
    level = expected["level"]
    cache = [CACHE[level]] if expected["cache"] else []
    assert task["scopes"] == [expected["role"]]
    assert (task["provisionerId"], task["workerType"], task["schedulerId"]) == (
        f"translations-{level}",
        "decision",
        f"translations-level-{level}",
    )
    assert list(task["payload"].get("cache", {})) == cache
    routes = [f"tc-treeherder.v2.{expected['project']}.{contexts.HEAD}."]
    assert any(route.startswith(routes[0]) for route in task["routes"])
    index = {
        "revision": f"index.translations.v2.training.revision.{contexts.HEAD}.decision",
        "latest": "index.translations.v2.training.latest.decision",
    }
    assert [route for route in task["routes"] if route.startswith("index.")] == [index[place] for place in expected["indexed"]]
    assert task["payload"]["features"] == {"chainOfTrust": True, "taskclusterProxy": True}
    environment = task["payload"]["env"]
    assert environment["TRANSLATIONS_HEAD_REV"] == contexts.HEAD
    assert environment["TRANSLATIONS_PIP_REQUIREMENTS"] == "requirements/graph.txt"
    assert all(isinstance(value, str) for value in environment.values())
    assert environment["LEVEL"] == str(level)


@pytest.mark.parametrize("name", [name for name, expected in EXPECTED.items() if expected])
def test_words_of_strangers_are_no_code(name):
    """What a branch or a person is called reaches the shell in a variable."""
    _, task = rendered(name)
    script = task["payload"]["command"][-1]
    assert task["payload"]["env"]["TRANSLATIONS_HEAD_REF"] not in script
    assert task["payload"]["env"]["OWNER"] not in script
    assert len(re.findall(r'="\$\w+"', script)) == (11 if "decision" in script else 0)


def test_an_action_is_told_what_to_do():
    _, task = rendered("action on a task")
    action = {name: value for name, value in task["payload"]["env"].items() if name.startswith("ACTION_")}
    assert action == {
        "ACTION_TASK_GROUP_ID": contexts.GROUP_ID,
        "ACTION_TASK_ID": json.dumps(contexts.TASK_ID),
        "ACTION_INPUT": "null",
        "ACTION_CALLBACK": "retrigger",
    }
    assert task["taskGroupId"] == contexts.GROUP_ID
    assert json.loads(rendered("action")[1]["payload"]["env"]["ACTION_INPUT"]) == contexts.ACTION["input"]


def test_a_cron_job_says_what_its_decision_is_for():
    script = rendered("cron")[1]["payload"]["command"][-1]
    assert script.endswith(" --target-tasks-method=weekly")


def test_artifacts_are_where_taskgraph_writes_them():
    _, task = rendered("push to main")
    assert {name: artifact["path"] for name, artifact in task["payload"]["artifacts"].items()} == {
        "public": "/builds/worker/artifacts",
        "public/docker-contexts": "/builds/worker/checkouts/src/docker-contexts",
    }


@pytest.mark.skipif(not SCHEMA.exists(), reason="Taskcluster's own schemas do not lie beside the project")
def test_the_file_is_what_taskcluster_reads():
    Draft7Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(FILE)


def test_the_weekly_job_is_the_one_that_the_file_allows():
    [job] = yaml.safe_load((ROOT / ".cron.yml").read_text(encoding="utf-8"))["jobs"]
    assert job["job"] == {"type": "decision-task", "treeherder-symbol": "weekly", "target-tasks-method": "train"}
