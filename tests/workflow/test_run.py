"""Whole runs with the real Snakemake on tasks that take no time."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workflow.processes import wait_until

ROOT = Path(__file__).resolve().parents[2]


def started(output):
    """The labels of the tasks that a run started, in order."""
    return [line[1:].split("]")[0] for line in output.splitlines() if line.endswith("] started")]


def training(graph_file, version="1"):
    """Six tasks in the shape of a training; `version` is that of the script that merges."""
    graph_file.content.clear()
    copy = 'cat "$MOZ_FETCHES_DIR"/*/out.txt > "$UPLOAD_DIR"/out.txt'
    graph_file.add("dataset-ä{1}", 'echo one > "$UPLOAD_DIR"/out.txt')
    graph_file.add("dataset-2", 'echo two > "$UPLOAD_DIR"/out.txt')
    graph_file.add("merge-all", copy, inputs=["dataset-ä{1}", "dataset-2"], worker="cpu-large", version=version)
    graph_file.add("train-teacher", f'echo "$THREADS threads, ${{GPUS-no}} GPUs"; {copy}', inputs=["merge-all"], worker="gpu")
    summary = """printf '# Scores\\n\\n%s\\n' "$(cat "$MOZ_FETCHES_DIR"/*/out.txt)" > "$UPLOAD_DIR"/summary.md"""
    graph_file.add("evaluate-teacher", summary, inputs=["train-teacher"], outputs=["summary.md"])
    graph_file.add("export-model", copy, inputs=["train-teacher"], result="exported model")
    return graph_file.write()


def test_runs_everything_once_and_again_what_changed(graph_file, run, tmp_path):
    first = run(training(graph_file), "--cores", "2")
    assert first.returncode == 0, first.stdout
    assert sorted(started(first.stdout)) == sorted(graph_file.content)
    exported = next((tmp_path / "data/store/export").iterdir())
    assert (exported / "out.txt").read_text().splitlines() == ["two", "one"]
    assert first.stdout.splitlines()[-1] == f"exported model: {exported}/"
    assert "# Scores" in first.stdout
    assert "[export-model] done in" in first.stdout and "(6/6)" in first.stdout
    trained = next((tmp_path / "data/logs/train").iterdir()).read_text()
    assert "2 threads, no GPUs" in trained
    assert not list((tmp_path / "data/work").rglob("out.txt"))

    second = run(graph_file.path)
    assert second.returncode == 0
    assert started(second.stdout) == []
    assert second.stdout.splitlines()[-1] == first.stdout.splitlines()[-1]

    changed = training(graph_file, version="2")
    dry = run(changed, "-n")
    assert "merge-all: script changed\n" in dry.stdout
    assert "train-teacher: input merge-all changed\n" in dry.stdout
    assert started(dry.stdout) == []
    third = run(changed)
    assert third.returncode == 0, third.stdout
    assert started(third.stdout)[:2] == ["merge-all", "train-teacher"]
    assert sorted(started(third.stdout)) == ["evaluate-teacher", "export-model", "merge-all", "train-teacher"]

    back = run(training(graph_file, version="1"))
    assert started(back.stdout) == []


def test_one_task_and_what_it_needs(graph_file, run):
    result = run(training(graph_file), "--task", "merge-all")
    assert result.returncode == 0, result.stdout
    assert sorted(started(result.stdout)) == ["dataset-2", "dataset-ä{1}", "merge-all"]


def test_unknown_task_names_the_nearest(graph_file, run):
    result = run(training(graph_file), "--task", "merge-al")
    assert result.returncode == 1
    assert result.stdout == "error: no task 'merge-al' in the graph; near to it: merge-all\n"


def test_failure_is_told_and_the_rest_goes_on(graph_file, run):
    graph_file.add("dataset-bad", "echo disk on fire; exit 3")
    graph_file.add("dataset-good", 'touch "$UPLOAD_DIR"/out.txt; sleep 1')
    graph_file.add("merge-both", 'touch "$UPLOAD_DIR"/out.txt', inputs=["dataset-bad", "dataset-good"])
    graph_file.add("vocab-good", 'touch "$UPLOAD_DIR"/out.txt', inputs=["dataset-good"])
    result = run(graph_file.write())
    assert result.returncode == 1
    assert "[dataset-bad] failed (exit 3)" in result.stdout
    assert "    disk on fire\n" in result.stdout
    assert "[vocab-good] done" in result.stdout
    assert "merge-both" not in started(result.stdout)
    assert result.stdout.splitlines()[-1].startswith("error: 2 of 4 tasks are not done")


def test_second_run_on_the_same_data_is_refused(graph_file, run, start, tmp_path):
    begun = tmp_path / "begun"
    graph_file.add("train-slow", f'touch {begun}; sleep 60; touch "$UPLOAD_DIR"/out.txt')
    first = start(graph_file.write(), tmp_path / "data")
    wait_until(begun.exists)
    second = run(graph_file.path)
    assert second.returncode == 1
    assert f"error: another run works in {tmp_path / 'data'}: wait for it or end it (process {first.pid} on " in second.stdout


def test_what_snakemake_refuses_is_shown(graph_file, run):
    result = run(training(graph_file), "--no-such-option")
    assert result.returncode == 1
    assert "unrecognized arguments: --no-such-option" in result.stdout


def test_bad_config_ends_the_run_with_the_config_s_errors(tmp_path):
    config = tmp_path / "bad.yml"
    config.write_text("experiment:\n  nmae: x\n")
    command = [sys.executable, "-m", "workflow.run", "--config", str(config), "--data", str(tmp_path / "data")]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert f"{config}:2: experiment.nmae" in result.stderr
    assert "Traceback" not in result.stderr


def test_container_image_as_a_task(graph_file, run):
    result = run(training(graph_file), "--task", "docker-image-base")
    assert result.stdout == "error: docker-image-base: nothing to run on a host, it is a task of kind docker-image\n"


def test_worker_that_the_profile_does_not_know(graph_file, run):
    graph_file.add("train-x", "true", worker="tpu")
    result = run(graph_file.write())
    assert "error: train-x: no worker 'tpu' in the profile's workers.yml, which has cpu, cpu-large, gpu, large-gpu" in result.stdout


@pytest.mark.parametrize("content", ["[]", "{", '{"a": {"kind": "a"}}'])
def test_file_that_is_no_graph(run, tmp_path, content):
    (tmp_path / "graph.json").write_text(content)
    result = run(tmp_path / "graph.json")
    assert result.returncode == 1
    assert "not a task graph as Taskgraph prints it" in result.stdout


def test_manifest_says_what_went_in(graph_file, run_task, tmp_path):
    path = training(graph_file)
    for label in ("dataset-ä{1}", "dataset-2", "merge-all"):
        assert run_task(path, label).returncode == 0
    manifest = json.loads(next((tmp_path / "data/store/merge").glob("*/manifest.json")).read_text())
    digests = {label: task["attributes"]["cached_task"]["digest"] for label, task in graph_file.content.items()}
    assert manifest["label"] == "merge-all"
    assert manifest["digest"] == digests["merge-all"]
    assert manifest["inputs"] == {label: digests[label] for label in ("dataset-ä{1}", "dataset-2")}
    assert manifest["artifacts"]["out.txt"]["size"] == len("one\ntwo\n")
