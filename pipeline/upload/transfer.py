"""Sends one file to a bucket in chunks, and goes on where it stopped: after a lost connection, and in a later run.

The protocol is Cloud Storage's resumable upload, https://cloud.google.com/storage/docs/performing-resumable-uploads. A session is an
address that remembers the bytes it got; it is written down before the first byte is sent. Google's own client forgets it when it ends.
"""

import hashlib
import json
import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from pipeline.common.outputs import write_json
from pipeline.common.script import RetryableError, StepError
from pipeline.upload.bucket import TIMEOUT, Bucket, ConflictError, Stored, answer_of, may_succeed_later, one_line
from pipeline.upload.files import LocalFile

# What is in memory at once, and what a broken connection may lose. A multiple of 256 KiB, which the protocol demands.
CHUNK = 32 << 20
ATTEMPTS = 6  # in a row without a single new byte
WAIT = 1.0  # seconds before the second attempt, doubled before each further one

OK = {200, 201}
RESUME_INCOMPLETE = 308
SESSION_GONE = {404, 410}
# The content is not what it was declared to be: it was damaged on its way.
REFUSED = 400
PRECONDITION_FAILED = 412

# Told how many bytes of the file the server has.
Report = Callable[[int], None]


class InterruptedTransferError(Exception):
    """This attempt failed; the next one may succeed."""


class LostSessionError(InterruptedTransferError):
    """As InterruptedTransferError, but the session takes no more: the next attempt needs a new one."""


@dataclass
class Session:
    """Where a file's content goes, and the bytes of it that have arrived; `in_doubt` where the server must be asked how many that are."""

    url: str
    arrived: int = 0
    in_doubt: bool = False


def send(bucket: Bucket, name: str, file: LocalFile, generation: int, work_dir: Path, report: Report) -> Stored:
    """Makes the file the object `name`, instead of its version `generation` (0: where there is none), and returns that.

    Raises ConflictError where another version is there, RetryableError where the network fails for good.
    """
    note = work_dir / f"{hashlib.sha256(bucket.url(name).encode()).hexdigest()[:16]}.json"
    session = remembered(note, file, generation)
    failures, arrived = 0, 0
    with requests.Session() as connection:
        while True:
            if session is None:
                session = Session(bucket.begin(file, name, generation))
                write_json(note, noted(session, file, generation))
            try:
                stored = continue_transfer(connection, session, file, report)
                break
            except (InterruptedTransferError, requests.RequestException) as error:
                failures = 0 if session.arrived > arrived else failures + 1
                arrived = max(arrived, session.arrived)
                session.in_doubt = True
                if isinstance(error, LostSessionError):
                    session = None
                    note.unlink(missing_ok=True)
                if failures == ATTEMPTS:
                    raise RetryableError(f"{bucket.url(name)}: {one_line(error)}; gave up after {ATTEMPTS} attempts") from error
                wait = WAIT * 2 ** max(failures - 1, 0)
                logging.warning("%s: %s; again in %.0f s", bucket.url(name), one_line(error), wait)
                time.sleep(wait)
            except ConflictError:
                note.unlink(missing_ok=True)
                raise
    note.unlink(missing_ok=True)
    if not stored.has_content_of(file):
        damage = f"{bucket.url(name)}: {file.bytes} bytes with CRC32C {file.crc32c} arrived as {stored.bytes} with {stored.crc32c}"
        try:
            bucket.remove(name, stored.generation)
        except StepError as error:
            raise StepError(f"{damage}, which cannot be removed: {error}") from error
        raise RetryableError(f"{damage}, which was removed")
    return stored


def remembered(note: Path, file: LocalFile, generation: int) -> Session | None:
    """The session of an earlier run, if it was for the same content."""
    if not note.exists():
        return None
    found = json.loads(note.read_text(encoding="utf-8"))
    session = Session(found["url"], in_doubt=True)
    return session if found == noted(session, file, generation) else None


def noted(session: Session, file: LocalFile, generation: int) -> dict[str, Any]:
    return {"url": session.url, "bytes": file.bytes, "crc32c": file.crc32c, "generation": generation}


def continue_transfer(connection: requests.Session, session: Session, file: LocalFile, report: Report) -> Stored:
    """Sends what is missing, chunk by chunk, and returns the finished object."""
    with file.path.open("rb") as content:
        while True:
            chunk = b""
            if not session.in_doubt:
                report(session.arrived)
                content.seek(session.arrived)
                chunk = content.read(CHUNK)
            # Without content it is a question, which an empty file answers as well.
            part = f"{session.arrived}-{session.arrived + len(chunk) - 1}" if chunk else "*"
            headers = {"Content-Range": f"bytes {part}/{file.bytes}", "Content-Type": file.content_type}
            answer = connection.put(session.url, data=chunk, headers=headers, timeout=TIMEOUT)
            if answer.status_code in OK:
                report(file.bytes)
                return finished(answer)
            arrived = arrived_bytes(answer)
            if not session.in_doubt and arrived <= session.arrived:
                raise InterruptedTransferError(f"nothing has arrived of the bytes from {session.arrived} on")
            session.arrived, session.in_doubt = arrived, False


def arrived_bytes(answer: requests.Response) -> int:
    """How many bytes have arrived so far; raises where the answer is another one."""
    status = answer.status_code
    said = answer_of(answer)
    if status == RESUME_INCOMPLETE:
        # Without the header nothing has.
        arrived = re.fullmatch(r"bytes=0-(\d+)", answer.headers.get("Range", ""))
        return int(arrived[1]) + 1 if arrived else 0
    if may_succeed_later(status):
        raise InterruptedTransferError(said)
    if status in SESSION_GONE or status == REFUSED:
        raise LostSessionError(said)
    if status == PRECONDITION_FAILED:
        raise ConflictError(said)
    raise StepError(said)


def finished(answer: requests.Response) -> Stored:
    try:
        found = answer.json()
        return Stored(int(found["size"]), found["crc32c"], int(found["generation"]))
    except (ValueError, KeyError, TypeError) as error:
        raise InterruptedTransferError(f"the server did not describe the finished object ({one_line(error)})") from error
