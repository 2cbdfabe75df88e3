"""The step transform on dicts: what goes in as a `step:` block, what comes out as a task description."""

import json

import pytest
from pytest_taskgraph import make_task
from training_taskgraph.digest import requirements_hash, script_hash
from training_taskgraph.transforms.for_each import transforms as for_each
from training_taskgraph.transforms.step import layout, resolved
from training_taskgraph.transforms.step import transforms as step

SCRIPT = "pipeline/vocab/build_vocab.py"


@pytest.fixture
def merged():
    return {
        "merge-en-it": make_task(
            "merge-en-it", "merge", attributes={"bindings": {}, "replaces": [], "outputs": ["corpus.en.zst", "corpus.it.zst"]}
        )
    }


@pytest.fixture
def block():
    return {
        "name": "{src}-{trg}",
        "description": "Trains a vocabulary.",
        "worker-type": "cpu-large",
        "step": {
            "script": SCRIPT,
            "requirements": "train",
            "inputs": {"merge": ["corpus.{src}.zst", "corpus.{trg}.zst"]},
            "outputs": ["vocab.{src}.spm"],
            "arguments": {"corpus": "{inputs}/corpus.{src}.zst", "vocab-size": "{experiment.spm-vocab-size}", "missing": None},
            "marian-options": "{marian-args.decoding-teacher}",
        },
    }


@pytest.fixture
def transform(run_transform):
    return lambda block, upstream: run_transform(step, run_transform(for_each, block), kind_dependencies_tasks=upstream)


def test_a_step_becomes_a_run_task(transform, block, merged):
    command = (
        'python3 -m pipeline.vocab.build_vocab --corpus "$MOZ_FETCHES_DIR"/corpus.en.zst --vocab-size 1000'
        ' --statistics "$UPLOAD_DIR"/statistics.json -- --beam-size 1 --max-length-factor 2'
    )
    fetches = [
        {"artifact": f"public/build/corpus.{side}.zst", "extract": False, "task": "<merge-en-it>", "verify-hash": True}
        for side in ("en", "it")
    ]
    digest_data = {
        "command": command,
        "inputs": layout([{"label": "merge-en-it", "fetch": fetch} for fetch in fetches]),
        "requirements": f"train {requirements_hash('train')}",
        "script": script_hash(SCRIPT),
    }
    assert transform(block, merged) == [
        {
            "name": "en-it",
            "description": "Trains a vocabulary.",
            "worker-type": "cpu-large-gcp-spot",
            "attributes": {
                "bindings": {},
                "digest-data": digest_data,
                "outputs": ["vocab.en.spm", "statistics.json"],
                "replaces": [],
                "retrigger": True,
                "script": SCRIPT,
                "src": "en",
                "stage": "test",
                "trg": "it",
                "worker": "cpu-large",
            },
            "tags": {"retrigger": "true"},
            "dependencies": {"merge-en-it": "merge-en-it"},
            "run": {"using": "run-task", "command": command, "cwd": "{checkout}", "use-caches": ["checkout"]},
            "worker": {
                "artifacts": [{"type": "volume", "name": "public/build", "path": "/builds/worker/artifacts"}],
                "chain-of-trust": True,
                "docker-image": {"in-tree": "train"},
                "env": {
                    "MOZ_FETCHES": {"task-reference": json.dumps(fetches, sort_keys=True)},
                    "MOZ_FETCHES_DIR": "/builds/worker/fetches",
                    "UPLOAD_DIR": "/builds/worker/artifacts",
                    "WORK_DIR": "/builds/worker/work",
                },
                "max-run-time": 432000,
                "retry-exit-status": [75],
                "volumes": ["/builds/worker/artifacts"],
            },
            "treeherder": {"kind": "build", "platform": "en-it/opt", "symbol": "test(en-it)", "tier": 1},
            "cache": {
                "type": "test.v1",
                "name": "en-it",
                "digest-data": [f"{name}: {value}" for name, value in sorted(digest_data.items())],
            },
        }
    ]


def test_marian_options_may_stand_in_the_kind(transform, block, merged):
    block["step"]["marian-options"] = {"beam-size": 1}
    (task,) = transform(block, merged)
    assert task["run"]["command"].endswith(" -- --beam-size 1")


