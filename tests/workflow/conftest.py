"""A small graph of tasks that are a line of bash each, made as Taskgraph writes them."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


class GraphFile:
    """Builds a graph and writes it to a file; `add` before `write`."""

    def __init__(self, path: Path):
        self.path = path
        self.content: dict[str, Any] = {}

    def add(
        self,
        label: str,
        script: str,
        *,
        inputs: Sequence[str] = (),
        outputs: Sequence[str] = ("out.txt",),
        version: str = "1",
        worker: str = "cpu",
        retry: Sequence[int] = (75,),
        retries: int = 5,
        result: str | None = None,
        environment: dict[str, Any] | None = None,
    ) -> str:
        """Adds a task that runs `script` and finds the outputs of `inputs` in fetches/LABEL; returns its label."""
        kind = label.split("-")[0]
        digest_data = {"command": script, "script": version}
        parents = [self.content[needed]["attributes"]["cached_task"]["digest"] for needed in inputs]
        digest = sha256(json.dumps([label, digest_data, parents]).encode()).hexdigest()
        fetches = [
            {"artifact": f"public/build/{name}", "dest": needed, "extract": False, "task": f"<input-{number}>", "verify-hash": True}
            for number, needed in enumerate(inputs)
            for name in self.content[needed]["attributes"]["outputs"]
        ]
        self.content[label] = {
            "kind": kind,
            "label": label,
            "attributes": {
                "cached_task": {"digest": digest, "name": label},
                "digest-data": digest_data,
                "outputs": list(outputs),
                "worker": worker,
                **({"result": result} if result else {}),
            },
            "dependencies": {"docker-image": "docker-image-base", **{f"input-{number}": needed for number, needed in enumerate(inputs)}},
            "task": {
                "retries": retries,
                "payload": {
                    "command": ["/usr/local/bin/run-task", "--vcs-checkout=/builds/vcs", "--task-cwd", "x", "--", "bash", "-cx", script],
                    "env": {
                        "MOZ_FETCHES": {"task-reference": json.dumps(fetches)},
                        "MOZ_FETCHES_DIR": "/builds/worker/fetches",
                        "GPUS": "0 1 2 3",
                        **(environment or {}),
                    },
                    "onExitStatus": {"retry": list(retry)},
                },
            },
        }
        return label

    def write(self) -> Path:
        gathers = {"kind": "all", "attributes": {}, "dependencies": {label: label for label in self.content}, "task": {"payload": {}}}
        image = {"kind": "docker-image", "attributes": {}, "dependencies": {}, "task": {"payload": {"command": ["build"]}}}
        graph = {**self.content, "docker-image-base": image, "all-pipeline": gathers}
        self.path.write_text(json.dumps(graph), encoding="utf-8")
        return self.path


@pytest.fixture
def graph_file(tmp_path: Path) -> GraphFile:
    return GraphFile(tmp_path / "graph.json")


Run = Callable[..., "subprocess.CompletedProcess[str]"]


def start_run(graph: Path, data: Path, *options: str) -> "subprocess.Popen[str]":
    """Starts a run in a process group of its own, so that a test can kill all of it."""
    command = [sys.executable, "-m", "workflow.run", "--graph", str(graph), "--data", str(data), *options]
    return subprocess.Popen(
        command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, process_group=0, env=host_environment()
    )


def host_environment() -> dict[str, str]:
    """The environment without what a machine with GPUs, or this suite run as a task, would add."""
    kept = {name: value for name, value in os.environ.items() if name not in {"THREADS", "WORK_DIR", "SNAKEMAKE_PROFILE"}}
    return {**kept, "GPUS": ""}


@pytest.fixture
def start() -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """`start_run`; what still goes on at the end of the test is killed."""
    started = []

    def start(graph: Path, data: Path, *options: str) -> "subprocess.Popen[str]":
        started.append(start_run(graph, data, *options))
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a graph with the local profile; returns when it has ended."""

    def run(graph: Path, *options: str) -> "subprocess.CompletedProcess[str]":
        process = start_run(graph, tmp_path / "data", *options)
        output, _ = process.communicate(timeout=120)
        return subprocess.CompletedProcess(process.args, process.returncode, output)

    return run


@pytest.fixture
def task_command(tmp_path: Path) -> Callable[..., list[str]]:
    """The command line that runs one task of a graph without Snakemake, retries without delay."""

    def task_command(graph: Path, label: str, *options: str) -> list[str]:
        command = [sys.executable, "-m", "workflow.run_task", "--graph", str(graph), "--task", label, "--data", str(tmp_path / "data")]
        return [*command, "--threads", "1", "--retry-delay", "0", *options]

    return task_command


@pytest.fixture
def spawn_task(task_command: Callable[..., list[str]]) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Starts the runner of one task; what still goes on at the end of the test is killed."""
    started = []

    def spawn(*words: Any, **environment: str) -> "subprocess.Popen[str]":
        command = task_command(*words)
        process = subprocess.Popen(
            command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**host_environment(), **environment}
        )
        started.append(process)
        return process

    yield spawn
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def run_task(spawn_task: Callable[..., "subprocess.Popen[str]"]) -> Run:
    """Runs one task of a graph; returns when it has ended."""

    def run_task(*words: Any, **environment: str) -> "subprocess.CompletedProcess[str]":
        process = spawn_task(*words, **environment)
        output, _ = process.communicate(timeout=60)
        return subprocess.CompletedProcess(process.args, process.returncode, output)

    return run_task
