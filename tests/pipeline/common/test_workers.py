import os
import signal
import subprocess
import sys
import time

import pytest

from pipeline.common.script import RetryableError
from pipeline.common.workers import batches, ordered_map, ordered_map_in_threads

offset = 0


def initialise(value: int) -> None:
    global offset
    offset = value


def add_offset(number: int) -> int:
    return number + offset


def end_this_process(number: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.mark.parametrize("threads", [1, 2])
def test_results_come_in_order(threads: int):
    assert list(ordered_map(add_offset, range(50), threads, initialise, 100)) == list(range(100, 150))


def test_input_is_read_no_further_than_there_is_work():
    taken = []
    results = ordered_map(add_offset, (taken.append(number) or number for number in range(1000)), 2, initialise, 0)
    next(results)
    assert len(taken) < 20
    results.close()


@pytest.mark.parametrize("threads", [1, 3])
def test_threads(threads: int):
    def work(number: int) -> int:
        time.sleep(number % 3 / 1000)
        return number if number < 20 else number // 0

    taken = []
    results = ordered_map_in_threads(work, (taken.append(number) or number for number in range(1000)), threads)
    assert [next(results) for _ in range(20)] == list(range(20))
    with pytest.raises(ZeroDivisionError):
        next(results)
    assert len(taken) < 40


def test_a_killed_worker_is_retryable():
    with pytest.raises(RetryableError, match="memory"):
        list(ordered_map(end_this_process, range(4), 2, initialise, 0))


SCRIPT = """
import os, time
from pipeline.common.workers import ordered_map

def nap(number):
    time.sleep(0 if number < 2 else 600)
    return os.getpid()

for pid in ordered_map(nap, range(4), 2, int):
    print(pid, flush=True)
"""


def is_running(pid: int) -> bool:
    """Whether the process exists and is more than a zombie that nobody has waited for."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_workers_end_with_a_script_that_is_killed():
    script = subprocess.Popen([sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, text=True)  # its workers keep the pipe open too
    assert script.stdout is not None
    workers = {int(script.stdout.readline()) for _ in range(2)}
    assert all(map(is_running, workers))
    script.kill()
    script.wait()
    script.stdout.close()
    deadline = time.monotonic() + 30
    while any(map(is_running, workers)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(is_running, workers))


def test_batches():
    assert list(batches(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(batches([], 2)) == []
