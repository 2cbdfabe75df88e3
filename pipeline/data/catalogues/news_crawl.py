"""News crawl, https://data.statmt.org/news-crawl: a folder for each language with a file for each year, as the server lists them.

NEWS_CRAWL_URL names another place with the same folders.
"""

import html
import os
import re
from collections.abc import Iterator
from pathlib import Path

from pipeline.common.languages import Language
from pipeline.common.script import StepError
from pipeline.data.catalogues.catalogue import Catalogue, NotListedError, Offer, Pair, download

# What a file's row says of its size, rounded: 176M, 1.2G.
SIZE = re.compile(r">\s*(\d+(?:\.\d+)?)([KMGT]?)\s*<")
UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def source() -> str:
    return (os.environ.get("NEWS_CRAWL_URL") or "https://data.statmt.org/news-crawl").rstrip("/")


def ask(pair: Pair, folder: Path) -> list[Offer]:
    return [offer for language in pair for offer in offers(language)]


def offers(language: Language) -> Iterator[Offer]:
    code = language.iso_639_1 or language.code
    url = f"{source()}/{code}/"
    try:
        listing = html.unescape(download(url))
    except NotListedError:
        return  # it has no folder for the language
    if "<a " not in listing.lower():
        raise StepError(f"{url}: the answer is no list of files")
    for row in listing.splitlines():
        if found := re.search(rf'href="news\.(\d{{4}})\.{re.escape(code)}\.shuffled\.deduped\.gz"', row):
            name = f"news.{found[1]}"
            yield Offer(f"news-crawl_{name}", "mono", name, language=language.tag, bytes=size_in(row))


def size_in(row: str) -> int | None:
    size = SIZE.search(row)
    return round(float(size[1]) * UNITS[size[2]]) if size else None


CATALOGUE = Catalogue("news-crawl", ask, source, "try again where it can be reached, or name a mirror in NEWS_CRAWL_URL")