def test_one_task_for_every_combination(transform, block, merged, config):
    config["taskcluster"]["split-chunks"], config["experiment"]["teacher-ensemble"] = 3, 2
    block["name"], block["for-each"] = "{src}-{trg}-{teacher}-{chunk}", ["teacher", "chunk"]
    block["step"]["outputs"] = ["chunk.{chunk}.zst"]
    tasks = transform(block, merged)
    assert [task["name"] for task in tasks] == [f"en-it-{teacher}-{chunk}" for teacher in (1, 2) for chunk in (1, 2, 3)]
    assert tasks[4]["attributes"]["outputs"] == ["chunk.2.zst", "statistics.json"]


def test_worker_classes_pick_the_pool_and_leave_the_digest(transform, block, merged, config):
    (spot,) = transform(block, merged)
    config["taskcluster"]["worker-classes"]["test"] = "gcp-standard"
    (standard,) = transform(block, merged)
    assert (spot["worker-type"], standard["worker-type"]) == ("cpu-large-gcp-spot", "cpu-large-gcp-standard")
    assert spot["cache"] == standard["cache"]


@pytest.mark.parametrize(("disk", "pool"), [("", "large-gpu-gcp-spot"), ("/large-disk", "large-gpu-large-disk-gcp-spot")])
def test_a_gpu_step_is_told_its_gpus(transform, block, merged, disk, pool):
    block["worker-type"] = f"large-gpu{disk}"
    (task,) = transform(block, merged)
    assert task["worker-type"] == pool
    assert task["attributes"]["worker"] == "large-gpu"
    assert task["worker"]["env"]["GPUS"] == "0 1 2 3"
    assert task["worker"]["env"]["WORKSPACE"] == "30000"


def test_a_missing_script_is_an_error(transform, block, merged):
    block["step"]["script"] = "pipeline/vocab/nowhere.py"
    with pytest.raises(Exception, match=r"there is no script pipeline/vocab/nowhere\.py"):
        transform(block, merged)


def test_an_unknown_key_of_a_step_is_an_error(transform, block, merged):
    block["step"]["output"] = ["vocab.spm"]
    with pytest.raises(Exception, match="output"):
        transform(block, merged)


def test_keyed_values_are_decided_by_the_config():
    keyed = {"by-experiment.spm-vocab-split": {"true": ["src.spm", "trg.spm"], "default": ["both.spm"]}}
    split = {"experiment.spm-vocab-split": "true"}
    assert resolved({"outputs": ["model", keyed]}, "t", split) == {"outputs": ["model", "src.spm", "trg.spm"]}
    assert resolved({"outputs": keyed}, "t", {"experiment.spm-vocab-split": "false"}) == {"outputs": ["both.spm"]}


@pytest.mark.parametrize("given", [False, True])
def test_what_a_step_has_only_when_a_fact_holds(transform, block, merged, config, given):
    if given:
        config["continuation"]["vocab"] = {"src": "https://example.com/v.spm", "trg": "https://example.com/v.spm"}
    block["step"]["also-when"] = {"given-vocab": {"outputs": ["more.zst"], "arguments": {"more": "{outputs}/more.zst"}}}
    (task,) = transform(block, merged)
    assert ("more.zst" in task["attributes"]["outputs"]) is given
    assert ('--more "$UPLOAD_DIR"/more.zst' in task["run"]["command"]) is given


def test_a_task_exists_only_when_all_its_facts_hold(transform, block, merged):
    assert transform({**block, "when": ["builds-vocab", "distills"]}, merged)
    assert transform({**block, "when": ["builds-vocab", "given-distillation"]}, merged) == []


def test_an_unknown_fact_is_an_error(transform, block, merged):
    with pytest.raises(KeyError, match="builds-vocabulary"):
        transform({**block, "when": ["builds-vocabulary"]}, merged)


def test_the_digest_tells_where_inputs_go(transform, block, merged):
    """The same files in another folder may mean another thing."""

    def digest():
        (task,) = transform({**block, "step": {**block["step"], "marian-options": {}}}, merged)
        return task["cache"]["digest-data"]

    before = digest()
    block["step"]["inputs"] = {"merge": [{"artifacts": ["corpus.{src}.zst", "corpus.{trg}.zst"], "into": "held-out"}]}
    assert digest() != before
