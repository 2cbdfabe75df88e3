"""Fetches what an earlier run of this task has left in a folder of its artifacts, so that this run can go on from there.

    python3 taskcluster/scripts/resume.py FOLDER

Where a worker is lost, Taskcluster runs the task again, on another one; its artifacts so far may have been uploaded, whole or not. A folder
of artifacts with a manifest.json, {"files": {path in the folder: {"sha256", "size"}}}, is taken if every file that is listed is there and
as it says: from the newest such run, into $UPLOAD_DIR/FOLDER, the manifest last. Is there none, the task begins from the beginning.

Does nothing in a first run, and outside of Taskcluster. Exits with 75 where the network or a server is in trouble for minutes: then the
task is to be tried again, for its work is not lost. Standard library only: it runs in every image.
"""

import hashlib
import http.client
import json
import os
import shutil
import ssl
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

MANIFEST = "manifest.json"
# What a step publishes is below this.
ARTIFACTS = "public/build"
RETRYABLE_EXIT_CODE = 75
ATTEMPTS = 8
WAIT_SECONDS = 1.0  # before the second attempt, doubled before each further one: two minutes in all
TIMEOUT_SECONDS = 60
BUSY = {408, 425, 429}  # with all of 5xx: the same request may succeed later
BLOCK = 1 << 20
NETWORK_ERRORS = (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError, ssl.SSLError)

Sleep = Callable[[float], None]


class UnusableError(Exception):
    """A run has not left what is looked for, or not all of it."""


class TroubleError(Exception):
    """The network or a server is in trouble; nobody knows what there is."""


class EarlierRun:
    """The artifacts of one run of a task."""

    def __init__(self, root: str, task: str, run: int, sleep: Sleep):
        self.address = f"{root.rstrip('/')}/api/queue/v1/task/{task}/runs/{run}/artifacts"
        self.sleep = sleep

    def take(self, folder: str, target: Path) -> None:
        """Puts the files of an artifacts' folder to `target`, the manifest last; raises UnusableError, TroubleError."""
        fetched = target / f".{MANIFEST}.partial"
        self.fetch(f"{folder}/{MANIFEST}", fetched)
        for path, recorded in listed_files(fetched).items():
            if not agrees(target / path, recorded):
                self.fetch(f"{folder}/{path}", target / path)
            if not agrees(target / path, recorded):
                raise UnusableError(f"{path} is not the file that the manifest lists")
        fetched.replace(target / MANIFEST)

    def fetch(self, name: str, path: Path) -> None:
        """Puts one artifact to `path`, with as many attempts as it takes."""
        url = f"{self.address}/{urllib.parse.quote(f'{ARTIFACTS}/{name}')}"
        path.parent.mkdir(parents=True, exist_ok=True)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                download(url, path)
                return
            except urllib.error.HTTPError as error:
                if error.code < 500 and error.code not in BUSY:
                    raise UnusableError(f"{name}: {error.code} {error.reason}") from error
                trouble = f"{name}: {error.code} {error.reason}"
            except NETWORK_ERRORS as error:
                trouble = f"{name}: {error}"
            if attempt < ATTEMPTS:
                wait = WAIT_SECONDS * 2 ** (attempt - 1)
                say(f"{trouble}; again in {wait:.0f} s")
                self.sleep(wait)
        raise TroubleError(f"{trouble}; gave up after {ATTEMPTS} attempts")


def download(url: str, path: Path) -> None:
    """One attempt. The queue redirects to where the artifact is stored, which may be compressed."""
    request = urllib.request.Request(url, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response, path.open("wb") as file:
        for block in decoded(received(response), response.headers.get("Content-Encoding", "identity")):
            file.write(block)


def received(response: http.client.HTTPResponse) -> Iterator[bytes]:
    """The bytes of an answer; raises ConnectionError where it breaks off."""
    expected, size = response.headers.get("Content-Length"), 0
    while block := response.read(BLOCK):
        size += len(block)
        yield block
    if expected is not None and size < int(expected):
        raise ConnectionError(f"the connection closed after {size} of {expected} bytes")


def decoded(blocks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    if encoding == "identity":
        yield from blocks
        return
    if encoding != "gzip":
        raise UnusableError(f"an artifact is encoded as {encoding}, which nobody asked for")
    decoder = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        for block in blocks:
            yield decoder.decompress(block)
        yield decoder.flush()
    except zlib.error as error:
        raise UnusableError(f"an artifact is said to be gzip, and is not: {error}") from error


def listed_files(manifest: Path) -> dict[str, dict[str, Any]]:
    """What a manifest lists; raises UnusableError where it is none, or where a path leads out of its folder."""
    try:
        files: dict[str, dict[str, Any]] = json.loads(manifest.read_bytes())["files"]
        paths = [PurePosixPath(path) for path, recorded in files.items() if recorded["sha256"] and recorded["size"] >= 0]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnusableError(f"{MANIFEST} is not a manifest ({error!r})") from error
    if not files or any(path.is_absolute() or ".." in path.parts or str(path) in {".", MANIFEST} for path in paths):
        raise UnusableError(f"{MANIFEST} lists no files, or others than of its folder")
    return files


def agrees(path: Path, recorded: Mapping[str, Any]) -> bool:
    """Whether a file is there, with the size and hash that a manifest says."""
    if not path.is_file() or path.stat().st_size != recorded["size"]:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == recorded["sha256"]


def resume(folder: str, environment: Mapping[str, str], sleep: Sleep) -> None:
    """Takes the folder, unless it is there, from the newest earlier run that has left all of it; raises TroubleError."""
    root = environment.get("TASKCLUSTER_PROXY_URL") or environment["TASKCLUSTER_ROOT_URL"]
    target = Path(environment["UPLOAD_DIR"]) / folder
    if (target / MANIFEST).exists():
        return
    for run in reversed(range(int(environment["RUN_ID"]))):
        try:
            EarlierRun(root, environment["TASK_ID"], run, sleep).take(folder, target)
        except UnusableError as error:
            say(f"run {run} has left nothing to go on from: {error}")
            shutil.rmtree(target, ignore_errors=True)
        else:
            say(f"this run goes on from what run {run} has left in {folder}/")
            return
    say(f"no earlier run has left a whole {folder}/: this one begins from the beginning")


def say(message: str) -> None:
    print(f"[resume] {message}", file=sys.stderr, flush=True)


def main(words: Sequence[str], environment: Mapping[str, str], sleep: Sleep = time.sleep) -> int:
    """Returns the exit code."""
    (folder,) = words
    if int(environment.get("RUN_ID") or 0) < 1 or not environment.get("TASK_ID"):
        return 0
    try:
        resume(folder, environment, sleep)
    except TroubleError as error:
        say(f"{error} (may be tried again)")
        return RETRYABLE_EXIT_CODE
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
