"""How long it takes to generate graphs: that of a production training, and one ten times as large.

Each is made by a process of its own, from its start to the JSON of the full graph, and the target graph with it. Prints JSON: tasks and
seconds of wall time.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
PRODUCTION = ROOT / "taskcluster/test/production.yml"

GENERATE = """
import sys, yaml
from taskgraph.util import json
from training_taskgraph import training_config, verifications
from training_taskgraph.local_graph import generator
from training_taskgraph.parameters import local_parameters

# The task that puts thousands of chunks together could not be started; its graph is as much work as any.
verifications.LONGEST_STRING = sys.maxsize
config = training_config.check(yaml.safe_load(sys.stdin)).config
graphs = generator(local_parameters(config))
json.dumps(graphs.target_task_graph.to_json())
json.dumps(graphs.full_task_graph.to_json())
print(len(graphs.full_task_graph.tasks))
"""


def parser() -> argparse.ArgumentParser:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--chunks", type=int, default=2290, help="of the large graph, four tasks and some fetches each (%(default)s)")
    return arguments


def main() -> None:
    args = parser().parse_args()
    config = yaml.safe_load(PRODUCTION.read_text(encoding="utf-8"))
    measured = {"production": seconds_and_tasks(config)}
    config["taskcluster"]["split-chunks"] = args.chunks
    measured["large"] = seconds_and_tasks(config)
    print(json.dumps(measured))


def seconds_and_tasks(config: dict) -> dict[str, float]:
    start = time.monotonic()
    run = subprocess.run(
        [sys.executable, "-c", GENERATE], cwd=ROOT, input=yaml.safe_dump(config), text=True, check=True, stdout=subprocess.PIPE
    )
    return {"tasks": int(run.stdout), "seconds": round(time.monotonic() - start, 2)}


if __name__ == "__main__":
    main()
