"""What a provider's catalogue is, and what it says of a dataset."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipeline.common.languages import Language
from pipeline.common.script import RetryableError, StepError

Pair = tuple[Language, Language]
# Sentence pairs to train on, sentence pairs that are kept for evaluation, or text in one language.
Kind = Literal["parallel", "evaluation", "mono"]

# Someone sits there and waits, so these are shorter than those of a step's downloads.
ATTEMPTS = 3
WAIT = 1.0  # seconds before the third attempt, doubled before each further one; the second is made at once
TIMEOUT = (10, 60)  # seconds to connect, and to wait for the next bytes
LONGEST_PAUSE = 10  # seconds, however long a busy server asks to be left alone (Retry-After)
BUSY = {408, 425, 429}  # with all of 5xx: the same request may succeed later
MISSING = {404, 410}


@dataclass(frozen=True)
class Offer:
    """A dataset that a provider offers, by its full name as a training config writes it.

    `corpus` is what the text is known by, whoever offers it: two offers of one corpus have the same text, or versions of it. `language` is
    the tag of monolingual text. Of `sentences` and `bytes` (of the download) the provider states both, one or none.
    """

    name: str
    kind: Kind
    corpus: str
    version: str = ""
    language: str | None = None
    sentences: int | None = None
    bytes: int | None = None
    remark: str = ""


@dataclass(frozen=True)
class Catalogue:
    """Where to learn what a provider offers.

    `ask` gets the pair and the folder of catalogues, for files of its own. It raises StepError where the catalogue cannot be had; a pair
    that it does not know is an empty list. `source` names what is asked, and changes with it; `advice` says what helps where that fails.
    What comes with the code or with an installed package is not `cached`.
    """

    provider: str
    ask: Callable[[Pair, Path], list[Offer]]
    source: Callable[[], str]
    advice: str
    cached: bool = True


class NotListedError(StepError):
    """The server was reached, and has nothing at this address."""


def download(url: str) -> str:
    """The text at an address; raises NotListedError where there is none, RetryableError where the network fails, StepError otherwise."""
    # requests takes a while to import, and whoever only asks for the parser does not need it
    import requests
    from requests.adapters import HTTPAdapter
    from requests.exceptions import ChunkedEncodingError, InvalidSchema, RetryError
    from urllib3.util import Retry

    busy = [*BUSY, *range(500, 600)]
    retries = Retry(ATTEMPTS - 1, backoff_factor=WAIT, status_forcelist=busy, retry_after_max=LONGEST_PAUSE)
    with requests.Session() as session:
        for scheme in ("http://", "https://"):
            session.mount(scheme, HTTPAdapter(max_retries=retries))
        try:
            response = session.get(url, timeout=TIMEOUT)
        except (requests.ConnectionError, requests.Timeout, RetryError, ChunkedEncodingError) as error:
            raise RetryableError(f"{url}: {cause(error)}") from error
        except InvalidSchema as error:
            raise StepError(f"{url}: a catalogue is asked over http or https; only datasets may be at other addresses") from error
        except requests.RequestException as error:
            raise StepError(f"{url}: {error}") from error
    if response.status_code != requests.codes.ok:
        refusal = NotListedError if response.status_code in MISSING else StepError
        raise refusal(f"{url}: the server answered {response.status_code} {response.reason}")
    return response.content.decode("utf-8", errors="replace")


def cause(error: Exception) -> str:
    """What went wrong with a connection, without the objects and addresses that the message of requests names before it."""
    failure = getattr(error.args[0] if error.args else None, "reason", None) or error
    return str(failure).split("): ", 1)[-1].replace("\n", " ")


def corpus_key(name: str) -> str:
    """A name without what catalogues write differently, as in `bible-uedin`, `bible_uedin`. `ELRC-1078-EUIPO_law` goes by its number."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    numbered = re.match(r"elrc[-_](\d+)", name.lower())
    return f"elrc{numbered[1]}" if numbered else plain
