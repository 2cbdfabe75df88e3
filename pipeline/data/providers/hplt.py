"""Text of the web in documents with scores, `hplt_mono/v2.0`, https://hplt-project.org/datasets.

De Gibert et al. 2024, https://arxiv.org/abs/2403.14009; Burchell et al. 2025, https://arxiv.org/abs/2503.10267. Of each language there is a
list of shards, and a shard has a JSON document a line: `text`, whose lines are its segments, and, from v2.0 on, `doc_scores`, of which the
first is the document's score from 0 to 10 (https://github.com/pablop16n/web-docs-scorer). Each segment becomes a line.

Shards are read one after the other and deleted as they were read: a language has up to hundreds of gigabytes of them, one shard up to some
thirty. A run that was killed begins with the first shard again, and finds what was on this disk of the one that it was at.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from pipeline.common.blocks import Block, Lines, read_ahead
from pipeline.common.languages import Language, parse_language
from pipeline.common.script import StepError
from pipeline.common.source import Source, public_address
from pipeline.common.texts import as_texts
from pipeline.data.dataset import Dataset, Provider
from pipeline.data.web_files import WebFile, download_file, download_first, root_address

HOST = "https://data.hplt-project.org"
NAME = re.compile(r"mono/(?P<version>v[0-9.]+)")
LICENCE = "CC0-1.0"  # of the packaging, say the releases' pages
DECODER = json.JSONDecoder(strict=False)  # takes tabs and the like as they are


@dataclass(frozen=True)
class Release:
    """Where a release has the lists of shards, with the language's code in place of {}."""

    shards: str
    scores: bool = True
    scripts: bool = True  # whether codes name the script


RELEASES = {
    "v1.2": Release("one/monotext/cleaned/{}_map.txt", scores=False, scripts=False),
    "v2.0": Release("two/cleaned/{}_map.txt"),
    "v3.0": Release("three/sorted/{}.map"),
}


def download(name: str, languages: tuple[str, ...], work_dir: Path, min_document_score: float = 0.0) -> Dataset:
    """Only the list of shards is downloaded here, and shards as they are read; see `fetch` for errors of the network."""
    match = NAME.fullmatch(name)
    release = RELEASES.get(match["version"]) if match else None
    if release is None:
        raise StepError(f"expected {' or '.join(f'hplt_mono/{version}' for version in RELEASES)}")
    if min_document_score > 0 and not release.scores:
        raise StepError(f"documents of {name} have no scores: set the least score to 0, or take a later release")
    root = root_address("HPLT_URL", HOST)
    codes = hplt_codes(parse_language(languages[0]), release)
    lists = [f"{root}/{release.shards.format(code)}" for code in codes]
    shard_list = download_first(lists, work_dir, f"HPLT has no {name} in {' or '.join(codes)}")
    dataset = Documents(shard_addresses(shard_list, root), work_dir, min_document_score if release.scores else None, [shard_list.source])
    dataset.details["hplt"] = codes[lists.index(shard_list.url)]
    return Dataset(lambda: as_texts(dataset.blocks()), dataset.sources, LICENCE, dataset.details)


def hplt_codes(language: Language, release: Release) -> list[str]:
    """How releases may call the language: most as FLORES-200 does (lvs_Latn), some a macrolanguage by its own code (ara_Arab)."""
    if not release.scripts:
        return list(dict.fromkeys([language.iso_639_1 or language.code, language.bitextor[-1]]))
    writing = language.flores.partition("_")[2]
    codes = [language.flores, f"{language.iso_639_3}_{writing}"]
    if language.iso_639_1 == "zh":
        codes.append(f"cmn_{writing}")
    return list(dict.fromkeys(codes))


def shard_addresses(shard_list: WebFile, root: str) -> list[str]:
    """The addresses in a list of shards, on the host that the list is from: a mirror's list may be a copy that names the public host."""
    lines = [line.decode("utf-8", "replace").strip() for lines in shard_list.lines() for line in lines]
    addresses = [urljoin(shard_list.url, line) for line in lines if line]
    paths = [address.removeprefix(f"{HOST}/").removeprefix(f"{root}/") for address in addresses]
    for path in paths:
        if "://" in path or not path.endswith(".jsonl.zst"):
            raise StepError(f"{shard_list.name}: lists {path[:200]!a}; expected addresses below {root} that end with .jsonl.zst")
    if not paths:
        raise StepError(f"{shard_list.name}: lists no shards")
    return [f"{root}/{path}" for path in paths]


class Documents:
    """The segments of all documents with the least score or a higher one; `sources` and `details` grow as they are read."""

    def __init__(self, urls: list[str], folder: Path, min_score: float | None, sources: list[Source]) -> None:
        self.urls, self.folder, self.min_score, self.sources = urls, folder, min_score, sources
        self.details: dict[str, str | int] = {}
        self.available = self.dropped = 0

    def blocks(self) -> Iterator[Block]:
        for url in self.urls:
            shard = download_file(url, self.folder)
            self.sources.append(shard.source)
            with read_ahead(shard.lines()) as blocks:
                for documents in blocks:
                    if segments := self.segments(documents, url):
                        yield (segments,)
            shard.path.unlink()
        self.details |= {"shards": len(self.urls), "documents-available": self.available, "documents-below-score": self.dropped}

    def segments(self, documents: Lines, url: str) -> Lines:
        segments: Lines = []
        for line in documents:
            self.available += 1
            text = self.text_of(line, f"{public_address(url)}: document {self.available}")
            if text is None:
                self.dropped += 1
            else:
                segments += filter(None, encode(text).split(b"\n"))
        return segments

    def text_of(self, line: bytes, where: str) -> str | None:
        """The text of a document, None where its score is too low."""
        try:
            # Bytes that are not UTF-8 stay what they are, for whoever repairs lines to find.
            document: dict[str, Any] = DECODER.decode(line.decode("utf-8", "surrogateescape"))
            text = document["text"]
            if not isinstance(text, str):
                raise TypeError("its text is none")
            if self.min_score is not None and float(document["doc_scores"][0]) < self.min_score:
                return None
            return text
        except (ValueError, LookupError, TypeError) as error:
            raise StepError(f"{where} is not as expected, JSON with text and doc_scores ({type(error).__name__}: {error})") from error


def encode(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a character, written as \ud83d in the JSON
        return text.encode("utf-8", "surrogatepass")


PROVIDER = Provider("hplt", download, scores_documents=True, columns=(1,))
