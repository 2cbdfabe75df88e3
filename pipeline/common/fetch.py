"""Fetches one file over http(s) or from this disk, whole or not at all.

A broken transfer goes on where it stopped (RFC 9110, 14: range requests), also in a later run that finds the partial file. Whether it
is still the same file on the server is told by its validator (ETag or Last-Modified), sent as If-Range.
"""

import hashlib
import logging
import os
import re
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import requests
import urllib3
from tqdm import tqdm

from pipeline.common.outputs import write_text
from pipeline.common.progress import bar
from pipeline.common.script import RetryableError, StepError
from pipeline.common.source import Source

BLOCK = 1 << 16  # what a broken connection may lose
TIMEOUT = (20, 60)  # seconds to connect, and to wait for the next bytes
ATTEMPTS = 6  # in a row without a single new byte
WAIT = 1.0  # seconds before the second attempt, doubled before each further one
LONGEST_PAUSE = 300.0  # seconds, however long a busy server asks to be left alone (Retry-After)
BUSY = {408, 425, 429}  # with all of 5xx: the same request may succeed later
MISSING = {404, 410}

PAGE = "an HTML page in place of data; does the address need a login, or has it moved?"
PAGE_BEGINNING = re.compile(rb"(\xef\xbb\xbf)?\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype\s+html|html[\s>])", re.IGNORECASE | re.DOTALL)


class MissingFileError(StepError):
    """There is no file at this address."""


class InterruptedTransferError(Exception):
    """This attempt failed; the next one may succeed, which the server does not want before `pause` seconds have passed."""

    def __init__(self, message: str, pause: float = 0) -> None:
        super().__init__(message)
        self.pause = pause


def fetch(url: str, path: Path, *, size: int | None = None, sha256: str | None = None, patience: float = TIMEOUT[1]) -> Source:
    """Puts the file at `url` (http, https, or file with an absolute path) to `path`, unless an earlier run did, and says what it is.

    `size` in bytes and `sha256` are what it has to have, where that is known; `patience` is how many seconds the server may take until the
    next bytes. Raises MissingFileError where it does not exist; StepError where it is empty, is an HTML page in place of data, whatever the
    server calls it, or is not what was expected; RetryableError where the network fails. What is wrong does not stay.
    """
    local = local_file(url)
    if local:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.symlink_to(local)
    elif not path.exists():
        fetch_http(url, path, patience)
    source = Source(url, path.stat().st_size, file_sha256(path))
    if problem := content_problem(source, path, size, sha256):
        path.unlink()
        raise StepError(f"{url}: {problem}")
    return source


def content_problem(source: Source, path: Path, size: int | None, sha256: str | None) -> str | None:
    """What is wrong with a file that came."""
    with path.open("rb") as file:
        beginning = file.read(1024)
    if not beginning:
        return "the file is empty"
    if PAGE_BEGINNING.match(beginning):
        return f"the server sent {PAGE}"
    if size not in {None, source.bytes}:
        return f"expected {size} bytes, there are {source.bytes}: the file has changed, or this is another one"
    if sha256 not in {None, source.sha256}:
        return f"expected the sha256 {sha256}, it is {source.sha256}: the file has changed, or was damaged on its way"
    return None


def local_name(url: str) -> str:
    """A file name of its own for each address, which ends as the address does: with what people know the file by, and its suffix."""
    return f"{hashlib.sha256(url.encode()).hexdigest()[:16]}-{PurePosixPath(urlsplit(url).path).name[-60:]}"


def local_file(url: str) -> Path | None:
    """The file that a file:// address names, None for http(s); raises StepError for any other address, or where there is no such file."""
    parts = urlsplit(url)
    if parts.scheme in {"http", "https"} and parts.netloc:
        return None
    if parts.scheme != "file":
        raise StepError(f"{url}: not an http, https or file address")
    path = Path(unquote(parts.path))
    if parts.netloc not in {"", "localhost"} or not path.is_absolute():
        raise StepError(f"{url}: a file is named by its absolute path, as in file:///data/corpus.en.zst")
    if not path.is_file():
        raise MissingFileError(f"{url}: no such file")
    return path


