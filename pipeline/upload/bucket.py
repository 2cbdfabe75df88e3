"""A bucket of Google Cloud Storage: what is in it, and where a file may be sent to.

Credentials come from the file that GOOGLE_APPLICATION_CREDENTIALS names. With STORAGE_EMULATOR_HOST, the address of a server that speaks
Cloud Storage's JSON API, none are needed.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from pipeline.common.script import RetryableError, StepError
from pipeline.upload.files import LocalFile

# Reading and writing objects, nothing of the bucket itself.
SCOPE = "https://www.googleapis.com/auth/devstorage.read_write"
BUSY = {408, 425, 429}  # with all of 5xx: the same request may succeed later
# Seconds before a request is repeated, doubled each time up to the longest, and until it is given up.
FIRST_WAIT, LONGEST_WAIT, PATIENCE = 1.0, 30.0, 300.0
TIMEOUT = (20, 60)  # seconds to connect, and to wait for an answer


class ConflictError(Exception):
    """Somebody else has put an object there, or changed it, in the meantime."""


@dataclass(frozen=True)
class Stored:
    """An object as the bucket describes it; `crc32c` is base64 of its four bytes, most significant first, `generation` its version."""

    bytes: int
    crc32c: str
    generation: int

    def has_content_of(self, file: LocalFile) -> bool:
        return (self.bytes, self.crc32c) == (file.bytes, file.crc32c)


def may_succeed_later(status: int) -> bool:
    return status >= 500 or status in BUSY


class Bucket:
    """Raises, from every method, StepError where trying again cannot help and RetryableError where it may."""

    def __init__(self, name: str):
        from google.cloud.storage.retry import DEFAULT_RETRY

        self.name = name
        self.retry = DEFAULT_RETRY.with_delay(FIRST_WAIT, LONGEST_WAIT, 2).with_timeout(PATIENCE)
        self.bucket = storage_client().bucket(name)

    def url(self, name: str) -> str:
        return f"gs://{self.name}/{name}"

    def find(self, name: str) -> Stored | None:
        """The object of that name, None where there is none."""
        with errors_in_one_line(self.url(name)):
            blob = self.bucket.get_blob(name, timeout=TIMEOUT, retry=self.retry)
        return Stored(blob.size, blob.crc32c, blob.generation) if blob else None

    def begin(self, file: LocalFile, name: str, generation: int) -> str:
        """The address that takes the file's content, for a week and without further credentials (a resumable upload session).

        The object appears when all is there and has the file's CRC32C, in place of its version `generation`, or of nothing for 0; raises
        ConflictError where another version is there.
        """
        from google.api_core.exceptions import PreconditionFailed

        blob = self.bucket.blob(name)
        blob.crc32c = file.crc32c
        try:
            with errors_in_one_line(self.url(name), PreconditionFailed):
                return str(
                    blob.create_resumable_upload_session(
                        file.content_type, file.bytes, if_generation_match=generation, timeout=TIMEOUT, retry=self.retry
                    )
                )
        except PreconditionFailed as error:
            raise ConflictError from error

    def remove(self, name: str, generation: int) -> None:
        """Removes that version of an object; does nothing where it is gone."""
        from google.api_core.exceptions import NotFound

        blob = self.bucket.blob(name)
        with errors_in_one_line(self.url(name), NotFound):
            try:
                blob.delete(if_generation_match=generation, timeout=TIMEOUT, retry=self.retry)
            except NotFound:
                return


def storage_client() -> Any:
    """A client with the credentials of the environment; raises StepError where there are none, or they are no credentials."""
    import google.auth
    from google.auth.exceptions import GoogleAuthError
    from google.cloud import storage

    # In the background it would look at the bucket itself, for traces that nobody collects, and with a permission that is not needed.
    os.environ["DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA"] = "true"
    if not os.environ.get("GOOGLE_APPLICATION_CREDENTIALS"):
        if os.environ.get("STORAGE_EMULATOR_HOST"):
            return storage.Client()
        raise StepError("no credentials: GOOGLE_APPLICATION_CREDENTIALS must name the file of a service account's key")
    try:
        credentials, project = google.auth.default(scopes=[SCOPE])
    except (GoogleAuthError, OSError, ValueError) as error:
        raise StepError(f"GOOGLE_APPLICATION_CREDENTIALS: {one_line(error)}") from error
    # The project matters for what is billed to it, not for objects of a bucket, and a key of another kind may name none.
    return storage.Client(project=project or "unknown", credentials=credentials)


@contextmanager
def errors_in_one_line(url: str, *passed: type[Exception]) -> Iterator[None]:
    """Turns the exceptions of the client's libraries into StepError and RetryableError; those in `passed` go through."""
    import requests
    from google.api_core.exceptions import GoogleAPICallError, RetryError
    from google.auth.exceptions import GoogleAuthError, TransportError

    try:
        yield
    except passed:
        raise
    except RetryError as error:
        raise RetryableError(f"{url}: {told_by(error.cause or error)}; given up after {PATIENCE:g} s") from error
    except GoogleAPICallError as error:
        failure = RetryableError if may_succeed_later(int(error.code or 0)) else StepError
        raise failure(f"{url}: {told_by(error)}") from error
    except GoogleAuthError as error:
        failure = RetryableError if error.retryable or isinstance(error, TransportError) else StepError
        raise failure(f"{url}: the credentials gave no access: {one_line(error)}") from error
    except (requests.RequestException, ConnectionError) as error:
        raise RetryableError(f"{url}: {one_line(error)}") from error


def answer_of(response: Any) -> str:
    """The status of a server's answer, and what it said: {"error": {"message": "..."}}, or any text."""
    said = response.text
    with suppress(ValueError, KeyError, TypeError):
        said = json.loads(said)["error"]["message"]
    return f"the server answered {response.status_code}: {one_line(said)[:300] or response.reason}"


def told_by(error: Exception) -> str:
    """What the server answered, where it did, or else the exception's own message."""
    response = getattr(error, "response", None)
    return one_line(error) if response is None else answer_of(response)


def one_line(error: object) -> str:
    """An error's message; of several arguments, as Google's libraries give them to exceptions, all."""
    parts = error.args if isinstance(error, Exception) else [error]
    return " ".join(": ".join(map(str, parts)).split())
