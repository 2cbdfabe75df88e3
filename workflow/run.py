"""Runs a training config on this machine or a cluster, up to its goal; what is done already is not done again.

With -n it only shows what would run, and why. Options that are not listed here go to Snakemake (`--cores 4`, `--until LABEL`).
"""

import argparse
import ctypes
import json
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import yaml

from workflow.errors import WorkflowError
from workflow.generate import generate
from workflow.graph import Graph, Task, read_graph
from workflow.locks import lock_or_refuse
from workflow.plan import reason, unfinished
from workflow.store import Store
from workflow.workers import read_workers, worker_of

ROOT = Path(__file__).resolve().parents[1]
PR_SET_PDEATHSIG = 1  # prctl(2)


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--config", type=Path, metavar="FILE", help="training config")
    source.add_argument("--graph", type=Path, metavar="FILE", help="task graph as JSON, instead of a config")
    goal = parser.add_mutually_exclusive_group()
    goal.add_argument("--target", metavar="STAGE", help="run up to this stage; default: the config's own target-stage")
    goal.add_argument("--task", metavar="LABEL", help="run up to this task")
    parser.add_argument("--data", type=Path, default=Path("data"), metavar="DIR", help="store, work folders and logs (default: data)")
    parser.add_argument("--profile", type=Path, default=ROOT / "workflow" / "profiles" / "local", metavar="DIR")
    parser.add_argument("-n", "--dry-run", action="store_true", help="show what would run, and why")
    return parser


def main(argv: Sequence[str] | None = None) -> None:
    args, snakemake_options = parser().parse_known_args(argv)
    try:
        with tempfile.TemporaryDirectory() as scratch:
            graph_file = args.graph or Path(scratch) / "graph.json"
            if args.config:
                part = [] if args.task else ["--target-stage", args.target] if args.target else ["--target"]
                generate(args.config, part, graph_file)
            graph = read_graph(graph_file)
            goals = [graph.goal(args.task)] if args.task else graph.goals()
            store = Store(args.data / "store")
            if args.dry_run:
                show_plan(unfinished(graph, goals, store), graph, store)
                return
            with lock_or_refuse(args.data / "run.lock", f"another run works in {args.data}: wait for it or end it"):
                plan = unfinished(graph, goals, store)
                print(f"{len(plan)} of {len(list(graph.ancestry(goals)))} tasks to run", flush=True)
                if plan:
                    run_snakemake(plan, graph_file, args.data, args.profile, snakemake_options)
        show_results(graph, goals, store)
    except WorkflowError as error:
        sys.exit(f"error: {error}")


def show_plan(plan: list[Task], graph: Graph, store: Store) -> None:
    newest = store.newest()
    for task in plan:
        print(f"{task.label}: {reason(task, graph, newest.get(task.label))}")
    print(f"{len(plan)} tasks would run" if plan else "nothing to run, everything is in the store")


def run_snakemake(plan: list[Task], graph_file: Path, data: Path, profile: Path, options: list[str]) -> None:
    """Runs the tasks of `plan`; raises WorkflowError where one failed. The caller holds the lock of `data`."""
    workers_file = (profile / "workers.yml").resolve()
    workers = read_workers(workers_file)
    for task in plan:
        worker_of(task, workers)
    run = data.resolve() / "run"
    shutil.rmtree(run, ignore_errors=True)
    run.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(graph_file, run / "graph.json")
    content = {
        "tasks": [task.label for task in plan],
        "workers": str(workers_file),
        "python": sys.executable,
        "root": str(ROOT),
        "run": str(run),
        "data": str(data.resolve()),
    }
    (run / "plan.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "workflow" / "Snakefile"), "--directory", str(run)]
    # No lock and no memory of its own: both outlive a SIGKILL, and the store and the locks of the tasks say all that they would.
    command += ["--nolock", "--ignore-incomplete", "--profile", str(profile.resolve()), *options]
    log = run / "snakemake.log"
    with log.open("wb") as file:
        # On this machine the tasks speak for themselves; from a cluster's nodes only Snakemake brings news.
        stderr = file if executor(profile) == "local" else None
        code = wait_for(subprocess.Popen(command, cwd=ROOT, stderr=stderr, preexec_fn=die_with_parent))
    if code == 0:
        return
    if stderr and "Error in rule" not in (said := log.read_text(encoding="utf-8", errors="replace")):
        # No task failed, Snakemake did.
        print(said, end="", file=sys.stderr)
    left = sum(not Store(data / "store").has(task) for task in plan)
    raise WorkflowError(f"{left} of {len(plan)} tasks are not done (Snakemake: exit {code}); the same command goes on from here")


def executor(profile: Path) -> str:
    """The Snakemake executor that a profile names."""
    try:
        options = yaml.safe_load((profile / "config.yaml").read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise WorkflowError(f"{profile}: no Snakemake profile with a readable config.yaml ({error})") from error
    return str((options or {}).get("executor", "local"))


def die_with_parent() -> None:
    """Asks the kernel to kill this process when its parent dies, so that a killed run leaves no Snakemake that starts more tasks."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def wait_for(process: subprocess.Popen[bytes]) -> int:
    """The exit code. An interrupt from the keyboard reaches Snakemake by itself, which then ends its tasks."""
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


def show_results(graph: Graph, goals: list[Task], store: Store) -> None:
    """Prints the summaries of the goals, and last where each result lies."""
    for goal in goals:
        summary = store.entry(goal) / "summary.md"
        if summary.is_file():
            print(f"\n{summary.read_text(encoding='utf-8').strip()}\n")
    for task in graph.ancestry(goals):
        if (title := task.attributes.get("result")) and store.has(task):
            print(f"{title}: {store.entry(task)}/")


if __name__ == "__main__":
    main()
