"""Fetches one file over http(s) or from this disk, whole or not at all.

A broken transfer goes on where it stopped (RFC 9110, 14: range requests), also in a later run that finds the partial file. Whether it
is still the same file on the server is told by its validator (ETag or Last-Modified), which stands beside it and is sent as If-Range. A
later run that finds the whole file asks whether it has changed (RFC 9110, 13: conditional requests): another file of the same dataset may
come only now, and the two sides of a corpus must not be of two versions.
"""

import hashlib
import logging
import os
import re
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path, PurePosixPath
from urllib.parse import SplitResult, unquote, urlsplit

import requests
import urllib3
from tqdm import tqdm

from pipeline.common.outputs import write_text
from pipeline.common.progress import bar
from pipeline.common.script import RetryableError, StepError
from pipeline.common.source import Source, public_address

BLOCK = 1 << 16  # what a broken connection may lose
TIMEOUT = (20, 60)  # seconds to connect, and to wait for the next bytes
ATTEMPTS = 6  # in a row that get no further than one before
WAIT = 1.0  # seconds before the second attempt, doubled before each further one
LONGEST_PAUSE = 300.0  # seconds, however long a busy server asks to be left alone (Retry-After)
BUSY = {408, 425, 429}  # with all of 5xx: the same request may succeed later
MISSING = {404, 410}
PART = re.compile(r"bytes (?P<start>\d+)-\d+/(?P<whole>\d+|\*)")  # Content-Range of a 206
UNTRUSTED = "CERTIFICATE_VERIFY_FAILED"  # OpenSSL's name, which is in its message
NAME_BYTES = 60  # of the end of an address, in the name of a file

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
    """Puts the file at `url` (http, https, or file with an absolute path) to `path`, where it is not there unchanged, and says what it is.

    `size` in bytes and `sha256` are what it has to have, where that is known; `patience` is how many seconds the server may take until the
    next bytes. Raises MissingFileError where it does not exist; StepError where it is empty, is an HTML page in place of data, whatever the
    server calls it, is not what was expected, or cannot be asked for; RetryableError where the network fails. What is wrong does not stay.
    Messages and the log name the address without what may be a key.
    """
    local = local_file(url)
    if local:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.symlink_to(local)
    else:
        fetch_http(url, path, patience)
    source = Source(url, path.stat().st_size, file_sha256(path))
    if problem := content_problem(source, path, size, sha256):
        path.unlink()
        validator_of(path).unlink(missing_ok=True)
        raise StepError(f"{public_address(url)}: {problem}")
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
    """A file name of its own for each address, which ends as the address does: with what people know the file by, and its suffix.

    Raises StepError where it is no address.
    """
    name = PurePosixPath(split_address(url).path).name.encode()[-NAME_BYTES:].decode(errors="ignore")
    return f"{hashlib.sha256(url.encode()).hexdigest()[:16]}-{name}"


def split_address(url: str) -> SplitResult:
    """The parts of an address; raises StepError where it has none. It is not shown then: nobody can tell where in it a password is."""
    try:
        return urlsplit(url)
    except ValueError:
        raise StepError("an address whose host cannot be read; expected one such as https://host/corpus.en.zst") from None


def local_file(url: str) -> Path | None:
    """The file that a file:// address names, None for http(s); raises StepError for any other address, or where there is no such file."""
    parts = split_address(url)
    if parts.scheme in {"http", "https"} and parts.netloc:
        return None
    name = public_address(url)
    if parts.scheme != "file":
        raise StepError(f"{name}: not an http, https or file address")
    path = Path(unquote(parts.path))
    if parts.netloc not in {"", "localhost"} or not path.is_absolute():
        raise StepError(f"{name}: a file is named by its absolute path, as in file:///data/corpus.en.zst")
    if not path.is_file():
        raise MissingFileError(f"{name}: no such file")
    return path


