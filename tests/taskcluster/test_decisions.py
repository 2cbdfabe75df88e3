"""Our graph on a loopback deployment, from an event or a button to the tasks that it makes, with the real commands and roles."""

import json
from collections import Counter
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator
from training_taskgraph.local_graph import generator
from training_taskgraph.parameters import local_parameters
from training_taskgraph.training_config import ConfigErrors, check

from tests.taskcluster import contexts
from tests.taskcluster.loopback_api import moment_of
from tests.taskcluster.loopback_deployment import from_now
from tests.taskcluster.loopback_taskcluster import LoopbackTaskcluster, serving
from tests.taskcluster.own_repository import act, decide, grant, group, write_repository
from tests.taskcluster.taskgraph_commands import clone

ROOT = Path(__file__).resolve().parents[2]
ACTIONS_SCHEMA = ROOT.parent / "shared/taskcluster-schemas/actions.json"
CI_CONFIG = yaml.safe_load((ROOT / "configs/ci.yml").read_text(encoding="utf-8"))
IMAGES = {"align", "analyze", "base", "data", "evaluate", "test", "train", "translate"}
CHECKS = {"test-end-to-end", "test-graph", "test-lint", "test-unit"}
MAIL = "notify.email.translations-training@example.com"

# By event: the kinds of the tasks that are made, their pools, and the scopes that they have beside those for caches.
EVENTS = {
    "pull request opened": {"images": IMAGES, "checks": CHECKS, "pipeline": True, "level": 1, "cache": "pr"},
    "pull request of a fork opened": {"images": {"base", "test"}, "checks": CHECKS, "pipeline": False, "level": 1, "cache": None},
    "push to main": {
        "images": IMAGES | {"bicleaner", "huggingface", "monocleaner", "mtdata", "sacrebleu", "upload"},
        "checks": CHECKS,
        "pipeline": False,
        "level": 3,
        "cache": "level-3",
    },
    "cron": {"images": IMAGES - {"test"}, "checks": set(), "pipeline": True, "level": 3, "cache": "level-3"},
}
CONTEXTS = {
    **contexts.GITHUB,
    "cron": {
        **{name: value for name, value in contexts.CRON.items() if name != "ownTaskId"},
        "repository": {**contexts.REPOSITORY, "level": "3"},
        "cron": {**contexts.CRON["cron"], "job_name": "weekly-pipeline", "quoted_args": "--target-tasks-method=train"},
    },
}
# What a pull request changes; without it no check would run.
CHANGED = "pipeline/train/train.py"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    return clone(write_repository(folder / "repository", CHANGED), folder / "checkout")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module", params=EVENTS)
def event(request, checkout, home):
    """(what is expected, the tasks that were made) of an event."""
    with serving(LoopbackTaskcluster()) as server:
        grant(server)
        decision = decide(server, checkout, CONTEXTS[request.param], home)
        return EVENTS[request.param], server.tasks[decision], group(server, decision)


@pytest.fixture(scope="module")
def on_main(checkout, home):
    """(server, decision) of a push to main, whose images are built."""
    with serving(LoopbackTaskcluster()) as server:
        grant(server)
        decision = decide(server, checkout, contexts.GITHUB["push to main"], home)
        for label, task in group(server, decision).items():
            if label.startswith("docker-image-"):
                server.resolve(task.task_id, "completed")
        yield server, decision


def kinds(tasks):
    return Counter(task.definition["tags"]["kind"] for task in tasks.values())


def test_what_an_event_makes(event):
    expected, _, tasks = event
    assert {label for label in tasks if label.startswith("docker-image-")} == {f"docker-image-{name}" for name in expected["images"]}
    assert {label for label in tasks if label.startswith("test-")} == expected["checks"]
    pipeline = {kind for kind in kinds(tasks) if kind not in ("docker-image", "test")}
    assert ("all-pipeline" in pipeline and "train-teacher-model" in pipeline) if expected["pipeline"] else not pipeline


