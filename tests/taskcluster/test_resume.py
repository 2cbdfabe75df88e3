"""Fetching what an earlier run has left, from a server that speaks as much of Taskcluster's queue as that takes."""

import gzip
import hashlib
import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import pytest
from scripts import resume

from tests.pipeline.conftest import tiny_corpus, vocab  # noqa: F401, fixtures
from tests.pipeline.toy_training import curve_of, kill_training, training_words

ROOT = Path(__file__).resolve().parents[2]
TASK = "bX8mBzMVQIqvHiC6JUVDEA"
ARTIFACT = re.compile(rf"/api/queue/v1/task/{TASK}/runs/(\d+)/artifacts/public/build/(.+)")
FILES = {"40/model.npz": b"weights" * 1000, "40/model.npz.progress.yml": b"batches: 40\n", "20/valid.log": b""}


@dataclass
class Queue:
    """The folders of artifacts of a task's runs; `troubles` are answers, or None for a broken connection, given to the next requests."""

    address: str = ""
    runs: dict[int, Path] = field(default_factory=dict)
    troubles: list[int | None] = field(default_factory=list)
    compressed: bool = False
    requests: list[str] = field(default_factory=list)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        path = unquote(handler.path)
        self.requests.append(path)
        artifact = ARTIFACT.fullmatch(path)
        if artifact and int(artifact[1]) in self.runs:
            # Like the queue, it does not know whether what was announced was also uploaded.
            send(handler, 303, json.dumps({"storageType": "s3"}).encode(), Location=f"{self.address}/storage/{artifact[1]}/{artifact[2]}")
        elif path.startswith("/storage/"):
            self.answer_from_storage(handler, path)
        else:
            send(handler, 404, json.dumps({"code": "ResourceNotFound", "message": "Artifact not found"}).encode())

    def answer_from_storage(self, handler: BaseHTTPRequestHandler, path: str) -> None:
        _, _, run, name = path.split("/", 3)
        file = self.runs[int(run)] / name
        trouble = self.troubles.pop(0) if self.troubles else 200
        if trouble != 200 and trouble is not None:
            send(handler, trouble, b"trouble")
        elif not file.is_file():
            send(handler, 403, b"<Error><Code>AccessDenied</Code></Error>")
        elif self.compressed:
            send(handler, 200, gzip.compress(file.read_bytes()), Content_Encoding="gzip")
        else:
            content = file.read_bytes()
            send(handler, 200, content[:-1] if trouble is None else content, Content_Length=str(len(content)))
            handler.close_connection = True


def send(handler: BaseHTTPRequestHandler, status: int, content: bytes, **headers: str) -> None:
    handler.send_response(status)
    for name, value in ({"Content_Length": str(len(content))} | headers).items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(content)


@pytest.fixture
def queue() -> Iterator[Queue]:
    served = Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.answer(self)

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.address = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield served
    server.shutdown()
    server.server_close()


@pytest.fixture
def environment(queue, tmp_path) -> dict[str, str]:
    """That of a task in its third run."""
    return {"TASK_ID": TASK, "RUN_ID": "2", "TASKCLUSTER_ROOT_URL": queue.address, "UPLOAD_DIR": str(tmp_path / "upload")}


@pytest.fixture
def left(queue, tmp_path):
    """Makes a run leave these files, and a manifest of them; returns the folder."""

    def leave(run: int, files: dict[str, bytes] = FILES) -> Path:
        queue.runs[run] = tmp_path / f"run{run}"
        folder = queue.runs[run] / "checkpoint"
        for path, content in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        listed = {path: {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)} for path, content in files.items()}
        (folder / "manifest.json").write_text(json.dumps({"update": 40, "files": listed}))
        return folder

    return leave


