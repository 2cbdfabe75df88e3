"""The graphs of our own configs, through the real command lines."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from training_taskgraph import training_config, validate
from training_taskgraph.digest import reached_files
from training_taskgraph.local_graph import generate, main
from training_taskgraph.parameters import local_parameters

ROOT = Path(__file__).resolve().parents[2]
CONFIGS = sorted((ROOT / "configs").glob("*.yml"))
ENVIRONMENT = {"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT}:{ROOT / 'taskcluster'}", "HOME": os.environ["HOME"]}


def command(*words, **environment):
    run = subprocess.run(words, cwd=ROOT, env=ENVIRONMENT | environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.fixture(scope="module")
def graphs():
    return {path.stem: generate(training_config.load_file(path).config) for path in CONFIGS}


def ancestors(graph, label):
    return graph.graph.transitive_closure({label}).nodes


def test_the_graph_is_what_taskgraph_prints_whatever_the_hash_seed(tmp_path):
    parameters = tmp_path / "parameters.yml"
    parameters.write_text(yaml.safe_dump(local_parameters(training_config.load_file(ROOT / "configs/ci.yml").config)))
    output = tmp_path / "graph.json"
    command(sys.executable, "-m", "training_taskgraph.local_graph", "configs/ci.yml", "-o", str(output), PYTHONHASHSEED="1")
    taskgraph = str(Path(sys.executable).with_name("taskgraph"))
    printed = command(taskgraph, "full", "-J", "-p", str(parameters), PYTHONHASHSEED="2", TASK_ID="")
    assert printed.rstrip() == output.read_text().rstrip()


@pytest.mark.parametrize("config", [path.stem for path in CONFIGS])
def test_every_step_accepts_its_command_line(graphs, config):
    assert [message for task in graphs[config].tasks.values() for message in validate.refused_arguments(task)] == []


def test_a_refused_argument_is_reported(graphs):
    task = graphs["ci"].tasks["build-vocab-en-it"]
    payload = task.task["payload"]
    broken = {**payload, "command": [*payload["command"][:-1], payload["command"][-1].replace("--vocab-size", "--vocab-sise")]}
    task.task["payload"] = broken
    try:
        (message,) = validate.refused_arguments(task)
    finally:
        task.task["payload"] = payload
    assert message.startswith("build-vocab-en-it: pipeline/vocab/build_vocab.py refuses its arguments: ")


@pytest.mark.parametrize("config", [path.stem for path in CONFIGS])
def test_everything_leads_to_the_end_of_the_pipeline(graphs, config):
    """A task that nothing needs would run for nothing, or its result be forgotten."""
    graph = graphs[config]
    assert ancestors(graph, "all-pipeline-en-it") == set(graph.tasks)


def test_a_target_stage_is_its_tasks_and_their_ancestors(tmp_path, graphs):
    output = tmp_path / "graph.json"
    assert main([str(ROOT / "configs/ci.yml"), "--target-stage", "distillation-parallel-src-translate", "-o", str(output)]) == 0
    chunks = [f"distillation-parallel-src-translate-en-it-{chunk}" for chunk in (1, 2)]
    assert set(json.loads(output.read_text())) == set().union(*(ancestors(graphs["ci"], label) for label in chunks))


def test_a_stage_without_tasks_is_an_error(config):
    with pytest.raises(Exception, match="no task of this config belongs to the stage 'upload'"):
        _ = generate({**config, "target-stage": "upload"}, "target_task_graph").tasks


def test_words_of_a_config_never_become_shell_code(config):
    config["marian-args"]["training-teacher"]["log"] = "$(touch pwned); `id` > x"
    graph = generate(config)
    line = graph.tasks["train-teacher-model-en-it-1"].task["payload"]["command"][-1]
    assert "$(touch pwned); `id` > x" in shlex.split(line)
    assert subprocess.run(["bash", "-nc", line]).returncode == 0


def test_only_evaluation_depends_on_the_scripts_of_evaluation(graphs):
    """A better table of scores must not retrain a model."""
    for task in graphs["ci"].tasks.values():
        script = task.attributes.get("script")
        if script and not script.startswith("pipeline/evaluate/"):
            reached = {path.relative_to(ROOT).parts[:2] for path in reached_files(ROOT / script, ROOT)}
            assert ("pipeline", "evaluate") not in reached, script


def digests(graph):
    return {label: task.attributes["cached_task"]["digest"] for label, task in graph.tasks.items() if "cached_task" in task.attributes}


@pytest.mark.parametrize(
    ("key", "value", "first"),
    [
        ("experiment.spm-vocab-size", 2000, "build-vocab-en-it"),
        ("experiment.corpus-max-sentences", 100, "corpus-merge-parallel-en-it"),
        ("experiment.dev-max-sentences", 50, "corpus-merge-devset-en-it"),
        ("marian-args.training-student", {"after": "50u"}, "distillation-student-model-train-en-it"),
        ("marian-args.training-teacher", {"after": "50u"}, "train-teacher-model-en-it-1"),
        ("taskcluster.worker-classes", {"default": "gcp-standard"}, None),
        ("experiment.name", "another", None),
        ("wandb-publication", True, None),
        ("target-stage", "export", None),
    ],
)
def test_a_changed_value_changes_the_digests_of_what_depends_on_it(config, graphs, key, value, first):
    before = digests(graphs["ci"])
    target = config
    *sections, last = key.split(".")
    for section in sections:
        target = target[section]
    target[last] = value
    graph = generate(config)
    changed = {label for label, digest in digests(graph).items() if before[label] != digest}
    expected = {label for label in graph.tasks if first in ancestors(graph, label)} if first else set()
    assert changed == expected