def test_where_its_tasks_run(event):
    expected, _, tasks = event
    for task in tasks.values():
        definition = task.definition
        assert definition["provisionerId"] == f"translations-{expected['level']}"
        assert definition["schedulerId"] == f"translations-level-{expected['level']}"
        if not expected["pipeline"]:
            assert definition["workerType"] in ("images", "tests")


def test_its_tasks_have_no_more_scopes_than_caches(event):
    expected, _, tasks = event
    allowed = f"docker-worker:cache:translations-level-{expected['level']}-" if expected["cache"] else "nothing"
    for task in tasks.values():
        assert all(scope.startswith(allowed) for scope in task.definition["scopes"]), task.name
        assert not task.definition["payload"].get("cache") or expected["cache"]


def test_where_its_tasks_are_indexed(event):
    expected, _, tasks = event
    prefix = f"index.translations.cache.{expected['cache']}." if expected["cache"] else "nothing"
    for task in tasks.values():
        routes = [route for route in task.definition["routes"] if route.startswith("index.")]
        assert all(route.startswith(prefix) for route in routes), task.name
        assert bool(routes) == (bool(expected["cache"]) and task.definition["tags"]["kind"] != "test"), task.name
        assert not any(route.startswith("notify.") for route in task.definition["routes"])


def test_artifacts_outlive_whoever_fetches_them(event):
    _, decision, tasks = event
    by_id = {task.task_id: task for task in [decision, *tasks.values()]}
    for task in tasks.values():
        deadline = moment_of(task.definition["deadline"])
        assert task.definition["payload"]["maxRunTime"] < (deadline - moment_of(task.definition["created"])).total_seconds()
        assert all(moment_of(by_id[other].definition["expires"]) >= deadline for other in task.definition["dependencies"])


def test_every_step_is_verified_and_tried_again(event):
    _, _, tasks = event
    for task in tasks.values():
        payload, kind = task.definition["payload"], task.definition["tags"]["kind"]
        if kind == "test":
            continue
        assert payload["features"]["chainOfTrust"] is True
        if kind == "docker-image":
            continue
        assert task.definition["extra"]["chainOfTrust"]["inputs"]["docker-image"] in task.definition["dependencies"]
        assert set(payload["onExitStatus"]["retry"]) == {72, 75}
        assert task.definition["retries"] == 49
        fetches = json.loads(payload["env"]["MOZ_FETCHES"])
        assert all(fetch["verify-hash"] is True and fetch["task"] in task.definition["dependencies"] for fetch in fetches)
        gpus = task.definition["workerType"].startswith(("gpu", "large-gpu"))
        assert ("GPUS" in payload["env"]) == ("WORKSPACE" in payload["env"]) == gpus


def test_the_same_event_makes_the_same_graph(checkout, home):
    made = []
    for _ in range(2):
        with serving(LoopbackTaskcluster()) as server:
            grant(server)
            decision = decide(server, checkout, contexts.GITHUB["push to main"], home)
            full = json.loads(server.tasks[decision].artifacts[-1]["public/full-task-graph.json"].content)
            made.append(json.dumps(full, sort_keys=True).replace(decision, "DECISION"))
    assert made[0] == made[1]


def test_a_pull_request_runs_the_checks_that_cover_what_it_changes(tmp_path, home):
    (tmp_path / "repository").mkdir()
    documented = clone(write_repository(tmp_path / "repository", "docs/graph.md"), tmp_path / "checkout")
    with serving(LoopbackTaskcluster()) as server:
        grant(server)
        tasks = group(server, decide(server, documented, contexts.GITHUB["pull request of a fork opened"], home))
    assert {label for label in tasks if label.startswith("test-")} == {"test-unit", "test-end-to-end"}


