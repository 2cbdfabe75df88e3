"""What a task's command is on a host: its words, and the environment that it finds."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from workflow.errors import WorkflowError
from workflow.graph import Task

# Every library with a thread pool of its own looks for its own variable; THREADS is for the step scripts.
THREAD_VARIABLES = (
    "THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "RAYON_NUM_THREADS",
    "POLARS_MAX_THREADS",
)


@dataclass(frozen=True)
class WorkFolder:
    """The folders of one task while it runs; `root` must be absolute."""

    root: Path

    @property
    def fetches(self) -> Path:
        return self.root / "fetches"

    @property
    def artifacts(self) -> Path:
        return self.root / "artifacts"

    @property
    def scratch(self) -> Path:
        """What the step keeps for a retry."""
        return self.root / "work"


def resolve(value: str | dict[str, str], task: Task) -> str:
    """A string of a payload, or a task-reference in which each <edge> stands for the label of a dependency."""
    if isinstance(value, str):
        return value
    if list(value) != ["task-reference"]:
        raise WorkflowError(f"{', '.join(value)} in the payload; only task-reference is known on a host")

    def label(edge: re.Match[str]) -> str:
        try:
            return task.dependencies[edge[1]]
        except KeyError:
            raise WorkflowError(f"the payload refers to <{edge[1]}>, which is none of its dependencies") from None

    return re.sub(r"<([^<>]+)>", label, value["task-reference"])


def step_command(task: Task) -> list[str]:
    """The words after run-task's "--". Checkout, fetches and user are what run-task does in a container, and the runner on a host."""
    words = [resolve(word, task) for word in task.payload["command"]]
    try:
        return words[words.index("--") + 1 :]
    except ValueError:
        raise WorkflowError("no '--' in payload.command, so where run-task's own options end is unknown") from None


def step_environment(task: Task, folder: WorkFolder, threads: int, gpus: list[str], host: Mapping[str, str]) -> dict[str, str]:
    """The environment of the step: the host's, the payload's over it, and over both what is granted here.

    MOZ_FETCHES is left out: the runner has done it, and with hundreds of inputs it is longer than the kernel lets a variable be. The
    payload's GPUS and WORKSPACE (megabytes for each GPU) describe a Taskcluster worker: GPUs are those of the host, if granted, and the
    host's own WORKSPACE goes before.
    """
    payload = {name: resolve(value, task) for name, value in task.payload.get("env", {}).items() if name != "MOZ_FETCHES"}
    granted = {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), host.get("PATH", os.defpath)]),
        # Sorting, and so the bytes of an artifact, must not depend on whose machine it is; and a log is read while the step runs.
        "LC_ALL": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "MOZ_FETCHES_DIR": str(folder.fetches),
        "UPLOAD_DIR": str(folder.artifacts),
        "WORK_DIR": str(folder.scratch),
        **dict.fromkeys(THREAD_VARIABLES, str(threads)),
    }
    environment = {**host, **payload, **granted}
    for name in ("GPUS", "WORKSPACE"):
        environment.pop(name, None)
    if gpus:
        environment["GPUS"] = " ".join(gpus)
        if workspace := host.get("WORKSPACE") or payload.get("WORKSPACE"):
            environment["WORKSPACE"] = workspace
    return environment


def visible_gpus(host: Mapping[str, str]) -> list[str]:
    """The ids of the GPUs that a task may use: what GPUS says, else as many as CUDA_VISIBLE_DEVICES lets through, else all.

    With CUDA_VISIBLE_DEVICES (a cluster sets it to what a job was given) CUDA counts the visible devices from 0.
    """
    if "GPUS" in host:
        return host["GPUS"].split()
    if "CUDA_VISIBLE_DEVICES" in host:
        return [str(number) for number, _ in enumerate(filter(None, host["CUDA_VISIBLE_DEVICES"].split(",")))]
    if (driver := shutil.which("nvidia-smi", path=host.get("PATH"))) is None:
        return []
    query = subprocess.run([driver, "--query-gpu=index", "--format=csv,noheader"], capture_output=True, text=True, check=False)
    return query.stdout.split() if query.returncode == 0 else []
