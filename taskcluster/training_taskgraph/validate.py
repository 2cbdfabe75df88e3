"""Generates the graph of every config in configs/ and holds it against what can be known before anything runs.

Generation itself checks kinds, inputs and artifacts (verifications.py). Here every generated command line is handed to its script's own
parser: an argument that a script refuses shows now, and not when the task starts, days into a training.
"""

import hashlib
import importlib
import io
import logging
import shlex
import sys
from contextlib import redirect_stderr
from functools import cache
from pathlib import Path

from taskgraph.util import json

from training_taskgraph import training_config as config_format
from training_taskgraph.local_graph import ROOT, generate

# What stands for the folders of a task while its command line is parsed.
FOLDERS = {'"$MOZ_FETCHES_DIR"': "fetches", '"$UPLOAD_DIR"': "artifacts", '"$WORK_DIR"': "work"}


def main() -> int:
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    refused = 0
    for path in sorted((ROOT / "configs").glob("*.yml")):
        name = str(path.relative_to(ROOT))
        try:
            loaded = config_format.load_file(Path(name))
        except config_format.ConfigErrors as errors:
            print(errors, file=sys.stderr)
            refused += 1
            continue
        for warning in loaded.warnings:
            print(warning, file=sys.stderr)
        graph = generate(loaded.config)
        text = json.dumps(graph.to_json(), sort_keys=True, indent=2)
        messages = [message for task in graph.tasks.values() for message in refused_arguments(task)]
        refused += len(messages)
        print("\n".join(messages), end="\n" if messages else "", file=sys.stderr)
        print(f"{name}: {len(graph.tasks)} tasks, sha256 {hashlib.sha256(text.encode()).hexdigest()}")
    return 1 if refused else 0


def refused_arguments(task) -> list[str]:
    """One message where the script of a step would refuse the command line that was generated for it."""
    if "script" not in task.attributes:
        return []
    shell_command = task.task["payload"]["command"][-1]
    for variable, folder in FOLDERS.items():
        shell_command = shell_command.replace(variable, folder)
    _, _, module, *words = shlex.split(shell_command)
    try:
        with redirect_stderr(io.StringIO()) as output:
            parser_of(module).parse_args(words)
    except SystemExit:
        return [f"{task.label}: {task.attributes['script']} refuses its arguments: {output.getvalue().splitlines()[-1]}"]
    return []


@cache
def parser_of(module: str):
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    return importlib.import_module(module).parser()


if __name__ == "__main__":
    sys.exit(main())
