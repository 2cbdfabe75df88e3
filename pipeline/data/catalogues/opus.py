"""OPUS's catalogue: parallel corpora in Moses format, and the text of each language.

The API, https://opus.nlpl.eu/opusapi/, gives `{"corpora": [{"corpus": "Books", "version": "v1", "source": "en", "target": "it",
"alignment_pairs": 32332, "size": 3200, "url": …}, …]}`: sizes in KiB, an empty string for what is unknown, and now and then several files
of one corpus. OPUS_API_URL names another address of such an API: the corpora themselves are elsewhere.
"""

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from pipeline.common.languages import Language
from pipeline.common.script import StepError
from pipeline.data.catalogues.catalogue import Catalogue, Kind, Offer, Pair, corpus_key, download

# Collections of test sets: https://opus.nlpl.eu/WMT-News, https://tico-19.github.io
TEST_SETS = {"wmtnews", "tico19"}
# Fewer bytes for a sentence pair, even compressed, are no size: the largest corpora are listed with 1 KiB.
LEAST_BYTES = 4


def source() -> str:
    return os.environ.get("OPUS_API_URL", "https://opus.nlpl.eu/opusapi").rstrip("/")


def ask(pair: Pair, folder: Path) -> list[Offer]:
    # Pairs are kept under their codes in alphabetical order.
    first, second = sorted(map(opus_code, pair))
    listed = query(source=first, target=second, preprocessing="moses", version="latest")
    offers = [offer(entry, "parallel") for entry in one_file_each(listed, f"/{first}-{second}.txt.zip")]
    for language in pair:
        code = opus_code(language)
        listed = query(source=code, preprocessing="mono", version="latest")
        untokenized = [entry for entry in listed if not entry["target"] and entry["url"].endswith(".txt.gz")]
        offers += [offer(entry, "mono", language.tag) for entry in one_file_each(untokenized, f"/{code}.txt.gz")]
    return offers


def one_file_each(entries: list[dict[str, Any]], ending: str) -> list[dict[str, Any]]:
    """Of several files of one corpus the one with the plain name, which is what the provider downloads."""
    plain_last = sorted(entries, key=lambda entry: entry["url"].endswith(ending))
    return list({(entry["corpus"], entry["version"]): entry for entry in plain_last}.values())


def opus_code(language: Language) -> str:
    return language.iso_639_1 or language.code


def query(**parameters: str) -> list[dict[str, Any]]:
    url = f"{source()}/?{urlencode(parameters)}"
    try:
        listed = json.loads(download(url))["corpora"]
        return [{"target": "", "url": "", **entry} for entry in listed if entry["corpus"] and entry["version"]]
    except (ValueError, KeyError, TypeError) as error:
        raise StepError(f"{url}: the answer is no list of corpora ({type(error).__name__}: {error})") from error


def offer(entry: dict[str, Any], kind: Kind, language: str | None = None) -> Offer:
    key = corpus_key(entry["corpus"])
    sentences = number(entry.get("alignment_pairs"))
    size = number(entry.get("size"))
    size = size and size * 1024
    if size and sentences and size < LEAST_BYTES * sentences:
        size = None
    name = f"opus_{entry['corpus']}/{entry['version']}"
    if kind == "parallel" and key in TEST_SETS:
        kind = "evaluation"
    return Offer(name, kind, key, str(entry["version"]), language, sentences, size)


def number(value: Any) -> int | None:
    """A count, which may be written as text; None where it is 0 or left out."""
    try:
        return int(value) or None
    except (TypeError, ValueError):
        return None


CATALOGUE = Catalogue("opus", ask, source, "try again where it can be reached, or name another host in OPUS_API_URL")
