"""Triggers a training on Taskcluster, as the action `train` of Treeherder does.

    python -m training_taskgraph.trigger configs/my.yml --branch main

First it checks what would otherwise go wrong later: the config, that the branch is pushed, that a graph can be made of the config. It shows
how many tasks would run on which workers, and asks. Credentials come from Taskcluster's standard environment variables, as
`taskcluster signin` sets them.
"""

import argparse
import logging
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import jsone
import requests
from taskcluster.exceptions import TaskclusterFailure, TaskclusterRestFailure
from taskgraph.util import json
from taskgraph.util.taskcluster import get_artifact, get_taskcluster_client

from training_taskgraph import training_config as config_format
from training_taskgraph.local_graph import ROOT, generator
from training_taskgraph.parameters import LOCAL_PARAMETERS, local_parameters
from training_taskgraph.training_config.stages import KINDS, STAGES

CREDENTIALS = ("TASKCLUSTER_ROOT_URL", "TASKCLUSTER_CLIENT_ID", "TASKCLUSTER_ACCESS_TOKEN")
ACTION = "train"


class NotTriggeredError(Exception):
    """Why nothing was triggered, in a line for people."""


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=Path)
    parser.add_argument("--branch", help="the branch whose code trains; by default the one that is checked out")
    parser.add_argument("--remote", default="origin", help="where the branch must have been pushed to")
    parser.add_argument("--dry-run", action="store_true", help="print the request instead of sending it")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    arguments = parser.parse_args(argv)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    logging.getLogger("taskgraph.generator").setLevel(logging.CRITICAL)
    try:
        trigger(arguments)
    except (config_format.ConfigErrors, NotTriggeredError) as error:
        print(error, file=sys.stderr)
        return 1
    except (TaskclusterFailure, requests.RequestException) as error:
        print(f"Taskcluster: {error}", file=sys.stderr)
        return 1
    return 0


def trigger(arguments: argparse.Namespace) -> None:
    loaded = config_format.load_file(arguments.config)
    for warning in loaded.warnings:
        print(warning, file=sys.stderr)
    branch = arguments.branch or git("symbolic-ref", "--short", "HEAD")
    revision = pushed_revision(branch, arguments.remote)
    tasks = tasks_of(loaded.config)
    if missing := [name for name in CREDENTIALS if not os.environ.get(name)]:
        raise NotTriggeredError(f"{', '.join(missing)}: not set; run `taskcluster signin`")
    action, group = find_action(revision, branch)
    payload = jsone.render(action["hookPayload"], {"input": loaded.config, "taskId": None, "taskGroupId": group})
    request = {"hookGroupId": action["hookGroupId"], "hookId": action["hookId"], "payload": payload}
    if arguments.dry_run:
        print(json.dumps(request, indent=2, sort_keys=True))
        return
    print(f"{arguments.config} with the code of {branch}, {revision[:12]}:\n\n{summary(tasks)}\n")
    if not arguments.yes and input("Train? [y/N] ").strip().lower() not in ("y", "yes"):
        raise NotTriggeredError("nothing was triggered")
    task = get_taskcluster_client("hooks").triggerHook(request["hookGroupId"], request["hookId"], payload)["status"]["taskId"]
    print(f"triggered: {os.environ['TASKCLUSTER_ROOT_URL'].rstrip('/')}/tasks/{task}\nIts tasks will be the group {task}.")


def git(*words: str) -> str:
    finished = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True)
    if finished.returncode != 0:
        raise NotTriggeredError(f"git {' '.join(words)}: {finished.stderr.strip() or 'nothing found'}")
    return finished.stdout.strip()


def pushed_revision(branch: str, remote: str) -> str:
    """The revision that Taskcluster would run; raises NotTriggeredError where that is not what is here."""
    listing = git("ls-remote", remote, f"refs/heads/{branch}")
    if not listing:
        raise NotTriggeredError(f"branch {branch}: not at {remote} yet; git push {remote} {branch}")
    pushed = listing.split()[0]
    here = subprocess.run(["git", "rev-parse", "--verify", "--quiet", f"refs/heads/{branch}"], cwd=ROOT, capture_output=True, text=True)
    if here.returncode == 0 and here.stdout.strip() != pushed:
        raise NotTriggeredError(f"branch {branch}: {here.stdout[:12]} here, {pushed[:12]} at {remote}; push or pull first")
    if git("status", "--porcelain", "--untracked-files=no"):
        print("There are changes that are not committed: the training will not have them.", file=sys.stderr)
    if git("rev-parse", "HEAD") != pushed:
        print(f"Another revision than that of {branch} is checked out: its graph may differ from the one below.", file=sys.stderr)
    return pushed


def tasks_of(config: dict[str, Any]) -> list[Any]:
    """The tasks of the config's target stage and all that they need."""
    parameters = local_parameters(config) | {"tasks_for": "action", "level": "3"}
    try:
        return list(generator(parameters).target_task_graph.tasks.values())
    except Exception as error:
        raise NotTriggeredError(f"no graph can be made of the config: {error}") from error


def find_action(revision: str, branch: str) -> tuple[dict[str, Any], str]:
    """The action `train` of the revision's graph, and the id of the task group that offers it."""
    place = f"translations.v2.{LOCAL_PARAMETERS['project']}.revision.{revision}.decision"
    try:
        decision = get_taskcluster_client("index").findTask(place)["taskId"]
    except TaskclusterRestFailure as error:
        if error.status_code != 404:
            raise
        raise NotTriggeredError(
            f"branch {branch}: no decision task of {revision[:12]} is done; only main and pull requests of this repository have one"
        ) from None
    for action in get_artifact(decision, "public/actions.json")["actions"]:
        if action["name"] == ACTION:
            return action, decision
    raise NotTriggeredError(f"branch {branch}: the graph of {revision[:12]} does not offer the action {ACTION}")


def summary(tasks: list[Any]) -> str:
    """How many tasks each stage has, and on which workers."""
    pools = Counter((task.attributes.get("stage", task.kind), f"{task.task['provisionerId']}/{task.task['workerType']}") for task in tasks)
    width = max(len(stage) for stage, _ in pools)
    order = [*KINDS, *STAGES]
    counts = sorted(pools.items(), key=lambda entry: order.index(entry[0][0]))
    rows = [f"{count:5,}  {stage:{width}}  {pool}" for (stage, pool), count in counts]
    return "\n".join([*rows, f"{pools.total():5,}  tasks, of which those that are in the index already do not run"])


if __name__ == "__main__":
    sys.exit(main())