def fetch_http(url: str, path: Path, patience: float) -> None:
    """Fetches with as many attempts as it takes, while one gets further than all before or fewer than ATTEMPTS in a row did not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    name, partial = public_address(url), partial_of(path)
    furthest, failures = size_of(partial), 0
    with requests.Session() as session:
        while True:
            try:
                continue_transfer(session, url, path, patience)
                return
            except (ValueError, requests.TooManyRedirects) as error:
                raise StepError(f"{name}: {not_to_be_asked(error)}") from error
            except (InterruptedTransferError, requests.RequestException, urllib3.exceptions.HTTPError) as error:
                message = explained(error)
                if UNTRUSTED in message:
                    raise StepError(f"{name}: {message}") from error
                failures = 0 if size_of(partial) > furthest else failures + 1
                furthest = max(furthest, size_of(partial))
                if failures == ATTEMPTS:
                    raise RetryableError(f"{name}: {message}; gave up after {ATTEMPTS} attempts") from error
                wait = max(WAIT * 2 ** max(failures - 1, 0), min(getattr(error, "pause", 0), LONGEST_PAUSE))
                logging.warning("%s: %s; again in %.0f s, from byte %d", name, message, wait, size_of(partial))
                time.sleep(wait)


def not_to_be_asked(error: Exception) -> str:
    """What is told of ValueError and TooManyRedirects: what they say themselves has the whole address in it, or that of a redirect."""
    return f"it, or an address that it leads to, cannot be asked for ({type(error).__name__})"


def explained(error: Exception) -> str:
    """What an error says, without the address that the package puts before the reason."""
    cause = error.args[0] if error.args else None
    return str(cause.reason if isinstance(cause, urllib3.exceptions.MaxRetryError) else error)


def continue_transfer(session: requests.Session, url: str, path: Path, patience: float) -> None:
    """One request: appends what is missing, or starts over where the server cannot go on; InterruptedTransferError if it broke off.

    A file that an earlier run finished is replaced only if it has changed, and stays where the server gave nothing to tell that by.
    """
    name, partial, validator_file = public_address(url), partial_of(path), validator_of(path)
    validator = validator_file.read_text() if validator_file.exists() else ""
    start = size_of(partial) if validator else 0
    headers = {"Accept-Encoding": "identity"}
    if path.exists():
        if not validator:
            return
        headers["If-None-Match" if is_etag(validator) else "If-Modified-Since"] = validator
    elif start:
        headers |= {"Range": f"bytes={start}-", "If-Range": validator}

    with session.get(url, headers=headers, stream=True, timeout=(TIMEOUT[0], patience)) as response:
        status = response.status_code
        if status == 304 and path.exists():
            return
        all_there = start and status == 416 and response.headers.get("Content-Range") == f"bytes */{start}"
        if all_there and not is_of_another_version(response, validator):
            os.replace(partial, path)  # everything was there before the last run was killed
            return
        if status == 416:
            partial.unlink(missing_ok=True)
            raise InterruptedTransferError("the server has less than was already fetched")
        if status >= 500 or status in BUSY:
            raise InterruptedTransferError(f"the server answered {status} {response.reason}", asked_pause(response))
        if status not in {200, 206}:
            kind = MissingFileError if status in MISSING else StepError
            raise kind(f"{name}: the server answered {status} {response.reason}")
        if response.headers.get("Content-Type", "").startswith("text/html"):
            raise StepError(f"{name}: the server sent {PAGE}")

        missing = response.raw.length_remaining  # None where the server does not say it
        whole = missing
        if status == 206:
            part = PART.fullmatch(response.headers.get("Content-Range", ""))
            if not start or not part or int(part["start"]) != start:
                raise StepError(f"{name}: asked for all from byte {start} on, the server sent {response.headers.get('Content-Range')}")
            if is_of_another_version(response, validator):
                partial.unlink()
                raise InterruptedTransferError("the file has changed on the server")
            whole = None if part["whole"] == "*" else int(part["whole"])
        path.unlink(missing_ok=True)
        with partial.open("ab" if status == 206 else "wb") as file, transfer_bar(url, missing) as shown:
            # Only now, when the bytes of another version are gone, may the new version's validator stand beside the file.
            if status == 200:
                write_text(validator_file, strong_validator(response))
            # Raw: a server that labels corpus.gz as "Content-Encoding: gzip" must not have it decompressed on the way.
            for block in response.raw.stream(BLOCK, decode_content=False):
                file.write(block)
                file.flush()
                shown.update(len(block))
            os.fsync(file.fileno())
        if whole is not None and size_of(partial) < whole:
            raise InterruptedTransferError(f"the connection closed after {size_of(partial)} of {whole} bytes")
    os.replace(partial, path)


def partial_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.partial")


def validator_of(path: Path) -> Path:
    """Where the validator of a file stands, be it whole or partial; empty where the server gave none."""
    return path.with_name(f"{path.name}.validator")


def transfer_bar(url: str, expected: int | None) -> tqdm:
    return bar(None, PurePosixPath(urlsplit(url).path).name, expected, "B")


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
    return etag if is_etag(etag) else response.headers.get("Last-Modified", "")


def is_etag(validator: str) -> bool:
    """Whether it is a strong ETag, and neither a weak one nor a date."""
    return validator.startswith('"')


def is_of_another_version(response: requests.Response, validator: str) -> bool:
    """Whether a part is not of the file that was begun: some servers do not heed If-Range. A part need not repeat a validator."""
    answered = strong_validator(response)
    return bool(answered) and is_etag(answered) == is_etag(validator) and answered != validator


def size_of(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
