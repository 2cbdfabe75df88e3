"""Podman with a storage of its own, a parent image made of Debian's packages, and what a worker does with a task's definition.

No registry of images is asked: the parent, Debian with its own Python, goes by the name of the official image that stands in the
Dockerfiles. Containers share the host's network, so that servers on the loopback interface stand in for Taskcluster and the web.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from training_taskgraph import images

ROOT = Path(__file__).resolve().parents[2]
PARENT = "python:3.11-slim-bookworm"
COMMANDS = ("podman", "runc", "mmdebstrap")
# Debian's Python lies elsewhere and refuses to be added to; mounted files need a place, or an empty one stays in the image.
LIKE_THE_OFFICIAL = (
    'rm "$1"/usr/lib/python3.11/EXTERNALLY-MANAGED'
    ' && ln -s /usr/bin/python3 "$1"/usr/local/bin/python3'
    ' && mkdir -p "$1"/etc/uv && touch "$1"/etc/uv/uv.toml "$1"/etc/pip.conf'
)
CERTIFICATES = Path("/etc/ssl/certs")
CONTAINERS_CONF = """
[containers]
default_ulimits = ["nofile=20000:20000", "nproc=32768:32768"]
netns = "host"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
"""
STORAGE_CONF = """
[storage]
driver = "overlay"
graphroot = "{folder}/storage"
runroot = "{folder}/run"
"""


class Containers:
    """Podman as the tests call it; `environment` is for programs that call it too."""

    def __init__(self, folder: Path):
        self.folder = folder
        settings = {"CONTAINERS_CONF": CONTAINERS_CONF, "CONTAINERS_STORAGE_CONF": STORAGE_CONF.format(folder=folder)}
        for name, text in settings.items():
            (folder / name).write_text(text, encoding="utf-8")
        # load-task calls `docker`; for what it does with it podman's command line is the same.
        (folder / "bin").mkdir()
        (folder / "bin/docker").symlink_to(str(shutil.which("podman")))
        self.environment = os.environ | {name: str(folder / name) for name in settings} | {"PATH": f"{folder}/bin:{os.environ['PATH']}"}

    def podman(self, *words: str, check: bool = True, **options: object) -> "subprocess.CompletedProcess[str]":
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "stdin": subprocess.DEVNULL, "text": True, **options}
        process = subprocess.run(["podman", *words], env=self.environment, **options)  # type: ignore[call-overload]
        assert not check or process.returncode == 0, process.stdout
        return process

    def make_parent(self) -> None:
        """Raises subprocess.CalledProcessError where Debian's archive cannot be reached or this machine runs no containers."""
        archive = self.folder / "parent.tar"
        words = ["--variant=minbase", "--quiet", "--include=ca-certificates,python3,python3-pip", f"--customize-hook={LIKE_THE_OFFICIAL}"]
        for command in (
            ["mmdebstrap", *words, "bookworm", str(archive)],
            ["podman", "import", str(archive), PARENT],
            ["podman", "run", "--rm", PARENT, "true"],
        ):
            subprocess.run(command, env=self.environment, check=True, capture_output=True, text=True)
        archive.unlink()

    def registry_options(self) -> list[str]:
        """What lets a build reach package registries as this machine does: its certificates, and pip's index for pip and uv."""
        asked = subprocess.run([sys.executable, "-m", "pip", "config", "get", "global.index-url"], capture_output=True, text=True)
        index = os.environ.get("PIP_INDEX_URL") or asked.stdout.strip()
        pip = ["[global]", f"cert = {CERTIFICATES}/ca-certificates.crt", *([f"index-url = {index}"] if index else [])]
        uv = ["native-tls = true", *(["[[index]]", f'url = "{index}"', "default = true"] if index else [])]
        for name, lines in (("pip.conf", pip), ("uv.toml", uv)):
            (self.folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        mounts = {CERTIFICATES: CERTIFICATES, self.folder / "pip.conf": "/etc/pip.conf", self.folder / "uv.toml": "/etc/uv/uv.toml"}
        return [word for host, image in mounts.items() for word in ("--volume", f"{host}:{image}:ro")]

    def build(self, name: str) -> None:
        """As `make image` does, in a process of its own, so that podman finds this storage."""
        command = [sys.executable, "-m", images.__name__, name, "--tool", "podman", *self.registry_options()]
        environment = self.environment | {"PYTHONPATH": str(ROOT / "taskcluster")}
        built = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert built.returncode == 0, built.stdout

    def work(
        self, payload: dict, folder: Path, mounts: Mapping[str, str], environment: Mapping[str, str]
    ) -> "subprocess.CompletedProcess[str]":
        """Runs a docker-worker payload as the worker does; its caches and artifacts are folders of `folder`.

        `taskgraph load-task` takes out of a payload what says that caches and volumes are mounted, and so what run-task does with them.
        """
        volumes = {str(folder / "caches" / name): path for name, path in payload["cache"].items()}
        volumes |= {str(folder / "artifacts" / name): artifact["path"] for name, artifact in payload["artifacts"].items()}
        for host in volumes:
            Path(host).mkdir(parents=True, exist_ok=True)
        words = [f"--env={name}={value}" for name, value in {**payload["env"], **environment}.items()]
        words += [f"--volume={host}:{path}" for host, path in volumes.items()]
        words += [f"--volume={host}:{path}:ro" for host, path in mounts.items()]
        return self.podman("run", "--rm", *words, f"translations-{payload['image']['taskId']}", *payload["command"], check=False)

    def remove_all(self) -> None:
        self.podman("rm", "--all", "--force", "--time=0")
        self.podman("rmi", "--all", "--force")
        # The one mount that podman leaves behind.
        subprocess.run(["umount", "--lazy", str(self.folder / "storage/overlay")], check=False, capture_output=True)


@pytest.fixture(scope="session")
def containers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Containers]:
    """With the images `base` and `data` built."""
    missing = [command for command in COMMANDS if shutil.which(command) is None]
    if missing:
        pytest.skip(f"images are built with {', '.join(COMMANDS)}; not installed here: {', '.join(missing)}")
    if os.geteuid() != 0:
        pytest.skip("these containers run as root, as those of a worker do")
    containers = Containers(tmp_path_factory.mktemp("containers"))
    try:
        try:
            containers.make_parent()
        except subprocess.CalledProcessError as error:
            pytest.skip(f"no containers can be made or run here: `{' '.join(error.cmd[:2])}` says {error.stderr.strip().splitlines()[-1:]}")
        containers.build("data")
        yield containers
    finally:
        containers.remove_all()
