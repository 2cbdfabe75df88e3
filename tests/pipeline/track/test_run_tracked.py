"""The command ends as it would without the wrapper, whatever W&B does."""

import os
import signal
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from pipeline.common.lines import read_lines, write_lines
from pipeline.common.marian import command as marian_command
from tests.pipeline.track.marian_logs import training_line, validation_line
from tests.pipeline.track.wandb_file import read_run

WRAPPER = "pipeline.track.run_tracked"

TRAINING = f"""
import os, pathlib, sys, time
folder, code = pathlib.Path("work"), int(sys.argv[1])
assert "WANDB_API_KEY" not in os.environ
folder.mkdir(exist_ok=True)
with (folder / "marian.log").open("a") as log, (folder / "valid.log").open("a") as validations:
    for line in {[training_line(update) for update in (50, 100, 150)]!r}:
        log.write(line)
        log.flush()
        time.sleep(0.1)
    validations.write({validation_line(150, "chrf", 31.4)!r})
print("trained", *sys.argv[2:])
sys.exit(code)
"""


@pytest.fixture
def tracked(start):
    def tracked(*command, grace=60.0, **variables):
        return start(WRAPPER, "--log-dir", "work", "--", *command, changed={"GRACE": grace, "POLL_SECONDS": 0.05}, **variables)

    return tracked


def python(code, *words):
    return [sys.executable, "-c", code, *words]


@pytest.fixture
def module_named_wandb(tmp_path):
    """Puts a module in the place of W&B's client, and returns what to set for it."""

    def module(code):
        folder = tmp_path / "instead"
        folder.mkdir()
        (folder / "wandb.py").write_text(code)
        root = Path(__file__).resolve().parents[3]
        return {"PYTHONPATH": f"{folder}{os.pathsep}{root}"}

    return module


def wait_for(condition, process):
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("code", [0, 3, 75])
def test_a_training_is_published_and_its_exit_code_kept(tracked, tmp_path, code):
    process = tracked(*python(TRAINING, str(code), "--", "--after", "1u"))
    output, errors = process.communicate(timeout=120)
    assert process.returncode == code, errors
    assert output == "trained -- --after 1u\n"
    run = read_run(tmp_path / "work")
    assert [row["train/update"] for row in run.history if "train/update" in row] == [50, 100, 150]
    assert run.history[-1] == {"valid/update": 150, "valid/chrf": 31.4}
    assert run.code == (0 if code == 0 else 1)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGABRT])
def test_a_command_that_a_signal_ends(tracked, module_named_wandb, number):
    process = tracked(*python(f"import os; os.kill(os.getpid(), {int(number)})"), **module_named_wandb("raise ImportError"))
    _, errors = process.communicate(timeout=120)
    assert process.returncode == -number, errors


def test_without_a_key_the_command_takes_the_place(tracked, module_named_wandb, tmp_path):
    marks = module_named_wandb("open('imported', 'w').close()")
    for key in ({"WANDB_API_KEY": ""}, {}):
        process = tracked(*python("import os, sys; print(os.getpid()); sys.exit(4)"), **marks, **key)
        output, _ = process.communicate(timeout=120)
        assert process.returncode == 4
        # The mark shows only that the other way there is one.
        assert ((int(output) == process.pid), (tmp_path / "imported").exists()) == ((True, False) if key else (False, True))


@pytest.mark.parametrize(("key", "code"), [("", 127), ("0" * 40, 127)])
def test_a_command_that_does_not_exist(tracked, key, code):
    process = tracked("./no-such-command", WANDB_API_KEY=key)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == code
    assert "./no-such-command: No such file or directory" in errors


def test_a_command_that_cannot_be_executed(tracked, tmp_path):
    (tmp_path / "data").write_text("no program")
    process = tracked("./data")
    assert process.wait(timeout=120) == 126


