"""A consumer refuses an artifact that is not the one its task has published: Taskgraph's own fetch-content, with fetches of our graph."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import taskgraph
from training_taskgraph.local_graph import generator
from training_taskgraph.parameters import local_parameters

FETCH_CONTENT = Path(taskgraph.__file__).parent / "run-task/fetch-content"
# It waits for minutes between attempts; only that time is not real.
RUN = (
    "import runpy, sys, time; time.sleep = lambda seconds: None; sys.argv = sys.argv[1:]; "
    f"runpy.run_path({str(FETCH_CONTENT)!r}, run_name='__main__')"
)
CONTENT = b"one sentence\nanother\n" * 1000


@pytest.fixture(scope="module")
def fetches():
    """What the task that merges the corpora of the CI config fetches: its MOZ_FETCHES, with edges for task ids."""
    from training_taskgraph import training_config

    config = training_config.load_file(Path(__file__).resolve().parents[2] / "configs/ci.yml").config
    task = generator(local_parameters(config)).full_task_graph.tasks["build-vocab-en-it"]
    return json.loads(task.task["payload"]["env"]["MOZ_FETCHES"]["task-reference"])


def publish(server, fetches, changed):
    """The fetches from an upstream task that has it all; one byte of the artifact `changed` is another than its hash says."""
    task = server.add_task(state="running")
    names = {fetch["artifact"] for fetch in fetches}
    hashes = {name: {"sha256": hashlib.sha256(CONTENT).hexdigest()} for name in names}
    for name in names:
        server.publish(task, name, b"O" + CONTENT[1:] if name == changed else CONTENT)
    server.publish(task, "public/chain-of-trust.json", json.dumps({"artifacts": hashes}).encode())
    server.resolve(task, "completed")
    return [{**fetch, "task": task} for fetch in fetches]


def fetch(server, fetches, folder):
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("TASKCLUSTER")},
        "MOZ_FETCHES": json.dumps(fetches),
        "MOZ_FETCHES_DIR": str(folder),
        "TASKCLUSTER_ROOT_URL": server.root_url,
    }
    return subprocess.run(
        [sys.executable, "-c", RUN, str(FETCH_CONTENT), "task-artifacts"], env=environment, capture_output=True, text=True
    )


def test_what_was_published_arrives(taskcluster_server, fetches, tmp_path):
    finished = fetch(taskcluster_server, publish(taskcluster_server, fetches, None), tmp_path)
    assert finished.returncode == 0, finished.stderr
    assert {path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == {CONTENT}
    assert sum(path.is_file() for path in tmp_path.rglob("*")) == len(fetches)


def test_one_byte_that_was_changed_is_refused(taskcluster_server, fetches, tmp_path):
    finished = fetch(taskcluster_server, publish(taskcluster_server, fetches, fetches[0]["artifact"]), tmp_path)
    assert finished.returncode != 0
    assert "sha256" in finished.stderr
