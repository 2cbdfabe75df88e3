"""Makes this process the only one that works on a task, whatever an earlier run left behind."""

from contextlib import ExitStack

from workflow.environment import WorkFolder
from workflow.graph import Task
from workflow.locks import wait_for_lock
from workflow.progress import say
from workflow.step import Watch
from workflow.survivors import end_survivors


def claim(task: Task, folder: WorkFolder, watch: Watch, locks: ExitStack) -> int:
    """Waits until nobody else works in the folder of `task`; returns the lock that the step's processes must hold too.

    Two locks tell a live runner, which is waited for, from the processes that outlived theirs, which are killed.
    """
    told = ""

    def wait(what: str, holder: str) -> None:
        nonlocal told
        watch.check()
        if told != (told := f"waits for {what} ({holder})"):
            say(task.label, told)

    locks.enter_context(wait_for_lock(folder.root / "runner.lock", lambda holder: wait("another run of this task", holder)))

    def end_or_wait(holder: str) -> None:
        # Survivors on another host cannot be killed from here; the cluster ends them, or a person does.
        if not end_survivors("WORK_DIR", folder.scratch):
            wait("what is left of a run that was killed", holder)

    lock = locks.enter_context(wait_for_lock(folder.root / "step.lock", end_or_wait))
    # A program that closes inherited descriptors, as Python's subprocess does, survives without holding the lock.
    end_survivors("WORK_DIR", folder.scratch)
    return lock