def test_nothing_that_a_stranger_writes_into_the_config_gets_a_secret(config):
    """Not even in the full graph, of which an action could run more."""
    config |= {"wandb-publication": True, "taskcluster": {**config["taskcluster"], "upload-bucket": "production"}}
    config["experiment"]["archive-corpora"] = True
    parameters = local_parameters(config) | {"tasks_for": "github-pull-request-untrusted"}
    tasks = generator(parameters).full_task_graph.tasks
    assert "upload-en-it" in tasks
    for label, task in tasks.items():
        scopes = [scope if isinstance(scope, str) else scope["task-reference"] for scope in task.task["scopes"]]
        assert all(scope.startswith("docker-worker:cache:translations-level-1-") for scope in scopes), label
        assert "TASK_SECRETS" not in task.task["payload"]["env"], label
        assert not any(route.startswith("index.") for route in task.task["routes"]), label


@pytest.mark.skipif(not ACTIONS_SCHEMA.exists(), reason="Taskcluster's own schemas do not lie beside the project")
def test_actions_are_what_treeherder_reads(on_main):
    server, decision = on_main
    actions = json.loads(server.tasks[decision].artifacts[-1]["public/actions.json"].content)
    Draft7Validator(json.loads(ACTIONS_SCHEMA.read_text(encoding="utf-8"))).validate(actions)


def test_the_form_of_train_is_filled_in_with_the_config_of_pull_requests(on_main):
    server, decision = on_main
    actions = json.loads(server.tasks[decision].artifacts[-1]["public/actions.json"].content)["actions"]
    [train] = [action for action in actions if action["name"] == "train"]
    assert train["schema"]["default"] == CI_CONFIG
    Draft7Validator(train["schema"]).validate(CI_CONFIG)
    assert train["extra"]["actionPerm"] == "train"
    described = {name: {"title", "description"} <= value.keys() for name, value in train["schema"]["properties"].items()}
    assert all(described.values()), described


def test_a_weekly_run_is_not_answered_from_the_index(checkout, home):
    """Else it would show nothing; images are taken from there."""
    with serving(LoopbackTaskcluster()) as server:
        grant(server)
        first = group(server, decide(server, checkout, CONTEXTS["cron"], home))
        for task in first.values():
            server.resolve(task.task_id, "completed")
        second = group(server, decide(server, checkout, CONTEXTS["cron"], home))
    assert set(first) - set(second) == {label for label in first if label.startswith("docker-image-")}


def test_unchanged_steps_come_from_the_index(checkout, home):
    with serving(LoopbackTaskcluster()) as server:
        grant(server)
        for task in group(server, decide(server, checkout, contexts.GITHUB["pull request opened"], home)).values():
            server.resolve(task.task_id, "completed")
        again = group(server, decide(server, checkout, contexts.GITHUB["pull request pushed to"], home))
    assert set(again) == CHECKS


def test_images_come_from_the_index(on_main, checkout, home):
    server, first = on_main
    second = decide(server, checkout, contexts.GITHUB["push to main"], home)
    assert kinds(group(server, second)) == {"test": len(CHECKS)}
    image = group(server, first)["docker-image-test"].task_id
    assert all(image in task.definition["dependencies"] for task in group(server, second).values())


def test_train_is_offered_where_code_is_trusted(checkout, home):
    offered = {}
    for name in ("push to main", "pull request opened", "pull request of a fork opened"):
        with serving(LoopbackTaskcluster()) as server:
            grant(server)
            decision = decide(server, checkout, contexts.GITHUB[name], home)
            actions = json.loads(server.tasks[decision].artifacts[-1]["public/actions.json"].content)["actions"]
            offered[name] = {action["hookId"].rpartition("/")[0] for action in actions if action["name"] == "train"}
            assert not any(action["name"] == "rebuild-cached-tasks" for action in actions)
            assert {"retrigger", "cancel", "cancel-all", "rerun", "add-new-jobs", "rebuild-docker-images"} <= {a["name"] for a in actions}
    assert offered == {
        "push to main": {"in-tree-action-3-train"},
        "pull request opened": {"in-tree-pr-action-1-train"},
        "pull request of a fork opened": set(),
    }


