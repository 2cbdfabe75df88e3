"""Writes a training config of an earlier format in today's form, with its comments.

    python -m training_taskgraph.migrate_config OLD NEW

Says what was changed and what is left for a person, and checks NEW. An existing file is never overwritten. A config of today's form is
copied as it is. Exits with 1 where NEW has errors, or where nothing was written, otherwise with 0.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from training_taskgraph.training_config.__main__ import report
from training_taskgraph.training_config.errors import ConfigErrors, Problem
from training_taskgraph.training_config.migration import migrate
from training_taskgraph.training_config.source import read_bytes


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training_taskgraph.migrate_config", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("old", type=Path, metavar="OLD", help="the config as it is")
    parser.add_argument("new", type=Path, metavar="NEW", help="the file to write")
    arguments = parser.parse_args(argv)
    try:
        content = arguments.old.read_bytes()
        source = read_bytes(content, str(arguments.old))
        migration = migrate(source, content.decode("utf-8-sig"))
        with arguments.new.open("xb") as file:
            file.write(migration.text.encode() if migration.changed else content)
    except ConfigErrors as errors:
        print(errors, file=sys.stderr)
        return 1
    except FileExistsError:
        print(f"{arguments.new}: exists already, and is not overwritten; name another file", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename}: {(error.strerror or str(error)).lower()}", file=sys.stderr)
        return 1
    _print("changed", migration.changed)
    _print("left to you", migration.left)
    return 0 if report(str(arguments.new)) else 1


def _print(title: str, problems: Sequence[Problem]) -> None:
    if problems:
        print(f"{title}:", *(f"  {problem}" for problem in sorted(problems)), sep="\n")


if __name__ == "__main__":
    sys.exit(main())
