"""The runner of one task, with real processes."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.workflow.processes import alive, step_above, wait_until


def only(folder, pattern):
    (found,) = folder.glob(pattern)
    return found


def test_retryable_exit_code_is_tried_again_in_the_same_work_folder(graph_file, run_task, tmp_path):
    count = 'cd "$WORK_DIR"; echo x >> attempts; test "$(wc -l < attempts)" = 3 || exit 75'
    graph_file.add("dataset-a", f'{count}; cp attempts "$UPLOAD_DIR"/out.txt')
    result = run_task(graph_file.write(), "dataset-a")
    assert result.returncode == 0, result.stdout
    assert only(tmp_path, "data/store/dataset/*/out.txt").read_text() == "x\n" * 3
    log = only(tmp_path, "data/logs/dataset/*.log").read_text()
    assert [line.split(",")[0] for line in log.splitlines() if line.startswith("====")] == [
        "==== attempt 1 of 5",
        "==== attempt 2 of 5",
        "==== attempt 3 of 5",
    ]


@pytest.mark.parametrize(("code", "retries", "attempts"), [(75, 1, 2), (75, 49, 5), (75, 0, 1), (1, 5, 1)])
def test_attempts(graph_file, run_task, tmp_path, code, retries, attempts):
    graph_file.add("dataset-a", f"echo x >> {tmp_path}/attempts; exit {code}", retries=retries)
    result = run_task(graph_file.write(), "dataset-a")
    assert result.returncode == 1
    assert f"failed (exit {code})" in result.stdout
    assert (tmp_path / "attempts").read_text() == "x\n" * attempts
    assert not list(tmp_path.glob("data/store/*/*"))


def test_missing_output_is_named(graph_file, run_task, tmp_path):
    graph_file.add("dataset-a", 'touch "$UPLOAD_DIR"/out.txt', outputs=["out.txt", "sub/size.json"])
    result = run_task(graph_file.write(), "dataset-a")
    assert result.returncode == 1
    assert "exit 0, but these declared outputs are missing: sub/size.json" in result.stdout
    assert not list(tmp_path.glob("data/store/*/*"))


@pytest.fixture
def consumer_of(graph_file, run_task):
    """Runs dataset-a, lets the test do something to its entry, then runs merge-a, which fetches from it."""
    graph_file.add("dataset-a", 'echo good > "$UPLOAD_DIR"/out.txt')
    graph_file.add("merge-a", 'cp "$MOZ_FETCHES_DIR"/dataset-a/out.txt "$UPLOAD_DIR"/', inputs=["dataset-a"])

    def consume(change):
        assert run_task(graph_file.write(), "dataset-a").returncode == 0
        change()
        return run_task(graph_file.path, "merge-a")

    return consume


def test_damaged_artifact_is_refused(consumer_of, tmp_path):
    def damage():
        path = only(tmp_path, "data/store/dataset/*/out.txt")
        path.chmod(0o644)
        path.write_text("evil\n")

    result = consumer_of(damage)
    entry = only(tmp_path, "data/store/dataset/*")
    assert result.returncode == 1
    assert f"{entry}/out.txt: sha256 is " in result.stdout
    assert f"delete the folder {entry} and run again" in result.stdout
    assert not list(tmp_path.glob("data/store/merge/*"))


def test_input_that_is_not_finished(consumer_of, tmp_path):
    result = consumer_of(lambda: only(tmp_path, "data/store/dataset/*/manifest.json").unlink())
    assert result.returncode == 1
    assert "its input dataset-a is not finished" in result.stdout


def test_inputs_are_read_only_and_shared_with_the_store(graph_file, run_task, tmp_path):
    graph_file.add("dataset-a", 'echo good > "$UPLOAD_DIR"/out.txt')
    graph_file.add("merge-a", 'stat -c "%a %i" "$MOZ_FETCHES_DIR"/dataset-a/out.txt > "$UPLOAD_DIR"/out.txt', inputs=["dataset-a"])
    assert run_task(graph_file.write(), "dataset-a").returncode == 0
    assert run_task(graph_file.path, "merge-a").returncode == 0
    mode, inode = only(tmp_path, "data/store/merge/*/out.txt").read_text().split()
    assert (mode, int(inode)) == ("444", only(tmp_path, "data/store/dataset/*/out.txt").stat().st_ino)


def test_environment_of_the_step(graph_file, run_task, tmp_path):
    graph_file.add("train-a", 'env > "$UPLOAD_DIR"/out.txt; pwd >> "$UPLOAD_DIR"/out.txt', environment={"WORKSPACE": "12000"})
    result = run_task(graph_file.write(), "train-a", "--gpus", "--threads", "3", GPUS="0 2")
    assert result.returncode == 0, result.stdout
    *lines, folder = only(tmp_path, "data/store/train/*/out.txt").read_text().splitlines()
    environment = dict(line.split("=", 1) for line in lines if "=" in line)
    assert environment["THREADS"] == environment["OMP_NUM_THREADS"] == "3"
    assert environment["GPUS"] == "0 2"
    assert environment["WORKSPACE"] == "12000"
    assert environment["UPLOAD_DIR"].startswith(str(tmp_path / "data/work/train/"))
    assert "MOZ_FETCHES" not in environment
    assert Path(folder) == Path(__file__).resolve().parents[2]


def test_what_a_step_leaves_in_the_background_is_ended(graph_file, run_task, tmp_path):
    graph_file.add("train-a", f'sleep 300 & echo $! > {tmp_path}/background; touch "$UPLOAD_DIR"/out.txt')
    assert run_task(graph_file.write(), "train-a").returncode == 0
    assert not alive((tmp_path / "background").read_text().strip())


def test_finished_task_is_left_alone(graph_file, run_task, tmp_path):
    graph_file.add("train-a", f'echo x >> {tmp_path}/starts; touch "$UPLOAD_DIR"/out.txt')
    for _ in range(2):
        assert run_task(graph_file.write(), "train-a").returncode == 0
    assert (tmp_path / "starts").read_text() == "x\n"


def test_two_runners_of_one_task_take_turns(graph_file, spawn_task, tmp_path):
    graph_file.add("train-a", f'echo x >> {tmp_path}/starts; sleep 1; touch "$UPLOAD_DIR"/out.txt')
    runners = [spawn_task(graph_file.write(), "train-a") for _ in range(2)]
    outputs = [runner.communicate(timeout=60)[0] for runner in runners]
    assert [runner.returncode for runner in runners] == [0, 0], outputs
    assert (tmp_path / "starts").read_text() == "x\n"
    assert any("waits for another run of this task (process " in output for output in outputs)


@pytest.fixture
def writing(graph_file, spawn_task, tmp_path):
    """A runner, and the id of the process that its step writes with, which holds no lock (its parent closes inherited descriptors)."""
    journal = tmp_path / "journal"
    writer = f'for i in $(seq "$1"); do echo $$ >> {journal}; sleep 0.1; done'
    script = f"""python3 -c 'import subprocess, sys; sys.exit(subprocess.call(["bash", "-c", sys.argv[1], "writer", "10"]))' '{writer}'"""
    graph_file.add("train-a", f'{script} && touch "$UPLOAD_DIR"/out.txt')
    runner = spawn_task(graph_file.write(), "train-a")
    wait_until(lambda: journal.exists() and len(journal.read_text()) > 0)
    return runner, int(journal.read_text().split()[0])


def test_survivor_that_holds_no_lock_is_ended(writing, graph_file, run_task, tmp_path):
    runner, writer = writing
    above = list(step_above(writer))
    for process in [runner.pid, *above]:
        os.kill(process, signal.SIGKILL)
    runner.wait()
    result = run_task(graph_file.path, "train-a")
    assert result.returncode == 0, result.stdout
    assert len(above) >= 2
    writes = [int(line) for line in (tmp_path / "journal").read_text().split()]
    assert writes.count(writer) < 10
    assert writes.index(next(other for other in writes if other != writer)) == writes.count(writer)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_the_step(writing, number):
    runner, writer = writing
    runner.send_signal(number)
    output, _ = runner.communicate(timeout=30)
    assert runner.returncode == 1
    assert f"stopped by {number.name}" in output
    assert not alive(writer)


def test_runner_whose_parent_is_gone_ends_its_step(graph_file, tmp_path, task_command):
    graph_file.add("train-a", f"echo $$ > {tmp_path}/step; sleep 300")
    launcher = subprocess.Popen(["bash", "-c", '"$@" & wait', "launcher", *task_command(graph_file.write(), "train-a")])
    wait_until(lambda: (tmp_path / "step").exists() and (tmp_path / "step").read_text())
    launcher.kill()
    launcher.wait()
    step = (tmp_path / "step").read_text().strip()
    wait_until(lambda: not alive(step))
