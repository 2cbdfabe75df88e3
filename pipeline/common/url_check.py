"""Whether addresses lead to files, found out before anything is downloaded.

A GET request for the first byte says so, and is cut off where the server sends more: HEAD is refused by some servers, and by every
address that was signed for GET.
"""

import logging
import time
from collections.abc import Iterable

import requests

from pipeline.common.fetch import ATTEMPTS, BUSY, PAGE, TIMEOUT, WAIT, explained, local_file, not_to_be_asked
from pipeline.common.script import RetryableError, StepError
from pipeline.common.source import public_address


class UnreachableError(Exception):
    """The network or the server is in trouble: nobody knows whether there is such a file."""


def check_urls(urls: Iterable[str]) -> None:
    """Raises StepError that lists every address without a file behind it; RetryableError where only the network fails."""
    wrong, unreachable = [], []
    for url in dict.fromkeys(urls):
        try:
            if problem := problem_of(url):
                wrong.append(problem)
        except UnreachableError as error:
            unreachable.append(str(error))
    if wrong:
        raise StepError("; ".join(wrong))
    if unreachable:
        raise RetryableError("; ".join(unreachable))


def exists(url: str) -> bool:
    """Whether there is a file; raises RetryableError where the network fails."""
    try:
        return problem_of(url) is None
    except UnreachableError as error:
        raise RetryableError(str(error)) from error


def problem_of(url: str) -> str | None:
    """Why there is no file at `url`, None where there is one; raises UnreachableError."""
    try:
        local = local_file(url)
        if local is None:
            return http_problem(url)
        return None if local.stat().st_size else f"{public_address(url)}: the file is empty"
    except (ValueError, requests.TooManyRedirects) as error:
        return f"{public_address(url)}: {not_to_be_asked(error)}"
    except (StepError, requests.RequestException) as error:
        return str(error) if isinstance(error, StepError) else f"{public_address(url)}: {explained(error)}"


def http_problem(url: str) -> str | None:
    """As problem_of, with as many requests as it takes."""
    name = public_address(url)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            headers = {"Accept-Encoding": "identity", "Range": "bytes=0-0"}
            with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as response:
                if response.status_code < 500 and response.status_code not in BUSY:
                    return answer_problem(name, response)
                trouble = f"the server answered {response.status_code} {response.reason}"
        except (requests.ConnectionError, requests.Timeout) as error:
            trouble = explained(error)
        if attempt < ATTEMPTS:
            wait = WAIT * 2 ** (attempt - 1)
            logging.warning("%s: %s; again in %.0f s", name, trouble, wait)
            time.sleep(wait)
    raise UnreachableError(f"{name}: {trouble}; gave up after {ATTEMPTS} attempts")


def answer_problem(name: str, response: requests.Response) -> str | None:
    if response.status_code == 416 or response.headers.get("Content-Length") == "0":
        return f"{name}: the file is empty"
    if response.status_code not in {200, 206}:
        return f"{name}: the server answered {response.status_code} {response.reason}"
    if response.headers.get("Content-Type", "").startswith("text/html"):
        return f"{name}: the server sent {PAGE}"
    return None
