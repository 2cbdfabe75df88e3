"""Runs one task definition on this host: fetches its inputs, runs its command, publishes its outputs.

It does on a host what run-task and the worker do in a container. What it is told on the command line is only where things are and what
is granted; everything else is in the task graph. A task that is in the store already is left alone.

Files under --data, for the task KIND-NAME:
  store/KIND/NAME-DIGEST/     the artifacts and their manifest, once the task is done
  work/KIND/NAME-DIGEST/      fetches/, artifacts/ and work/ while it runs; a killed task goes on from there
  logs/KIND/NAME-DIGEST.log   what the command wrote, all attempts one after the other
"""

import argparse
import json
import os
import shutil
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from workflow.attempts import Attempts
from workflow.claim import claim
from workflow.environment import WorkFolder, step_environment, visible_gpus
from workflow.errors import WorkflowError
from workflow.fetches import fetch_inputs
from workflow.graph import Graph, read_graph
from workflow.progress import say
from workflow.step import StoppedError, Watch
from workflow.store import Store


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    parser.add_argument("--graph", type=Path, required=True, metavar="FILE", help="the task graph as JSON")
    parser.add_argument("--task", required=True, metavar="LABEL")
    parser.add_argument("--data", type=Path, required=True, metavar="DIR")
    parser.add_argument("--threads", type=int, required=True, metavar="N", help="CPU threads that the task is granted")
    parser.add_argument("--gpus", action="store_true", help="the task is granted the GPUs of this host")
    parser.add_argument("--plan", type=Path, metavar="FILE", help="JSON with the labels of the whole run, to say how many are done")
    parser.add_argument("--retry-delay", type=float, default=10, metavar="SECONDS", help="before the first retry; doubles each time")
    return parser


def main(argv: Sequence[str] | None = None) -> None:
    args = parser().parse_args(argv)
    watch = Watch()
    try:
        graph = read_graph(args.graph)
        task = graph[args.task]
        store = Store(args.data.resolve() / "store")
        with ExitStack() as locks:
            folder = WorkFolder(args.data.resolve() / "work" / task.folder)
            lock = claim(task, folder, watch, locks)
            if store.has(task):
                return
            log = args.data / "logs" / task.folder.parent / f"{task.folder.name}.log"
            gpus = visible_gpus(os.environ) if args.gpus else []
            environment = step_environment(task, folder, args.threads, gpus, os.environ)
            attempts = Attempts(task, folder, environment, log, lock, watch)
            seconds = attempts.run(lambda: fetch_inputs(task, graph, store, folder.fetches), args.retry_delay)
            store.publish(task, graph, folder.artifacts, seconds)
            shutil.rmtree(folder.root, ignore_errors=True)
        say(task.label, f"done in {seconds:.1f}s{count(args.plan, graph, store)}")
    except (StoppedError, WorkflowError) as error:
        say(args.task, str(error))
        sys.exit(1)


def count(plan: Path | None, graph: Graph, store: Store) -> str:
    if plan is None:
        return ""
    labels = json.loads(plan.read_text(encoding="utf-8"))["tasks"]
    return f" ({sum(store.has(graph[label]) for label in labels)}/{len(labels)})"


if __name__ == "__main__":
    main()