def fetch_http(url: str, path: Path, patience: float) -> None:
    """Fetches with as many attempts as it takes, while each brings something or fewer than ATTEMPTS in a row brought nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.partial")
    failures = 0
    with requests.Session() as session:
        while True:
            before = size_of(partial)
            try:
                continue_transfer(session, url, partial, patience)
                break
            except (InterruptedTransferError, requests.ConnectionError, requests.Timeout, urllib3.exceptions.HTTPError) as error:
                failures = 0 if size_of(partial) > before else failures + 1
                if failures == ATTEMPTS:
                    raise RetryableError(f"{url}: {error}; gave up after {ATTEMPTS} attempts") from error
                wait = max(WAIT * 2 ** max(failures - 1, 0), min(getattr(error, "pause", 0), LONGEST_PAUSE))
                logging.warning("%s: %s; again in %.0f s, from byte %d", url, error, wait, size_of(partial))
                time.sleep(wait)
            except requests.RequestException as error:
                raise StepError(f"{url}: {error}") from error
    os.replace(partial, path)


def continue_transfer(session: requests.Session, url: str, partial: Path, patience: float) -> None:
    """One request: appends what is missing, or starts over where the server cannot go on; InterruptedTransferError if it broke off."""
    validator_file = partial.with_name(f"{partial.name}.validator")
    validator = validator_file.read_text() if validator_file.exists() else ""
    start = size_of(partial) if validator else 0
    headers = {"Accept-Encoding": "identity"}
    if start:
        headers |= {"Range": f"bytes={start}-", "If-Range": validator}

    with session.get(url, headers=headers, stream=True, timeout=(TIMEOUT[0], patience)) as response:
        status = response.status_code
        if status == 416 and response.headers.get("Content-Range") == f"bytes */{start}":
            validator_file.unlink()  # everything was there before the last run was killed
            return
        if status == 416:
            partial.unlink()
            raise InterruptedTransferError("the server has less than was already fetched")
        if status >= 500 or status in BUSY:
            raise InterruptedTransferError(f"the server answered {status} {response.reason}", asked_pause(response))
        if status not in {200, 206}:
            kind = MissingFileError if status in MISSING else StepError
            raise kind(f"{url}: the server answered {status} {response.reason}")
        if response.headers.get("Content-Type", "").startswith("text/html"):
            raise StepError(f"{url}: the server sent {PAGE}")

        if status == 206 and not response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
            raise StepError(f"{url}: asked for bytes from {start} on, the server sent {response.headers.get('Content-Range')}")
        expected = int(response.headers.get("Content-Length", -1))
        received = 0
        with partial.open("ab" if status == 206 else "wb") as file, transfer_bar(url, expected) as shown:
            # Only now, when the bytes of another version are gone, may the new version's validator stand beside the file.
            write_text(validator_file, strong_validator(response))
            # Raw: a server that labels corpus.gz as "Content-Encoding: gzip" must not have it decompressed on the way.
            for block in response.raw.stream(BLOCK, decode_content=False):
                received += file.write(block)
                file.flush()
                shown.update(len(block))
            os.fsync(file.fileno())
        if received < expected:
            raise InterruptedTransferError(f"the connection closed after {received} of {expected} bytes")
    validator_file.unlink()


def transfer_bar(url: str, expected: int) -> tqdm:
    return bar(None, PurePosixPath(urlsplit(url).path).name, expected if expected >= 0 else None, "B")


def asked_pause(response: requests.Response) -> float:
    """The seconds of Retry-After (RFC 9110, 10.2.3), which is a number or a date; 0 where there is none that can be read."""
    asked = response.headers.get("Retry-After", "").strip()
    if asked.isdecimal():
        return float(asked)
    try:
        return max((parsedate_to_datetime(asked).replace(tzinfo=UTC) - datetime.now(UTC)).total_seconds(), 0)
    except ValueError:
        return 0


def strong_validator(response: requests.Response) -> str:
    """What If-Range may be given: a strong ETag, else the date of the last change, else nothing, which means no range request."""
    etag = response.headers.get("ETag", "")
    return etag if etag.startswith('"') else response.headers.get("Last-Modified", "")


def size_of(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
