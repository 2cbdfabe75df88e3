"""What every step script shares: its base options, and how it ends when something is wrong."""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

# EX_TEMPFAIL of sysexits.h: the same command may succeed later, or on another machine (network trouble, no GPU visible).
RETRYABLE_EXIT_CODE = 75


class StepError(Exception):
    """The step cannot go on; the message says in one line what was wrong, where, and what would be right."""


class RetryableError(StepError):
    """As StepError, but trying again may help; the script exits with RETRYABLE_EXIT_CODE."""


def granted_threads() -> int:
    """Threads this process may use: THREADS where it is set, otherwise the CPUs it may run on."""
    return int(os.environ.get("THREADS") or len(os.sched_getaffinity(0)))


def base_parser(description: str | None) -> argparse.ArgumentParser:
    """An argument parser with the options that every step has; `description` is the script's docstring."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    parser.add_argument("--statistics", type=Path, metavar="FILE", help="where the JSON of statistics goes, written last")
    return parser


def add_threads(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--threads", type=positive_int, default=granted_threads(), metavar="N", help="default: what the task is granted")


def positive_int(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is not 1 or more")
    return number


def check_files(paths: Iterable[Path]) -> None:
    """Raises StepError unless every path is a readable file, naming all that are not."""
    missing = [str(path) for path in paths if not (path.is_file() and os.access(path, os.R_OK))]
    if missing:
        raise StepError(f"missing input: {', '.join(missing)}")


def run(main: Callable[[], None]) -> None:
    """Runs a script's main(); an expected error ends it with one line and an exit code, anything else with its traceback."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", datefmt="%H:%M:%S", stream=sys.stderr)
    try:
        main()
    except RetryableError as error:
        logging.error("%s (may be tried again)", error)
        sys.exit(RETRYABLE_EXIT_CODE)
    except StepError as error:
        logging.error("%s", error)
        sys.exit(1)
