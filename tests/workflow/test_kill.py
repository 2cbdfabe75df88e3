"""kill -9 in the middle of a step, then the same command again: it finishes, and no two processes ever write one task's files."""

import itertools
import os
import signal

import pytest

from tests.workflow.processes import child_of, wait_until


@pytest.fixture
def killed_once(graph_file, start, tmp_path):
    """Starts a run of two tasks and returns (process, journal) while the second one is writing its process id into the journal."""
    journal = tmp_path / "journal"
    graph_file.add("dataset-done", f'echo dataset >> {tmp_path}/starts; touch "$UPLOAD_DIR"/out.txt')
    # The writer is the child of a program that closes inherited file descriptors, as Marian under a step script is: it holds no lock.
    writer = f"for i in $(seq 20); do echo $$ >> {journal}; sleep 0.1; done"
    train = f"""python3 -c 'import subprocess, sys; sys.exit(subprocess.call(["bash", "-c", sys.argv[1]]))' '{writer}'"""
    graph_file.add("train-slow", f'{train} && touch "$UPLOAD_DIR"/out.txt', inputs=["dataset-done"])
    process = start(graph_file.write(), tmp_path / "data")
    wait_for_lines(journal, 3)
    return process, journal


def test_whole_process_group(killed_once, graph_file, run, tmp_path):
    process, journal = killed_once
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    # The step, in a session of its own, goes on: this is what the next run has to end.
    wait_for_lines(journal, len(journal.read_text().split()) + 2)
    finishes_without_overlap(run(graph_file.path), journal, tmp_path)


def test_snakemake_alone(killed_once, graph_file, run, tmp_path):
    process, journal = killed_once
    os.kill(child_of(process.pid), signal.SIGKILL)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "1 of 2 tasks are not done" in output
    finishes_without_overlap(run(graph_file.path), journal, tmp_path)


def test_the_run_alone(killed_once, graph_file, run, tmp_path):
    process, journal = killed_once
    process.kill()
    process.wait()
    finishes_without_overlap(run(graph_file.path), journal, tmp_path)


def finishes_without_overlap(result, journal, tmp_path):
    assert result.returncode == 0, result.stdout
    assert "[dataset-done] started" not in result.stdout
    assert (tmp_path / "starts").read_text() == "dataset\n"
    writers = [writer for writer, _ in itertools.groupby(journal.read_text().split())]
    assert len(writers) == len(set(writers)) == 2
    assert journal.read_text().split().count(writers[-1]) == 20


def wait_for_lines(path, count):
    wait_until(lambda: path.exists() and len(path.read_text().split()) >= count)
