import subprocess
import sys

import pytest

from workflow.errors import WorkflowError
from workflow.locks import lock_or_refuse, wait_for_lock

HOLD = """
import sys
from pathlib import Path
from workflow.locks import lock_or_refuse

with lock_or_refuse(Path(sys.argv[1]), ""):
    print("held", flush=True)
    input()
"""


class WaitedError(Exception):
    pass


def give_up(holder):
    raise WaitedError(holder)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "folder" / "lock"


@pytest.fixture
def holder(path):
    process = subprocess.Popen([sys.executable, "-c", HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_taken_lock_is_refused_with_its_holder(path, holder):
    with pytest.raises(WorkflowError, match=rf"^busy \(process {holder.pid} on .* since "), lock_or_refuse(path, "busy"):
        pass


def test_lock_of_a_killed_process_is_free(path, holder):
    holder.kill()
    holder.wait()
    with lock_or_refuse(path, "busy"):
        pass


def test_wait_ends_with_what_the_callback_raises(path, holder):
    with pytest.raises(WaitedError, match=f"process {holder.pid} on "), wait_for_lock(path, give_up):
        pass


def test_child_that_is_given_the_lock_holds_it_too(path):
    with wait_for_lock(path, give_up) as descriptor:
        child = subprocess.Popen(["sleep", "60"], pass_fds=[descriptor])
    try:
        with pytest.raises(WorkflowError, match="busy"), lock_or_refuse(path, "busy"):
            pass
    finally:
        child.kill()
        child.wait()
    with lock_or_refuse(path, "busy"):
        pass


def test_lock_on_a_removed_file_counts_for_nothing(path):
    """A waiter that opened the file before its holder removed it must not believe that it has the lock."""
    with wait_for_lock(path, give_up):
        path.unlink()
        with lock_or_refuse(path, "busy"), pytest.raises(WaitedError), wait_for_lock(path, give_up):
            pass
