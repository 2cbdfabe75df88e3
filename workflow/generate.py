"""Makes the task graph of a training config, by the same transforms that a decision task runs."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GENERATOR = [sys.executable, "-m", "training_taskgraph.local_graph"]


def generate(config: Path, part: Sequence[str], output: Path) -> None:
    """Writes the graph of `config` to `output`: all of it, or a `part` of it as the generator's own options say.

    Ends the process with the generator's exit code where that is not 0; the generator has said then what is wrong with the config.
    """
    command = [*GENERATOR, str(config.resolve()), *part, "--output", str(output.resolve())]
    search_path = os.pathsep.join(filter(None, [str(ROOT / "taskcluster"), os.environ.get("PYTHONPATH")]))
    code = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": search_path}, check=False).returncode
    if code:
        sys.exit(code)
