"""Generated tasks, their definitions as they are, in the images that are built for them."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from taskgraph.util.parameterization import resolve_task_references
from training_taskgraph import training_config
from training_taskgraph.local_graph import generator
from training_taskgraph.parameters import LOCAL_PARAMETERS, local_parameters

from pipeline.common.lines import read_lines, read_parallel
from tests.pipeline.toy_language import toy_sentences, write_corpus
from tests.pipeline.web_server import WebServer, web_server  # noqa: F401, a fixture
from tests.taskcluster.containers import Containers
from tests.working_tree import commit_working_tree

ROOT = Path(__file__).resolve().parents[2]
DATASET_TASK = "ZGF0YXNldC1pbi1hLXRlc3Q"
GITCONFIG = """
[url "file:///repository"]
    insteadOf = {repository}
[safe]
    directory = *
"""
# fetch-content waits a minute and longer before it tries again, five times.
NO_WAITING = "import time\ntime.sleep = lambda seconds: None\n"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


class Repository:
    """The working tree as a commit, in the place of the repository that the definitions name."""

    def __init__(self, folder: Path):
        self.head = commit_working_tree(folder / "repository")
        settings = folder / "gitconfig"
        settings.write_text(GITCONFIG.format(repository=LOCAL_PARAMETERS["head_repository"]))
        self.mounts = {str(settings): "/etc/gitconfig", str(folder / "repository"): "/repository"}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return Repository(tmp_path_factory.mktemp("head"))


@pytest.fixture(scope="module")
def worker_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its caches go from task to task, as on a worker."""
    return tmp_path_factory.mktemp("worker")


@pytest.fixture
def definition(repository: Repository, web_server: WebServer) -> Callable[[str], dict]:  # noqa: F811
    """The definition of a kind's task for a training set of the web server; the ids of its images are their names."""

    def definition(kind: str) -> dict:
        config = training_config.load_file(ROOT / "configs/ci.yml").config
        config["datasets"]["train"] = [f"url_{web_server.address}/corpus.[LANG].zst"]
        graph = generator(local_parameters(config) | {"head_rev": repository.head}).full_task_graph
        task = next(task for label, task in graph.tasks.items() if label.startswith(f"{kind}-url-"))
        ids = {edge: DATASET_TASK if edge.startswith("dataset-") else edge for edge in task.dependencies}
        ids["docker-image"] = task.dependencies["docker-image"].removeprefix("docker-image-")
        return resolve_task_references(task.label, task.task, "VGhlLXRhc2staXRzZWxm", "RGVjaXNpb24", ids)

    return definition


def serve_artifacts(web_server: WebServer, payload: dict, contents: dict[str, bytes]) -> None:  # noqa: F811
    """What the queue has of the dataset task: the artifacts that a payload fetches, and their hashes."""
    place = f"/api/queue/v1/task/{DATASET_TASK}/artifacts"
    fetched = {fetch["artifact"]: contents[fetch["artifact"].split(".")[-2]] for fetch in json.loads(payload["env"]["MOZ_FETCHES"])}
    hashes = {name: {"sha256": hashlib.sha256(content).hexdigest()} for name, content in fetched.items()}
    web_server.files |= {f"{place}/{name}": content for name, content in fetched.items()}
    web_server.files[f"{place}/public/chain-of-trust.json"] = json.dumps({"artifacts": hashes}).encode()


def corpus_files(folder: Path) -> dict[str, bytes]:
    folder.mkdir()
    return {path.name.split(".")[1]: path.read_bytes() for path in write_corpus(folder, toy_sentences(200))}


def artifacts(folder: Path) -> dict[str, Path]:
    """By language, and `statistics`."""
    files = {path.name: path for path in folder.rglob("*") if path.is_file()}
    assert all(path.stat().st_uid == 1000 for path in files.values())
    return {name.split(".")[-2]: path for name, path in files.items()}


def test_load_task_runs_a_definition(
    containers: Containers,
    repository: Repository,
    definition: Callable[[str], dict],
    web_server: WebServer,  # noqa: F811
    tmp_path: Path,
):
    """The command with which a person runs one task; it makes no volumes, so the folder has to be the worker's already."""
    for language, content in corpus_files(tmp_path / "corpus").items():
        web_server.files[f"/corpus.{language}.zst"] = content
    task = definition("dataset")
    output = tmp_path / "artifacts"
    output.mkdir()
    os.chown(output, 1000, 1000)
    mounts = repository.mounts | {str(output): task["payload"]["artifacts"]["public/build"]["path"]}
    image = f"translations-{task['payload']['image']['taskId']}:latest"
    command = [str(Path(sys.executable).with_name("taskgraph")), "load-task", "-", "--image", image]
    environment = containers.environment | {"TASKCLUSTER_ROOT_URL": web_server.address, "PYTHONPATH": str(ROOT / "taskcluster")}
    run = subprocess.run(
        [*command, *(f"--volume={host}:{path}" for host, path in mounts.items())],
        input=json.dumps(task), env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout
    made = artifacts(output)
    assert list(read_parallel(made["en"], made["it"])) == toy_sentences(200)
    assert json.loads(made["statistics"].read_text())


def test_a_task_fetches_and_verifies_what_another_made(
    containers: Containers,
    repository: Repository,
    definition: Callable[[str], dict],
    web_server: WebServer,  # noqa: F811
    worker_folder: Path,
    tmp_path: Path,
):
    payload = definition("corpus-clean-parallel")["payload"]
    serve_artifacts(web_server, payload, corpus_files(tmp_path / "corpus"))
    run = containers.work(payload, worker_folder, repository.mounts, {"TASKCLUSTER_ROOT_URL": web_server.address})
    assert run.returncode == 0, run.stdout
    assert run.stdout.count("Verified sha256 integrity") == 2
    made = artifacts(worker_folder / "artifacts")
    kept = list(read_lines(made["en"]))
    assert kept
    assert set(kept) <= {source for source, _ in toy_sentences(200)}
    assert len(kept) == len(list(read_lines(made["it"])))


def test_a_changed_byte_of_an_input_ends_the_task(
    containers: Containers,
    repository: Repository,
    definition: Callable[[str], dict],
    web_server: WebServer,  # noqa: F811
    worker_folder: Path,
    tmp_path: Path,
):
    """Chain of trust, in a checkout that the worker has cached."""
    payload = definition("corpus-clean-parallel")["payload"]
    serve_artifacts(web_server, payload, corpus_files(tmp_path / "corpus"))
    changed = next(name for name in web_server.files if name.endswith(".it.zst"))
    content = bytearray(web_server.files[changed])
    content[len(content) // 2] ^= 1
    web_server.files[changed] = bytes(content)
    (tmp_path / "time").mkdir()
    (tmp_path / "time/sitecustomize.py").write_text(NO_WAITING)
    folder = tmp_path / "worker"
    folder.mkdir()
    (folder / "caches").symlink_to(worker_folder / "caches")
    run = containers.work(
        payload,
        folder,
        repository.mounts | {str(tmp_path / "time"): "/time"},
        {"TASKCLUSTER_ROOT_URL": web_server.address, "PYTHONPATH": "/time"},
    )
    assert run.returncode not in {0, *payload["onExitStatus"]["retry"]}, run.stdout
    assert f"sha256 mismatch on {web_server.address}{changed}" in run.stdout
    assert artifacts(folder / "artifacts") == {}
