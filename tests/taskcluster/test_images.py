import json
import re
import subprocess
from pathlib import Path

import pytest
from taskgraph.util.docker import generate_context_hash
from training_taskgraph import images

from tests.taskcluster.containers import PARENT, Containers

ROOT = Path(__file__).resolve().parents[2]
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+)", re.MULTILINE)
LEFTOVER = re.compile(
    r"""
    /var/lib/apt/lists/. | /var/cache/apt/. | \.deb$ | /\.cache\b | /\.npm\b | /root/.
    | /etc/(ssl|pip\.conf|uv)\b | /usr/(local/)?share/ca-certificates/ | /\.gitconfig$ | /run/.
    """,
    re.VERBOSE,
)


def dockerfile(name: str) -> str:
    return (ROOT / images.DOCKERFILES / name / "Dockerfile").read_text(encoding="utf-8")


@pytest.fixture
def recording_tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `docker` that notes its words and the files of the context that it is given; BROKEN names what it cannot build."""
    program, record = tmp_path / "bin/docker", tmp_path / "record"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/bash\n[ "$1" = info ] && exit 0\necho "$*" >> {record}\n'
        f'cd "${{@: -1}}" && find . -type f | sort >> {record}\n[[ -z "$BROKEN" || "$*" != *translations-$BROKEN:* ]]\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    return record


def test_there_is_an_image_for_every_folder():
    assert set(images.defined_images()) == {path.parent.name for path in (ROOT / images.DOCKERFILES).glob("*/Dockerfile")}


@pytest.mark.parametrize("image", images.defined_images().values(), ids=lambda image: image.name)
def test_a_dockerfile_takes_its_parent_from_the_build_argument(image):
    """Kaniko, docker and podman all want it declared before it is used."""
    begins = [line for line in dockerfile(image.name).splitlines() if line.startswith(("ARG", "FROM"))]
    assert (begins == [f"ARG {images.PARENT}", f"FROM ${images.PARENT}"]) == (image.parent is not None)


@pytest.mark.parametrize("image", images.defined_images().values(), ids=lambda image: image.name)
def test_requirements_in_one_image_agree(image):
    """They are installed one after another, and each would replace what the one before pinned otherwise."""
    pins: dict[str, set[str]] = {}
    included = re.findall(r"^# %include (requirements/\S+)$", dockerfile(image.name), re.MULTILINE)
    for name, version in (pin for file in included for pin in PIN.findall((ROOT / file).read_text(encoding="utf-8"))):
        pins.setdefault(name, set()).add(version)
    assert [name for name, versions in pins.items() if len(versions) > 1] == []


def test_build_makes_the_parents_first_from_taskgraphs_contexts(recording_tool, capfd):
    assert images.main(["data", "--tool", "docker", "--build-arg", "HTTPS_PROXY=http://127.0.0.1:1"]) == 0
    base, data = (generate_context_hash(str(ROOT), f"{images.DOCKERFILES}/{name}") for name in ("base", "data"))
    calls = [line for line in recording_tool.read_text().splitlines() if not line.startswith("./")]
    assert [call.rpartition(" ")[0] for call in calls] == [
        f"build --tag=translations-base:latest --tag=translations-base:{base} --build-arg=HTTPS_PROXY=http://127.0.0.1:1",
        f"build --tag=translations-data:latest --tag=translations-data:{data} --build-arg=DOCKER_IMAGE_PARENT=translations-base:{base}"
        " --build-arg=HTTPS_PROXY=http://127.0.0.1:1",
    ]
    files = recording_tool.read_text().split(calls[1])
    assert "./run-task/run-task\n./topsrcdir/requirements/uv.txt\n" in files[0]
    assert files[1].split() == ["./Dockerfile", "./topsrcdir/requirements/data.txt"]
    assert capfd.readouterr().out == f"built translations-data:{data}\n"


def test_a_broken_parent_ends_the_build(recording_tool, monkeypatch, capfd):
    monkeypatch.setenv("BROKEN", "base")
    assert images.main(["data", "--tool", "docker"]) == 1
    assert "translations-data" not in recording_tool.read_text()
    assert capfd.readouterr().err == "error: image base could not be built; docker's output above says why\n"


def test_without_docker_and_podman_it_says_what_to_install(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert images.main(["data"]) == 1
    message = capsys.readouterr().err
    assert "docker is not installed; podman is not installed" in message
    assert "apt-get install podman" in message


def test_a_tool_that_does_not_work_is_passed_over(tmp_path, monkeypatch):
    for name, code in (("docker", 1), ("podman", 0)):
        (tmp_path / name).write_text(f"#!/bin/sh\necho no daemon >&2\nexit {code}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert images.usable_tool() == "podman"
    with pytest.raises(images.ImageError, match="docker does not work here: no daemon"):
        images.usable_tool("docker")


def test_docker_mounts_nothing(recording_tool, capsys):
    assert images.main(["data", "--tool", "docker", "--volume", "/etc/ssl:/etc/ssl:ro"]) == 1
    assert "docker mounts nothing while it builds" in capsys.readouterr().err
    assert not recording_tool.exists()


def test_an_unknown_image_is_refused(capsys):
    assert images.main(["dta"]) == 1
    assert "there is no image 'dta'; there are align, analyze, base," in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.timeout(1800)
class TestBuilt:
    """What is in the images `base` and `data`."""

    def test_a_worker_user_and_a_locale(self, containers: Containers):
        script = """if True:
            import locale, os, pwd, sys
            worker = pwd.getpwnam("worker")
            print(worker.pw_uid, worker.pw_gid, worker.pw_dir, worker.pw_shell, os.environ["HOME"], os.getcwd())
            print(locale.getpreferredencoding(), sys.getfilesystemencoding(), *sys.version_info[:2])
        """
        shown = containers.podman("run", "--rm", "--user", "worker", "translations-data", "python3", "-c", script).stdout
        home = "/builds/worker"
        assert shown.split() == ["1000", "1000", home, "/bin/bash", home, home, "UTF-8", "utf-8", "3", "11"]

    def test_the_worker_owns_its_home(self, containers: Containers):
        find = ["find", "/builds/worker", "!", "-user", "worker"]
        assert containers.podman("run", "--rm", "translations-data", *find).stdout == ""

    def test_the_requirements_are_there(self, containers: Containers):
        listed = containers.podman("run", "--rm", "translations-data", "uv", "pip", "list", "--quiet", "--system", "--format=json").stdout
        installed = {(package["name"], package["version"]) for package in json.loads(listed)}
        assert set(PIN.findall((ROOT / "requirements/data.txt").read_text())) <= installed

    def test_nothing_of_the_build_is_left(self, containers: Containers):
        """No certificates, configuration, caches or lists of packages came to the parent's files."""
        changes = json.loads(containers.podman("diff", "--format=json", "translations-data", PARENT, stderr=subprocess.DEVNULL).stdout)
        paths = changes["added"] + changes["changed"]
        assert "/usr/local/bin/run-task" in paths
        assert [path for path in paths if LEFTOVER.search(path)] == []

    def test_nothing_of_this_machine_is_in_its_settings(self, containers: Containers):
        image = json.loads(containers.podman("image", "inspect", "translations-data").stdout)[0]
        known = {"PATH", "LANG", "LC_ALL", "PYTHONUNBUFFERED", "SHELL", "HOME"}
        assert {word.partition("=")[0] for word in image["Config"]["Env"]} == known
        history = json.dumps(image["History"])
        assert str(containers.folder) not in history
        assert "/etc/ssl" not in history
