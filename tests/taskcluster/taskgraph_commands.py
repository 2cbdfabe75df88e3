"""Runs `taskgraph decision` and `taskgraph action-callback` as workers do: in a checkout, as a task of a loopback deployment."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.taskcluster.loopback_taskcluster import LoopbackTaskcluster

TASKGRAPH = Path(sys.executable).with_name("taskgraph")
AUTHOR = {"GIT_AUTHOR_NAME": "Someone", "GIT_AUTHOR_EMAIL": "someone@example.com"}
COMMITTER = {"GIT_COMMITTER_NAME": "Someone", "GIT_COMMITTER_EMAIL": "someone@example.com"}


def git(repository_root: Path, *arguments: str) -> str:
    """Knows nothing of the settings of who runs the tests."""
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, **AUTHOR, **COMMITTER}
    return subprocess.run(
        ["git", *arguments], cwd=repository_root, env=environment, check=True, stdout=subprocess.PIPE, encoding="utf-8"
    ).stdout.strip()


def commit_all(repository_root: Path, message: str = "A commit") -> str:
    """The commit of all that the folder holds; makes a repository of it first where it is none."""
    if not (repository_root / ".git").exists():
        git(repository_root, "init", "--quiet", "--initial-branch", "main")
    git(repository_root, "add", "--all")
    git(repository_root, "commit", "--quiet", "--message", message)
    return git(repository_root, "rev-parse", "HEAD")


def clone(repository_root: Path, folder: Path) -> Path:
    """A checkout of what is committed, as a worker makes one."""
    git(folder.parent, "clone", "--quiet", str(repository_root), str(folder))
    return folder


def decision_arguments(repository_root: Path, repository: str, **changes: str) -> list[str]:
    """The arguments of `taskgraph decision` for a push of the checked out commit to main of `repository`, an https URL on GitHub."""
    head = git(repository_root, "rev-parse", "HEAD")
    arguments = {
        "pushlog-id": "0",
        "pushdate": "1767225600",
        "project": repository.rpartition("/")[2],
        "owner": "someone@example.com",
        "level": "1",
        "repository-type": "git",
        "tasks-for": "github-push",
        "base-repository": repository,
        "base-ref": "main",
        "base-rev": "0" * 40,
        "head-repository": repository,
        "head-ref": "refs/heads/main",
        "head-rev": head,
        **{name.replace("_", "-"): value for name, value in changes.items()},
    }
    return [f"--{name}={value}" for name, value in arguments.items()]


def run_taskgraph(
    server: LoopbackTaskcluster,
    repository_root: Path,
    command: Sequence[str],
    task_id: str,
    environment: Mapping[str, str],
    *,
    check: bool = True,
) -> subprocess.CompletedProcess[str]:
    """As the task `task_id`, calling through its proxy. What it writes is in `repository_root`/artifacts, which is emptied before."""
    shutil.rmtree(repository_root / "artifacts", ignore_errors=True)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("TASK", "ACTION_", "GIT_"))}
    worker = {
        "TASK_ID": task_id,
        "RUN_ID": "0",
        "TASKCLUSTER_ROOT_URL": server.root_url,
        "TASKCLUSTER_PROXY_URL": server.proxy_url(task_id),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
    }
    finished = subprocess.run(
        [TASKGRAPH, *command],
        cwd=repository_root,
        env={**inherited, **worker, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    assert finished.returncode == 0 or not check, finished.stdout
    return finished


def run_decision(
    server: LoopbackTaskcluster,
    repository_root: Path,
    arguments: Sequence[str],
    task_id: str,
    environment: Mapping[str, str] | None = None,
    *,
    check: bool = True,
) -> subprocess.CompletedProcess[str]:
    """As the task `task_id`, which is its group's decision task."""
    return run_taskgraph(server, repository_root, ["decision", *arguments], task_id, environment or {}, check=check)


def run_action(
    server: LoopbackTaskcluster,
    repository_root: Path,
    callback: str,
    *,
    task_id: str,
    task_group_id: str,
    on_task: str | None = None,
    action_input: Any = None,
    environment: Mapping[str, str] | None = None,
    check: bool = True,
) -> subprocess.CompletedProcess[str]:
    """As the task `task_id`, whose scopes must name the action's permission. `on_task` is the task that it is for; without, the group."""
    action = {
        "ACTION_CALLBACK": callback,
        "ACTION_INPUT": json.dumps(action_input),
        "ACTION_TASK_ID": json.dumps(on_task),
        "ACTION_TASK_GROUP_ID": task_group_id,
    }
    return run_taskgraph(server, repository_root, ["action-callback"], task_id, {**action, **(environment or {})}, check=check)


def publish_artifacts(server: LoopbackTaskcluster, task_id: str, folder: Path) -> None:
    """All files below the folder, as public/PATH."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            server.publish(task_id, f"public/{path.relative_to(folder).as_posix()}", path.read_bytes())


def finish(server: LoopbackTaskcluster, task_id: str, repository_root: Path) -> None:
    """What a worker does after a decision or an action."""
    publish_artifacts(server, task_id, repository_root / "artifacts")
    server.resolve(task_id, "completed")
