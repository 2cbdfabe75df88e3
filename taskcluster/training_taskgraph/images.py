"""Builds a docker image on this machine, its parents first, from the same contexts that a decision task publishes.

    python -m training_taskgraph.images train --tool podman

makes `translations-base` and `translations-train`, each with two tags: `latest`, and the hash of its context, which is the HASH of the task
that builds it on Taskcluster.

What only this machine needs to reach its registries, a mirror's address or a certificate, is a build argument or, with podman, a mount. Of
a mount an image keeps at most an empty file. Docker and podman know HTTP_PROXY and HTTPS_PROXY as build arguments that no Dockerfile
declares, and leave them out of the image's history. These images are for trying things out; those that tasks run in Taskcluster builds.
"""

import argparse
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from taskgraph.util.docker import create_context_tar

ROOT = Path(__file__).resolve().parents[2]
KIND = "taskcluster/kinds/docker-image/kind.yml"
DOCKERFILES = "taskcluster/docker"
# The build argument in which Taskcluster's image_builder hands a Dockerfile its parent.
PARENT = "DOCKER_IMAGE_PARENT"
TOOLS = ("docker", "podman")
TO_INSTALL = "On Debian 12, as root: apt-get install podman (rootless use needs uidmap and slirp4netns too), or docker.io"


class ImageError(Exception):
    """What a person can mend."""


@dataclass(frozen=True)
class Image:
    name: str
    parent: str | None = None

    def tag(self, version: str) -> str:
        return f"translations-{self.name}:{version}"


def defined_images(root: Path = ROOT) -> dict[str, Image]:
    """The images of the kind, by name."""
    tasks = yaml.safe_load((root / KIND).read_text(encoding="utf-8"))["tasks"]
    return {name: Image(name, task.get("parent")) for name, task in tasks.items()}


def lineage(name: str, images: dict[str, Image]) -> list[Image]:
    """An image after its parents; raises ImageError where there is none of that name."""
    if name not in images:
        raise ImageError(f"there is no image {name!r}; there are {', '.join(sorted(images))}")
    image = images[name]
    return [*(lineage(image.parent, images) if image.parent else []), image]


def usable_tool(wanted: str | None = None) -> str:
    """The first of docker and podman that answers, or the wanted one; raises ImageError where none does, with why."""
    reasons = []
    for tool in [wanted] if wanted else TOOLS:
        if shutil.which(tool) is None:
            reasons.append(f"{tool} is not installed")
            continue
        answer = subprocess.run([tool, "info"], capture_output=True, text=True)
        if answer.returncode == 0:
            return tool
        complaints = answer.stderr.strip().splitlines() or [f"`{tool} info` ended with exit code {answer.returncode}"]
        reasons.append(f"{tool} does not work here: {complaints[-1]}")
    raise ImageError(f"no image can be built: {'; '.join(reasons)}\n{TO_INSTALL}")


def build(name: str, tool: str, options: Sequence[str] = (), root: Path = ROOT) -> str:
    """Builds an image and its parents with further options of `tool build`; returns the tag that names its context."""
    parent = ""
    for image in lineage(name, defined_images(root)):
        with tempfile.TemporaryDirectory() as folder:
            archive, context = Path(folder, "context.tar.gz"), Path(folder, "context")
            digest = create_context_tar(str(root), f"{DOCKERFILES}/{image.name}", str(archive))
            # Podman takes no archive from its standard input.
            with tarfile.open(archive) as tar:
                tar.extractall(context)
            command = [tool, "build", *build_words(image, digest, parent), *options, str(context)]
            if subprocess.run(command).returncode != 0:
                raise ImageError(f"image {image.name} could not be built; {tool}'s output above says why")
        parent = image.tag(digest)
    return parent


def build_words(image: Image, digest: str, parent: str) -> Iterator[str]:
    for tag in ("latest", digest):
        yield f"--tag={image.tag(tag)}"
    if parent:
        yield f"--build-arg={PARENT}={parent}"


def local_options(arguments: argparse.Namespace, tool: str) -> list[str]:
    """What a build on this machine has beside those on Taskcluster; raises ImageError for what the tool cannot."""
    if arguments.volume and tool != "podman":
        raise ImageError(f"{tool} mounts nothing while it builds; use podman, or build arguments")
    return [f"--build-arg={word}" for word in arguments.build_arg] + [f"--volume={word}" for word in arguments.volume]


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", metavar="NAME", help="a folder of taskcluster/docker")
    parser.add_argument("--tool", choices=TOOLS, help="by default the first that works")
    parser.add_argument("--build-arg", action="append", default=[], metavar="NAME=VALUE", help="for this build only")
    parser.add_argument("--volume", action="append", default=[], metavar="HOST:IMAGE:ro", help="mounted while it is built; podman only")
    arguments = parser.parse_args(argv)
    try:
        lineage(arguments.name, defined_images())
        tool = usable_tool(arguments.tool)
        tag = build(arguments.name, tool, local_options(arguments, tool))
    except ImageError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"built {tag}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
