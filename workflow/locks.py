"""Locks on files. The kernel gives them back when their last holder dies, however it dies.

flock(2) also works between the hosts of a shared file system (NFS; Lustre mounted with `flock`).
"""

import fcntl
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from workflow.errors import WorkflowError

POLL_SECONDS = 0.2


@contextmanager
def lock_or_refuse(path: Path, refusal: str) -> Iterator[None]:
    """Holds the lock, which no child inherits; raises WorkflowError with `refusal` and who holds it where it is taken."""
    descriptor = _try_lock(path)
    if descriptor is None:
        raise WorkflowError(f"{refusal} ({_holder(path)})")
    try:
        yield
    finally:
        os.close(descriptor)


@contextmanager
def wait_for_lock(path: Path, while_waiting: Callable[[str], None]) -> Iterator[int]:
    """Waits for the lock and yields its descriptor, which a child that is given it holds as well.

    `while_waiting` is called with a description of the holder at every attempt that fails; what it raises ends the wait.
    """
    while (descriptor := _try_lock(path)) is None:
        while_waiting(_holder(path))
        time.sleep(POLL_SECONDS)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _try_lock(path: Path) -> int | None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # The last holder may have removed the file between open and flock; a lock on a removed file keeps nobody out.
        if path.stat().st_ino != os.fstat(descriptor).st_ino:
            raise FileNotFoundError
    except (BlockingIOError, FileNotFoundError):
        os.close(descriptor)
        return None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"process {os.getpid()} on {socket.gethostname()} since {time.strftime('%F %T')}".encode(), 0)
    return descriptor


def _holder(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace") or "its holder is just starting"
    except FileNotFoundError:
        return "its holder is just ending"
