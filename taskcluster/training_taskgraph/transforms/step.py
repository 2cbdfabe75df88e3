"""Turns a `step:` block into a full task: from what the block says come dependencies, fetches, artifacts, command, environment and digest.

    step:
      script: pipeline/vocab/build_vocab.py
      requirements: train
      inputs:
        corpus-merge-parallel: ["corpus.{src}.zst", "corpus.{trg}.zst"]
      outputs: ["vocab.{src}.spm", "vocab.{trg}.spm"]
      arguments:
        corpus: ["{inputs}/corpus.{src}.zst", "{inputs}/corpus.{trg}.zst"]
        vocab-size: "{experiment.spm-vocab-size}"
        output: ["{outputs}/vocab.{src}.spm", "{outputs}/vocab.{trg}.spm"]

What a step has only in some configs stands in `also-when`, by the fact that must hold (facts.py):

      also-when:
        backtranslated:
          inputs: ...
          arguments: ...

Any value may be keyed by one of the config: {by-experiment.spm-vocab-split: {"true": ..., default: ...}}. See placeholders.py for what
stands in braces, bindings.py for which tasks of an upstream kind a task
takes its inputs from.
"""

import hashlib
import json
from typing import Optional, Union

from taskgraph.transforms.base import TransformSequence
from taskgraph.util.keyed_by import evaluate_keyed_by
from taskgraph.util.schema import Schema
from taskgraph.util.templates import merge

from training_taskgraph.digest import existing_script, requirements_hash, script_hash
from training_taskgraph.facts import facts
from training_taskgraph.inputs import Upstream
from training_taskgraph.names import cache_name, treeherder_symbol
from training_taskgraph.parameters import training_config
from training_taskgraph.placeholders import Placeholders, quote
from training_taskgraph.worker import on_worker

ARTIFACTS = "public/build"
UPLOAD_DIR = "/builds/worker/artifacts"
STATISTICS = "statistics.json"
# pipeline/common/script.py's code for what may succeed when it is tried again.
RETRYABLE_EXIT_CODE = 75


class InputSchema(Schema):
    # Artifacts of the upstream task, as it declares them.
    artifacts: list[str]
    # Only upstream tasks that are bound to this value, or whose bound list has it: {categories: test}. It stands in for what this task is
    # itself bound to under that name.
    where: Optional[dict[str, str]] = None
    # The folder below {inputs} that they go to; a template with the upstream task's bindings. By default {inputs} itself.
    into: Optional[str] = None


class StepBlockSchema(Schema, kw_only=True):
    # The script below pipeline/, from the repository's root.
    script: str
    # The group of requirements it runs with: requirements/GROUP.txt, and the docker image of that name.
    requirements: str
    # By upstream kind, the artifacts this step fetches.
    inputs: Optional[dict[str, list[Union[str, InputSchema]]]] = None
    # The artifacts it publishes beside its statistics.
    outputs: list[str]
    # The script's arguments by name. An argument whose value the config leaves out is left out.
    arguments: Optional[dict[str, object]] = None
    # Options handed on to Marian: a mapping, or the key of one in the config.
    marian_options: Optional[Union[str, dict[str, object]]] = None
    # Kinds for whose tasks this one stands in: whoever takes inputs from their tasks with the same bindings takes them from it.
    replaces: Optional[list[str]] = None
    # A folder of the outputs that a stopped run of the task leaves, for the next one to go on from.
    resumes: Optional[str] = None
    # Whether it is a training whose metrics are published, where the config asks for that.
    tracked: Optional[bool] = None
    # Secrets that the step must have, by the variable that is to name a file with each; templates.
    secrets: Optional[dict[str, str]] = None
    # Artifacts of the task that made the graph, which the step finds in the folder `decision` of its inputs.
    decision_artifacts: Optional[list[str]] = None


class StepSchema(Schema, forbid_unknown_fields=False, kw_only=True):
    # What the task does, for people.
    description: str
    # What the step needs of a worker: a key of `step-workers` in config.yml, and behind a slash of what size the disk is, if not the usual.
    worker_type: str
    # The name that `target-stage` knows the task by; by default that of its kind.
    stage: Optional[str] = None
    # What the task stands for, from `for-each`.
    bindings: dict[str, object]
    step: StepBlockSchema


transforms = TransformSequence()


@transforms.add
def add_what_holds_only_now(config, tasks):
    known = facts(training_config(config.params))
    for task in tasks:
        for fact, block in task["step"].pop("also-when", {}).items():
            if known[fact]:
                task["step"] = merge(task["step"], block)
        yield task


@transforms.add
def resolve_keys(config, tasks):
    training = training_config(config.params)
    values = {f"{section}.{key}": value for section in ("experiment", "taskcluster") for key, value in training[section].items()}
    for task in tasks:
        attributes = {key: str(value).lower() for key, value in {**values, **task["bindings"]}.items()}
        task["step"] = resolved(task["step"], task["name"], attributes)
        yield task