@pytest.fixture(scope="module")
def training(on_main, checkout, home):
    """(server, the id of the action's task, which is the id of the group)"""
    server, decision = on_main
    config = {**CI_CONFIG, "wandb-publication": True, "taskcluster": {**CI_CONFIG["taskcluster"], "upload-bucket": "development"}}
    return server, act(server, checkout, decision, "train", home, given=config)


class TestTraining:
    """What becomes of the action `train`."""

    def test_its_tasks_are_a_group_of_their_own(self, training, on_main):
        server, action = training
        assert server.tasks[action].definition["taskGroupId"] == on_main[1]
        tasks = group(server, action)
        assert {"all-pipeline", "train-teacher-model", "export"} <= set(kinds(tasks))
        # Images that are there already are used.
        assert set(kinds(tasks)).isdisjoint({"docker-image", "test"})
        assert all(task.definition["provisionerId"] == "translations-3" for task in tasks.values())

    def test_who_is_written_to(self, training):
        tasks = group(*training)
        mails = {label: {route for route in task.definition["routes"] if route.startswith("notify.")} for label, task in tasks.items()}
        assert mails["all-pipeline-en-it"] == {f"{MAIL}.on-failed", f"{MAIL}.on-completed"}
        assert {frozenset(routes) for label, routes in mails.items() if label != "all-pipeline-en-it"} == {frozenset({f"{MAIL}.on-failed"})}

    def test_who_reads_which_secret(self, training):
        secrets = {
            task.definition["tags"]["kind"]: [scope for scope in task.definition["scopes"] if scope.startswith("secrets:")]
            for task in group(*training).values()
        }
        wandb = ["secrets:get:project/translations/level-3/wandb"]
        assert {kind: scopes for kind, scopes in secrets.items() if scopes} == {
            "backtranslations-train-backwards-model": wandb,
            "train-teacher-model": wandb,
            "distillation-student-model-train": wandb,
            "distillation-student-model-finetune": wandb,
            "upload": ["secrets:get:project/translations/level-3/upload-development"],
        }

    def test_trainings_resume_and_are_tracked(self, training):
        [teacher, *_] = [task for task in group(*training).values() if task.definition["tags"]["kind"] == "train-teacher-model"]
        command, environment = teacher.definition["payload"]["command"][-1], teacher.definition["payload"]["env"]
        resume, _, tracked = command.partition(" && ")
        assert resume == "python3 taskcluster/scripts/resume.py checkpoint"
        assert tracked.startswith(
            'python3 taskcluster/scripts/with_secrets.py env WANDB_RUN_ID="$TASK_ID" '
            'python3 -m pipeline.track.run_tracked --log-dir "$WORK_DIR" --config '
        )
        assert " -- python3 -m pipeline.train.train --architecture teacher " in tracked
        assert environment["WANDB_PROJECT"] == "en-it"
        assert json.loads(environment["TASK_SECRETS"]) == {
            "WANDB_API_KEY": {"secret": "project/translations/level-3/wandb", "key": "token", "required": False}
        }

    def test_standard_actions_work_on_it(self, training, checkout, home):
        server, action = training
        label = "build-vocab-en-it"
        vocabulary = group(server, action)[label].task_id
        before = set(server.tasks)
        again = act(server, checkout, action, "retrigger", home, on_task=vocabulary, given={})
        [made] = [task for task_id, task in server.tasks.items() if task_id not in before | {again}]
        assert made.name == label
        assert made.definition["taskGroupId"] == action
        act(server, checkout, action, "cancel", home, on_task=made.task_id)
        assert server.tasks[made.task_id].state == "exception"
        before = set(server.tasks)
        added = act(server, checkout, action, "add-new-jobs", home, given={"tasks": ["export-en-it"]})
        assert [task.name for task_id, task in server.tasks.items() if task_id not in before | {added}] == ["export-en-it"]

    def test_it_reuses_an_earlier_run(self, training, on_main, checkout, home):
        """Completed tasks of an earlier group stand in, unless they expire, belong to the stage to begin with, or depend on it."""
        server, earlier = training
        server.page_size = 7
        tasks = group(server, earlier)
        done = {"corpus-merge-parallel-en-it", "corpus-merge-devset-en-it", "build-vocab-en-it", "corpus-align-parallel-en-it"}
        for label in done:
            server.resolve(tasks[label].task_id, "completed")
        server.resolve(tasks["corpus-merge-mono-mono-trg-it"].task_id, "failed")
        tasks["corpus-merge-devset-en-it"].definition["expires"] = from_now(hours=12)
        config = {
            **CI_CONFIG,
            "target-stage": "train-teacher-model",
            "previous-group-ids": [earlier],
            "start-task-prefix": "build-vocab",
            "existing_tasks": {"corpus-merge-mono-mono-trg-it": "AAAAAAAAQACAAAAAAAAAAA"},
        }
        server.add_task(task_id="AAAAAAAAQACAAAAAAAAAAA", state="completed", expires=from_now(days=300))
        action = act(server, checkout, on_main[1], "train", home, given=config)
        taken = json.loads(server.tasks[action].artifacts[-1]["public/label-to-taskid.json"].content)
        made = group(server, action)
        assert taken["corpus-merge-parallel-en-it"] == tasks["corpus-merge-parallel-en-it"].task_id
        assert taken["corpus-merge-mono-mono-trg-it"] == "AAAAAAAAQACAAAAAAAAAAA"
        assert taken["corpus-align-parallel-en-it"] == tasks["corpus-align-parallel-en-it"].task_id
        assert {"corpus-merge-devset-en-it", "build-vocab-en-it", "train-teacher-model-en-it-1"} <= made.keys()
        assert not done - {"corpus-merge-devset-en-it", "build-vocab-en-it"} & made.keys()
        # What only the merged corpus needed is not made again, and what does not lead to the teachers is not made at all.
        assert {"corpus-clean-parallel", "export", "docker-image"}.isdisjoint(kinds(made))
        assert len(server.calls("queue.listTaskGroup")) > 5

        last = {**config, "previous-group-ids": [earlier, action], "start-task-prefix": "", "existing_tasks": {}}
        server.resolve(made["build-vocab-en-it"].task_id, "completed")
        third = act(server, checkout, on_main[1], "train", home, given=last)
        taken = json.loads(server.tasks[third].artifacts[-1]["public/label-to-taskid.json"].content)
        assert taken["build-vocab-en-it"] == made["build-vocab-en-it"].task_id, "the later group wins"
        # The second run had taken it from the first.
        assert taken["corpus-merge-mono-mono-trg-it"] == "AAAAAAAAQACAAAAAAAAAAA"

    def test_a_wrong_config_makes_nothing(self, on_main, checkout, home):
        """The form knows only single values; what does not go together is said as it is locally."""
        server, decision = on_main
        wrong = {**CI_CONFIG, "experiment": {**CI_CONFIG["experiment"], "teacher-decoder": "ctranslate2", "teacher-ensemble": 2}}
        before = set(server.tasks)
        with pytest.raises(AssertionError) as failed:
            act(server, checkout, decision, "train", home, given=wrong)
        with pytest.raises(ConfigErrors) as local:
            check(wrong)
        assert str(local.value) in str(failed.value)
        assert "Traceback" not in str(failed.value)
        assert len(server.tasks.keys() - before) == 1, "only the action's own task"


def test_images_can_be_built_anew(on_main, checkout, home):
    server, decision = on_main
    before = set(server.tasks)
    action = act(server, checkout, decision, "rebuild-docker-images", home, given={"images": ["train"]})
    made = {task.name: task for task_id, task in server.tasks.items() if task_id not in before | {action}}
    assert made.keys() == {"docker-image-base", "docker-image-train"}
    assert made["docker-image-base"].task_id in made["docker-image-train"].definition["dependencies"]
