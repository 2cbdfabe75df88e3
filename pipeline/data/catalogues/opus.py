"""OPUS's catalogue: parallel corpora in Moses format, and the text of each language.

The API, https://opus.nlpl.eu/opusapi/, gives `{"corpora": [{"corpus": "Books", "version": "v1", "source": "en", "target": "it",
"alignment_pairs": 32332, "size": 3200, "url": …}, …]}`: sizes in KiB, an empty string for what is unknown, and now and then several files
of one corpus. OPUS_API_URL names another address of such an API: the corpora themselves are elsewhere.
"""

import json
import os
import re
from itertools import product
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
CHINESE = {"Hans": "zh_CN", "Hant": "zh_TW"}
NORWEGIAN = {"no": ["nb"], "nb": ["no"]}


def source() -> str:
    return (os.environ.get("OPUS_API_URL") or "https://opus.nlpl.eu/opusapi").rstrip("/")


def ask(pair: Pair, folder: Path) -> list[Offer]:
    offers: dict[tuple[str, str | None], Offer] = {}
    # Corpora differ in how they write some languages. What is listed under several codes is listed once, as the provider takes one of them.
    for codes in product(*map(opus_codes, pair)):
        first, second = sorted(codes)  # pairs are kept in alphabetical order
        listed = query(source=first, target=second, preprocessing="moses", version="latest")
        for entry in one_file_each(listed, f"/{first}-{second}.txt.zip"):
            found = offer(entry, "parallel")
            offers.setdefault((found.name, None), found)
    for language in pair:
        for code in opus_codes(language):
            listed = query(source=code, preprocessing="mono", version="latest")
            untokenized = [entry for entry in listed if not entry["target"] and entry["url"].endswith(".txt.gz")]
            for entry in one_file_each(untokenized, f"/{code}.txt.gz"):
                found = offer(entry, "mono", language.tag)
                offers.setdefault((found.name, language.tag), found)
    return list(offers.values())


def one_file_each(entries: list[dict[str, Any]], ending: str) -> list[dict[str, Any]]:
    """Of several files of one corpus the one with the plain name, which is what the provider downloads."""
    plain_last = sorted(entries, key=lambda entry: entry["url"].endswith(ending))
    return list({(entry["corpus"], entry["version"]): entry for entry in plain_last}.values())


def opus_codes(language: Language) -> list[str]:
    """How most corpora write the language: `zh` and `zh_TW` for zh-Hant, `pt_BR` and `pt` for pt-BR. The one that says most comes first."""
    code = language.iso_639_1 or language.code
    region = language.tag.rpartition("-")[2]
    if code == "zh" and language.writing in CHINESE:
        return [CHINESE[language.writing], "zh"]
    if re.fullmatch(r"[A-Z]{2}", region):
        return [f"{code}_{region}", code]
    return [code, *NORWEGIAN.get(code, [])]


def query(**parameters: str) -> list[dict[str, Any]]:
    url = f"{source()}/?{urlencode(parameters)}"
    try:
        listed = json.loads(download(url))["corpora"]
        return [{"target": "", **entry, "url": entry.get("url") or ""} for entry in listed if entry["corpus"] and entry["version"]]
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
