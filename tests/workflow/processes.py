"""What tests ask about processes that they did not start themselves."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path


def alive(process: int | str) -> bool:
    """Whether it runs; one that has ended stays as a zombie until its parent asks."""
    try:
        return status(process)[0] != "Z"
    except FileNotFoundError:
        return False


def step_above(process: int) -> Iterator[int]:
    """The ancestors of `process` in its session: the rest of a step."""
    above = int(status(process)[1])
    while os.getsid(above) == os.getsid(process):
        yield above
        above = int(status(above)[1])


def child_of(process: int) -> int:
    return int(Path(f"/proc/{process}/task/{process}/children").read_text().split()[0])


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def status(process: int | str) -> list[str]:
    """State, parent, and what else proc(5) lists of a process after its name."""
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
