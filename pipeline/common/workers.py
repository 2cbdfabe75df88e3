"""Work on batches in several processes or threads, results in the order of the batches."""

import ctypes
import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from itertools import islice
from typing import TypeVar

from pipeline.common.script import RetryableError

Item = TypeVar("Item")
Result = TypeVar("Result")

WAITING = 3  # batches under way per process: enough that none is idle, few enough that memory does not grow with the corpus
PR_SET_PDEATHSIG = 1  # prctl(2)


def batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def nothing() -> None:
    """What a process does first whose function needs nothing loaded."""


def ordered_map(
    function: Callable[[Item], Result], items: Iterable[Item], threads: int, initialise: Callable[..., None] = nothing, *arguments: object
) -> Iterator[Result]:
    """Yields function(item) for each item, in order; the same for any number of threads.

    Each process calls initialise(*arguments) once before it works. With one thread everything happens in this process. Raises what
    `function` raises, and RetryableError where a process was ended from outside (out of memory).
    """
    if threads == 1:
        initialise(*arguments)
        yield from map(function, items)
        return
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(threads, context, partial(initialise_worker, initialise, *arguments)) as executor:
        try:
            yield from results_in_order(executor, function, items, threads)
        except BrokenProcessPool as error:
            raise RetryableError("a worker process was ended from outside, as the kernel does when memory runs out") from error


def ordered_map_in_threads(function: Callable[[Item], Result], items: Iterable[Item], threads: int) -> Iterator[Result]:
    """As ordered_map, in threads of this process: for functions whose work is done outside the interpreter, by numpy and Arrow."""
    if threads == 1:
        yield from map(function, items)
        return
    with ThreadPoolExecutor(threads) as executor:
        yield from results_in_order(executor, function, items, threads)


def results_in_order(executor: Executor, function: Callable[[Item], Result], items: Iterable[Item], threads: int) -> Iterator[Result]:
    under_way: deque[Future[Result]] = deque()
    for item in items:
        under_way.append(executor.submit(function, item))
        if len(under_way) >= threads * WAITING:
            yield under_way.popleft().result()
    while under_way:
        yield under_way.popleft().result()


def initialise_worker(initialise: Callable[..., None], *arguments: object) -> None:
    """Ties the worker's life to its parent's: nobody waits for the results of a script that was killed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    initialise(*arguments)