class Waits(list[float]):
    """A sleep that takes no time."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def call(environment: dict[str, str]) -> tuple[int, list[float]]:
    """The exit code, and the waits in seconds."""
    waits = Waits()
    return resume.main(["checkpoint"], environment, waits), waits


def fetched(environment: dict[str, str]) -> dict[str, bytes]:
    folder = Path(environment["UPLOAD_DIR"]) / "checkpoint"
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("compressed", [False, True])
def test_what_the_last_run_has_left_is_fetched(queue, environment, left, compressed):
    queue.compressed = compressed
    left(0, {"20/model.npz": b"older"})
    manifest = (left(1) / "manifest.json").read_bytes()
    assert call(environment) == (0, [])
    assert fetched(environment) == {**FILES, "manifest.json": manifest}
    assert not any("/runs/0/" in path for path in queue.requests)


def test_through_the_proxy(queue, environment, left):
    left(1)
    environment |= {"TASKCLUSTER_PROXY_URL": queue.address, "TASKCLUSTER_ROOT_URL": "http://127.0.0.1:1"}
    assert call(environment) == (0, [])
    assert set(fetched(environment)) == {*FILES, "manifest.json"}


def remove_a_file(folder: Path) -> None:
    (folder / "20/valid.log").unlink()


def change_a_file(folder: Path) -> None:
    (folder / "40/model.npz").write_bytes(b"WEIGHTS" * 1000)


def cut_a_file(folder: Path) -> None:
    (folder / "40/model.npz").write_bytes(b"weights")


def break_the_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text('{"files": {"40/model.npz": ')


def list_what_is_elsewhere(folder: Path) -> None:
    listed = {"../model.npz": {"sha256": hashlib.sha256(b"").hexdigest(), "size": 0}}
    (folder / "manifest.json").write_text(json.dumps({"files": listed}))


def remove_the_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


@pytest.mark.parametrize(
    "damage", [remove_a_file, change_a_file, cut_a_file, break_the_manifest, list_what_is_elsewhere, remove_the_manifest]
)
def test_a_run_that_has_not_left_all_of_it_is_passed_over(environment, left, tmp_path, damage):
    damage(left(1, {**FILES, "60/only-there": b"x"}))
    left(0, {"20/model.npz": b"older"})
    assert call(environment) == (0, [])
    assert {path: content for path, content in fetched(environment).items() if path != "manifest.json"} == {"20/model.npz": b"older"}
    assert not (tmp_path / "upload/model.npz").exists()


def test_where_no_run_has_left_anything_the_task_begins(environment, left, tmp_path):
    change_a_file(left(1))
    assert call(environment) == (0, [])
    assert not (tmp_path / "upload/checkpoint").exists()


@pytest.mark.parametrize("trouble", [500, 503, 429, None])
def test_trouble_that_passes(queue, environment, left, trouble):
    left(1)
    queue.troubles = [trouble, trouble, 200, trouble]
    assert call(environment) == (0, [1, 2, 1])
    assert {path: content for path, content in fetched(environment).items() if path != "manifest.json"} == FILES


def test_trouble_that_stays_is_for_another_run(queue, environment, left, tmp_path):
    left(1)
    left(0)
    queue.troubles = [200, *[503] * 100]
    assert call(environment) == (75, [1, 2, 4, 8, 16, 32, 64])
    assert not (tmp_path / "upload/checkpoint/manifest.json").exists()
    queue.troubles = []
    assert call(environment) == (0, [])
    assert set(fetched(environment)) == {*FILES, "manifest.json"}


def test_nobody_answers(environment):
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        environment["TASKCLUSTER_ROOT_URL"] = f"http://127.0.0.1:{reserved.getsockname()[1]}"
        code, waits = call(environment)
    assert (code, len(waits)) == (75, 7)


def test_what_is_there_is_left_alone(queue, environment, left, tmp_path):
    left(1)
    (tmp_path / "upload/checkpoint").mkdir(parents=True)
    (tmp_path / "upload/checkpoint/manifest.json").write_text("of this run")
    assert call(environment) == (0, [])
    assert fetched(environment) == {"manifest.json": b"of this run"}
    assert queue.requests == []


@pytest.mark.parametrize("changed", [{"RUN_ID": "0"}, {"RUN_ID": None}, {"TASK_ID": None}])
def test_a_first_run_and_one_elsewhere_ask_nobody(queue, environment, left, tmp_path, changed):
    left(0)
    environment = {name: value for name, value in {**environment, **changed}.items() if value is not None}
    script = [sys.executable, "-I", str(ROOT / "taskcluster/scripts/resume.py"), "checkpoint"]
    done = subprocess.run(script, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert queue.requests == []
    assert not (tmp_path / "upload").exists()


def test_a_training_goes_on_that_was_killed_with_its_worker(queue, environment, tmp_path, tiny_corpus, vocab):  # noqa: F811
    """As the task's command has it, with nothing of the first run but the artifacts, of which the last is cut off."""
    queue.runs[0] = tmp_path / "out"
    checkpoint = tmp_path / "out/checkpoint"
    manifest = checkpoint / "manifest.json"
    frequent = {"save-freq": 20, "valid-freq": 20}
    small = {"enc-depth": 1, "dec-depth": 1, "dim-emb": 32, "transformer-dim-ffn": 64, "transformer-heads": 4}
    words = training_words(tmp_path, tiny_corpus, vocab, 50_000, small | frequent, checkpoint_dir=checkpoint)
    kill_training(words, tmp_path / "log", manifest.exists)
    update = json.loads(manifest.read_text())["update"]
    (checkpoint / "100000").mkdir()
    (checkpoint / "100000/model.npz").write_bytes(b"cut off")

    second = tmp_path / "second"
    second.mkdir()
    upload = second / "out"
    words = training_words(second, tiny_corpus, vocab, update + 30, small | frequent, checkpoint_dir=upload / "checkpoint")
    command = ["bash", "-c", 'python3 taskcluster/scripts/resume.py checkpoint && python3 -m pipeline.train.train "$@"', "task", *words]
    host = {**os.environ, **environment, "RUN_ID": "1", "UPLOAD_DIR": str(upload)}
    done = subprocess.run(command, cwd=ROOT, env=host, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "this run goes on from what run 0 has left in checkpoint/" in done.stderr
    assert f"going on from the snapshot of update {update}" in done.stderr
    assert "Up. 10 :" not in done.stderr
    assert max(curve_of(second)) == update + 30
    assert (upload / "checkpoint/model.npz.optimizer.npz").is_file()
    assert (upload / "model.npz").is_file()
