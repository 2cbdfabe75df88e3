"""The graphs of our own configs, through the real command lines."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

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


@pytest.mark.parametrize("before", ["", "python3 taskcluster/scripts/resume.py checkpoint && "])
def test_a_refused_argument_is_reported(graphs, before):
    task = graphs["ci"].tasks["build-vocab-en-it"]
    payload = task.task["payload"]
    *words, command = payload["command"]
    try:
        task.task["payload"] = {**payload, "command": [*words, before + command]}
        assert validate.refused_arguments(task) == []
        task.task["payload"] = {**payload, "command": [*words, before + command.replace("--vocab-size", "--vocab-sise")]}
        (message,) = validate.refused_arguments(task)
    finally:
        task.task["payload"] = payload
    assert message.startswith("build-vocab-en-it: pipeline/vocab/build_vocab.py refuses its arguments: ")


def test_a_task_that_nothing_needs_is_reported(graphs, parameters):
    full = graphs["ci"]
    lost = next(label for label in full.tasks if label.startswith("evaluate-backwards-"))
    target = SimpleNamespace(tasks=full.tasks.keys() - {lost})
    assert validate.unneeded(full, target, parameters) == [lost]


@pytest.mark.parametrize("config", [path.stem for path in CONFIGS])
def test_everything_leads_to_the_end_of_the_pipeline(graphs, config):
    """A task that nothing needs would run for nothing, or its result be forgotten."""
    graph = graphs[config]
    needed = ancestors(graph, "all-pipeline-en-it")
    assert {label for label, task in graph.tasks.items() if "script" in task.attributes} <= needed


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


def test_a_dataset_runs_with_the_packages_of_its_provider(config):
    config["datasets"]["test"] = ["sacrebleu_wmt19", "flores_devtest"]
    config["datasets"]["train"] = ["mtdata_Statmt-europarl-9-deu-eng", "hfp_org/name:::en:it@v1", "url_https://host/corpus.[LANG].zst"]
    tasks = [task for label, task in generate(config).tasks.items() if label.startswith("dataset-")]
    groups = {task.attributes["bindings"]["provider"]: task.attributes["digest-data"]["requirements"].split()[0] for task in tasks}
    assert groups == {"ddtp": "data", "flores": "data", "hfp": "huggingface", "mtdata": "mtdata", "sacrebleu": "sacrebleu", "url": "data"}
    for task in tasks:
        assert task.dependencies["docker-image"] == f"docker-image-{groups[task.attributes['bindings']['provider']]}"


def test_finished_tasks_of_taskcluster_are_no_use_to_a_local_run(tmp_path, config, capsys):
    file = tmp_path / "config.yml"
    file.write_text(yaml.safe_dump({**config, "existing_tasks": {"build-vocab-en-it": "a" * 22}}))
    assert main([str(file), "-o", str(tmp_path / "graph.json")]) == 0
    assert "existing_tasks: has no effect here" in capsys.readouterr().err


def test_a_local_run_uploads_nothing_and_publishes_no_metrics(tmp_path, config, capsys):
    file, output = tmp_path / "config.yml", tmp_path / "graph.json"
    config["taskcluster"]["upload-bucket"], config["experiment"]["archive-corpora"], config["wandb-publication"] = "production", True, True
    file.write_text(yaml.safe_dump(config))
    assert main([str(file), "--target", "-o", str(output)]) == 0
    notes = capsys.readouterr().err.splitlines()
    assert notes == [
        f"{file}: taskcluster.upload-bucket: has no effect here, nothing is uploaded",
        f"{file}: wandb-publication: has no effect here, no metrics are published",
    ]
    assert "all-pipeline-en-it" in json.loads(output.read_text())
    assert not [label for label in json.loads(output.read_text()) if label.startswith("upload-")]


def test_three_hundred_long_names_stay_within_the_limits(config):
    """Names of 120 characters, of any letters, alike but for their ends: https://docs.taskcluster.net/docs/reference/platform/queue"""
    names = [f"mtdata_Günther-{'ÅÄÖñ語' * 20}{number:0>3}-1-eng-ita" for number in range(300)]
    assert {len(name) for name in names} == {128}
    config["datasets"]["train"] = names
    tasks = generate(training_config.check(config).config).tasks
    assert sum(label.startswith("corpus-clean-parallel-mtdata") for label in tasks) == 300
    symbols = [task.task["extra"]["treeherder"]["symbol"] for task in tasks.values()]
    groups = [(task.task["extra"]["treeherder"].get("groupSymbol"), symbol) for task, symbol in zip(tasks.values(), symbols, strict=True)]
    assert max(map(len, tasks)) <= 255
    assert max(map(len, symbols)) <= 25
    assert len(set(groups)) == len(groups)
    for label, task in tasks.items():
        assert max(map(len, task.task["routes"])) <= 249, label
        assert all(route.isascii() for route in task.task["routes"])
        assert all(len(name) <= 255 for name in task.attributes.get("outputs", []))
