"""How long the decision task of a pull request takes, with the CI config and a deployment on the loopback interface.

Prints JSON: the seconds from the start of `taskgraph decision` until the last artifact of the graph is written, and until all tasks are
created; and how many tasks that are.
"""

import json
import tempfile
import time
from pathlib import Path

from tests.taskcluster import contexts
from tests.taskcluster.loopback_taskcluster import LoopbackTaskcluster, serving
from tests.taskcluster.own_repository import grant, group, prepared, run_payload, write_repository
from tests.taskcluster.taskgraph_commands import clone

# The last one that is written before tasks are created.
LAST_ARTIFACT = "label-to-taskid.json"


def main() -> None:
    with tempfile.TemporaryDirectory() as name, serving(LoopbackTaskcluster()) as server:
        folder = Path(name)
        (folder / "repository").mkdir()
        checkout = clone(write_repository(folder / "repository", "pipeline/train/train.py"), folder / "checkout")
        grant(server)
        decision = prepared(server, checkout, contexts.GITHUB["pull request opened"])
        started, clock = time.perf_counter(), time.time()
        finished = run_payload(server, checkout, decision, folder / "home")
        created = time.perf_counter() - started
        if finished.returncode != 0:
            raise SystemExit(finished.stdout)
        written = (folder / "home/artifacts" / LAST_ARTIFACT).stat().st_mtime - clock
        print(json.dumps({"graph": round(written, 2), "tasks created": round(created, 2), "tasks": len(group(server, decision))}))


if __name__ == "__main__":
    main()
