"""Ends what a step or a killed run left behind on this host.

A step's processes are known by the work folder in their environment: it names one task's work and nothing else, goes to every
descendant, and, unlike a recorded process id, is never given to somebody else's process.
"""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

PROCESSES = Path("/proc")
POLL_SECONDS = 0.05


def end_survivors(variable: str, folder: Path) -> bool:
    """Kills every process whose environment says `variable`=`folder`, waits until none is left, and returns whether there was any.

    SIGKILL at once: steps are safe against it at any moment, and nobody is left who would wait for a polite end.
    """
    setting = os.fsencode(f"{variable}={folder}")
    any_found = False
    while found := _processes_with(setting):
        any_found = True
        for process in found:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        time.sleep(POLL_SECONDS)
    return any_found


def _processes_with(setting: bytes) -> list[int]:
    found = []
    for folder in PROCESSES.glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_bytes()
        except OSError:  # it has ended, or belongs to another user
            continue
        if setting in environment.split(b"\0"):
            found.append(int(folder.name))
    return found