def resolved(block, name, attributes):
    """The block with every `by-KEY` in it decided; one that stands in a list and decides for a list is spliced into it."""
    if isinstance(block, dict):
        if len(block) == 1 and next(iter(block)).startswith("by-"):
            return resolved(evaluate_keyed_by(block, name, attributes), name, attributes)
        return {key: resolved(value, name, attributes) for key, value in block.items()}
    if isinstance(block, list):
        items = [(item, resolved(item, name, attributes)) for item in block]
        return [value for item, result in items for value in (result if isinstance(item, dict) and isinstance(result, list) else [result])]
    return block


transforms.add_validate(StepSchema)


@transforms.add
def make_run_task(config, tasks):
    training = training_config(config.params)
    upstream = Upstream(config.kind_dependencies_tasks.values())
    for task in tasks:
        step, bindings = task.pop("step"), task.pop("bindings")
        need, _, disk = task["worker-type"].partition("/")
        placeholders = Placeholders(training, {**deployed(training, config.graph_config), **bindings})
        fetches = upstream.fetches(f"{config.kind}-{task['name']}", step.get("inputs") or {}, bindings, placeholders)
        outputs = [name for template in step["outputs"] for name in placeholders.texts(template)] + [STATISTICS]
        words = command_words(step, placeholders)
        command = " ".join(map(quote, words))
        digest_data = {
            "script": script_hash(existing_script(step["script"]), words),
            "command": command,
            "inputs": layout(fetches),
            "requirements": f"{step['requirements']} {requirements_hash(step['requirements'])}",
        }
        src, trg = (training["experiment"][side] for side in ("src", "trg"))
        worker = config.graph_config["step-workers"][need]
        classes = training["taskcluster"]["worker-classes"]

        task["worker-type"] = "-".join(filter(None, (need, disk, classes.get(config.kind) or classes["default"])))
        task["attributes"] = {
            **(task.get("attributes") or {}),
            "bindings": bindings,
            "digest-data": digest_data,
            "outputs": outputs,
            "replaces": step.get("replaces") or [],
            "retrigger": True,
            "script": step["script"],
            "src": src,
            "stage": task.pop("stage", None) or config.kind,
            "trg": trg,
            "worker": need,
        }
        task["tags"] = {"retrigger": "true"}
        task["dependencies"] = {fetch["label"]: fetch["label"] for fetch in fetches}
        task["run"] = {"using": "run-task", "command": command, "cwd": "{checkout}", "use-caches": ["checkout"]}
        task["worker"] = {
            "artifacts": [{"type": "volume", "name": ARTIFACTS, "path": UPLOAD_DIR}],
            "chain-of-trust": True,
            "docker-image": {"in-tree": step["requirements"]},
            "env": {
                **worker["environment"],
                "MOZ_FETCHES": {"task-reference": json.dumps([fetch["fetch"] for fetch in fetches], sort_keys=True)},
                "MOZ_FETCHES_DIR": "/builds/worker/fetches",
                "UPLOAD_DIR": UPLOAD_DIR,
                "WORK_DIR": "/builds/worker/work",
            },
            "max-run-time": worker["max-run-time"],
            "retry-exit-status": [RETRYABLE_EXIT_CODE],
            "volumes": [UPLOAD_DIR],
        }
        task["treeherder"] = {
            "kind": "build",
            "platform": f"{src}-{trg}/opt",
            "symbol": treeherder_symbol(config.kind, task["name"]),
            "tier": 1,
        }
        task["cache"] = {
            "type": f"{config.kind}.v1",
            "name": cache_name(task["name"]),
            "digest-data": [f"{name}: {value}" for name, value in sorted(digest_data.items())],
        }
        yield on_worker(task, step, placeholders, config)


def deployed(training, graph_config):
    """Placeholders for what the deployment says (config.yml) and the training config picks from."""
    bucket = training["taskcluster"]["upload-bucket"]
    return {"upload-bucket": graph_config["upload-buckets"][bucket]} if bucket else {}


def layout(fetches):
    """What lies where before the step begins; the digests of the upstream tasks are added to a digest without saying what each is for."""
    places = ((fetch["fetch"].get("dest", ""), fetch["fetch"]["artifact"], fetch["label"]) for fetch in fetches)
    return hashlib.sha256(json.dumps(sorted(places)).encode()).hexdigest()


def command_words(step, placeholders):
    """The command line before it is quoted for the shell, where only the folders of the running task expand."""
    module = step["script"].removesuffix(".py").replace("/", ".")
    words = ["python3", "-m", module]
    for option, argument in (step.get("arguments") or {}).items():
        values = placeholders.words(argument)
        if values is not None:
            words += [f"--{option}", *values]
    words += ["--statistics", f"{placeholders.value('outputs')}/{STATISTICS}"]
    marian_options = step.get("marian-options") and placeholders.words(step["marian-options"])
    if marian_options:
        words += ["--", *marian_options]
    return words
