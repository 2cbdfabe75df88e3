"""Checks training configs: errors go to standard error, one a line, everything else to standard output.

    python -m training_taskgraph.training_config FILE...

Exits with 1 where a config has an error, otherwise with 0.
"""

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from .errors import ConfigErrors, Problem
from .loading import load_file

PURPOSES = {"train": "training", "devtest": "validation", "test": "test", "mono-src": "source-language", "mono-trg": "target-language"}


def summary(config: dict[str, Any]) -> str:
    """What a config is about, in one line."""
    experiment, datasets = config["experiment"], config["datasets"]
    counts = ", ".join(
        f"{len(datasets[key])} {what} set{'' if len(datasets[key]) == 1 else 's'}" for key, what in PURPOSES.items() if datasets[key]
    )
    return f"{experiment['src']}-{experiment['trg']}, target stage {config['target-stage']}, {counts}"


def report(file: str) -> bool:
    """Prints what there is to say about a file; returns whether it is valid."""
    try:
        loaded = load_file(file)
    except ConfigErrors as errors:
        _warn(errors.warnings)
        print(errors, file=sys.stderr)
        return False
    _warn(loaded.warnings)
    print(f"{file}: valid: {summary(loaded.config)}")
    return True


def _warn(warnings: Sequence[Problem]) -> None:
    for problem in warnings:
        print(problem.as_warning())


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training_taskgraph.training_config", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", metavar="FILE")
    valid = [report(file) for file in parser.parse_args(argv).files]
    return 0 if all(valid) else 1


if __name__ == "__main__":
    sys.exit(main())