SIGNALLED = """
import os, signal, subprocess, sys, time
def end(number, frame):
    with open("signals", "a") as file:
        file.write(f"{sys.argv[1]} {number}\\n")
    child.wait() if child else None
    sys.exit(7)
child = None
for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, end)
if sys.argv[1] == "parent":
    child = subprocess.Popen([sys.executable, "-c", sys.argv[2], "child", ""])
open(f"{sys.argv[1]}.ready", "w").close()
while True:
    time.sleep(0.05)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_reaches_every_process_of_the_command_once(tracked, module_named_wandb, tmp_path, number):
    process = tracked(*python(SIGNALLED, "parent", SIGNALLED), **module_named_wandb("raise ImportError"))
    wait_for(lambda: (tmp_path / "parent.ready").exists() and (tmp_path / "child.ready").exists(), process)
    process.send_signal(number)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 7, errors
    assert sorted((tmp_path / "signals").read_text().splitlines()) == [f"child {number}", f"parent {number}"]


def test_the_command_dies_with_a_wrapper_that_is_killed(tracked, module_named_wandb, tmp_path):
    forever = "import os, pathlib, time\npathlib.Path('pid.new').write_text(str(os.getpid()))\nos.rename('pid.new', 'pid')\ntime.sleep(600)"
    process = tracked(*python(forever), **module_named_wandb("raise ImportError"))
    wait_for((tmp_path / "pid").exists, process)
    pid = int((tmp_path / "pid").read_text())
    process.kill()
    process.communicate()
    deadline = time.monotonic() + 60
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not is_running(pid)


def test_a_publisher_whose_wrapper_is_killed_publishes_what_is_left(tracked, tmp_path):
    training = TRAINING.replace('print("trained"', 'time.sleep(600)\nprint("trained"')
    process = tracked(*python(training, "0"))
    wait_for((tmp_path / "work/published.json").exists, process)
    wait_for(lambda: "Up. 150" in (tmp_path / "work/marian.log").read_text(), process)
    process.kill()
    deadline = time.monotonic() + 120
    while read_run(tmp_path / "work").code is None and time.monotonic() < deadline:
        time.sleep(0.1)
    run = read_run(tmp_path / "work")
    assert run.code == 1
    assert [row["train/update"] for row in run.history if "train/update" in row] == [50, 100, 150]


def test_a_client_that_cannot_be_imported(tracked, module_named_wandb):
    process = tracked(*python(TRAINING, "0"), **module_named_wandb("raise ImportError('no W&B here')"))
    output, errors = process.communicate(timeout=120)
    assert (process.returncode, output) == (0, "trained\n")
    assert "no W&B here" in errors
    assert "publishing metrics ended with exit code 1; again in 300 s" in errors


HANGS = """
import pathlib, signal, os, time
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGUSR1})
pathlib.Path("hanging.new").write_text(str(os.getpid()))
os.rename("hanging.new", "hanging")
time.sleep(600)
"""
WAIT_FOR_HANGING = "import pathlib, sys, time\nwhile not pathlib.Path('hanging').exists(): time.sleep(0.02)\nsys.exit(5)"


def test_a_client_that_hangs_is_ended_when_its_time_is_over(tracked, module_named_wandb, tmp_path):
    process = tracked(*python(WAIT_FOR_HANGING), grace=0.5, **module_named_wandb(HANGS))
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 5
    assert "not all metrics were published in time" in errors
    assert not is_running(int((tmp_path / "hanging").read_text()))


def test_a_further_signal_ends_the_wait_for_a_client_that_hangs(tracked, module_named_wandb):
    process = tracked(*python(WAIT_FOR_HANGING), grace=600.0, **module_named_wandb(HANGS))
    assert any("ended with exit code 5; publishing what is left" in line for line in process.stderr)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=120)
    assert process.returncode == 5


def test_a_client_that_comes_back_publishes_what_was_missed(start, module_named_wandb, tmp_path):
    """The publisher fails at first, and is started again while the training goes on."""
    variables = module_named_wandb(
        "import pathlib, sys\n"
        "if not pathlib.Path('failed').exists():\n"
        "    pathlib.Path('failed').touch()\n"
        "    raise ImportError('for the first time')\n"
        "sys.path = [path for path in sys.path if 'instead' not in path]\n"
        "del sys.modules['wandb']\n"
        "import wandb\n"
        "pathlib.Path('back').touch()\n"
    )
    training = TRAINING.replace('print("trained"', 'while not pathlib.Path("back").exists(): time.sleep(0.05)\nprint("trained"')
    changed = {"GRACE": 60.0, "POLL_SECONDS": 0.05, "FIRST_WAIT": 0.1}
    process = start(WRAPPER, "--log-dir", "work", "--", *python(training, "0"), changed=changed, **variables)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert "publishing metrics ended with exit code 1; again in 0 s" in errors
    assert [row["train/update"] for row in read_run(tmp_path / "work").history if "train/update" in row] == [50, 100, 150]


def test_a_service_that_cannot_be_reached(tracked):
    process = tracked(*python(TRAINING, "3"), grace=3.0, WANDB_MODE="online")
    output, errors = process.communicate(timeout=120)
    assert (process.returncode, output) == (3, "trained\n"), errors


@pytest.fixture
def refusing_service():
    """A service that knows no key."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def refuse(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked.append(self.path)
            self.send_response(401)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST = refuse  # noqa: N815

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", asked
    server.shutdown()
    server.server_close()


def test_a_key_that_the_service_refuses(tracked, refusing_service, tmp_path):
    address, asked = refusing_service
    wait = "import pathlib, sys, time\nwhile not pathlib.Path('asked').exists(): time.sleep(0.02)\nsys.exit(6)"
    process = tracked(*python(wait), grace=10.0, WANDB_MODE="online", WANDB_BASE_URL=address)
    wait_for(lambda: asked, process)
    (tmp_path / "asked").touch()
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 6, errors
    assert any("graphql" in path for path in asked)


def test_what_marian_itself_writes_is_published(tracked, tmp_path, tiny_corpus, vocab):
    (tmp_path / "work").mkdir()
    plain = [tmp_path / "corpus.en", tmp_path / "corpus.it"]
    for compressed, path in zip(tiny_corpus, plain, strict=True):
        write_lines(path, list(read_lines(compressed))[:200])
    options = {
        "type": "transformer", "model": "work/model.npz", "train-sets": plain, "valid-sets": plain, "vocabs": vocab, "dim-emb": 32,
        "transformer-dim-ffn": 32, "transformer-heads": 2, "enc-depth": 1, "dec-depth": 1, "cost-type": "ce-mean-words", "mini-batch": 16,
        "after": "6u", "disp-freq": "2u", "valid-freq": "3u", "valid-metrics": ["ce-mean-words", "perplexity"], "learn-rate": 0.002,
        "lr-report": True, "cpu-threads": 1, "workspace": 100, "log": "work/marian.log", "valid-log": "work/valid.log",
    }  # fmt: skip
    process = tracked(*marian_command("train", options))
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    run = read_run(tmp_path / "work")
    training = [row for row in run.history if "train/update" in row]
    assert [row["train/update"] for row in training] == [2, 4, 6]
    assert all(row["train/cost"] > 0 and row["train/learning_rate"] == 0.002 and row["train/words_per_second"] > 0 for row in training)
    validations = {(row["valid/update"], key) for row in run.history for key in row if "valid/update" in row}
    assert validations > {(update, f"valid/{metric}") for update in (3, 6) for metric in ("ce-mean-words", "perplexity")}
    assert run.config["marian"]["dim-emb"] == 32
    assert run.config["marian"]["valid-metrics"] == ["ce-mean-words", "perplexity"]
