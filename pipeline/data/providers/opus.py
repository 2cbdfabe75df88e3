"""Corpora of OPUS: `opus_ParaCrawl/v9` is parallel text from a Moses archive, or text in one language, https://opus.nlpl.eu.

A pair is called by its two codes in alphabetical order: `en-it.txt.zip`, with the sides CORPUS.en-it.en and CORPUS.en-it.it and often a
LICENSE. Corpora differ in how they write languages: most have `en` and `zh`, some `en_GB`, `zh_CN` or `zh_cn`. All these are tried, from
what says most to what says least; which there was is on record.
"""

import re
from itertools import product
from pathlib import Path
from urllib.parse import quote

from pipeline.common.languages import Language, parse_language
from pipeline.common.script import StepError
from pipeline.data.archives import find_member, member_names
from pipeline.data.dataset import Dataset, Provider
from pipeline.data.web_files import download_first, member_blocks, root_address, short_text, text_blocks

HOST = "https://object.pouta.csc.fi"
NAME = re.compile(r"(?P<corpus>[^\s/]+)/(?P<version>[^\s/]+)")
CHINESE = {"Hans": ["zh_CN", "zh_cn"], "Hant": ["zh_TW", "zh_tw"]}
OTHER_CODES = {"no": "nb", "nb": "no", "tl": "fil", "fil": "tl"}


def download(name: str, languages: tuple[str, ...], work_dir: Path) -> Dataset:
    """See `fetch` for errors of the network."""
    match = NAME.fullmatch(name)
    if match is None:
        raise StepError("expected opus_CORPUS/VERSION, such as opus_ParaCrawl/v9")
    corpus, version = match["corpus"], match["version"]
    folder = f"{root_address('OPUS_URL', HOST)}/OPUS-{quote(corpus)}/{quote(version)}"
    missing = f"OPUS has no {corpus} {version} in {'-'.join(languages)}; https://opus.nlpl.eu lists its corpora, versions and languages"
    codes = [opus_codes(parse_language(language)) for language in languages]
    if len(languages) == 1:
        urls = {f"{folder}/mono/{code}.txt.gz": code for code in codes[0]}
        file = download_first(list(urls), work_dir, missing)
        return Dataset(lambda: text_blocks(file), [file.source], details={"opus": urls[file.url]})

    pairs = possible_pairs(folder, *codes)
    archive = download_first(list(pairs), work_dir, missing)
    pair, sides = pairs[archive.url]
    names = member_names(archive.path, archive.name)
    members = [find_member(names, [f".{pair}.{code}"], archive.name) for code in sides]
    licence = short_text(archive, names, "/LICENSE")
    return Dataset(lambda: member_blocks(archive, members), [archive.source], licence, {"opus": pair})


def possible_pairs(folder: str, src: list[str], trg: list[str]) -> dict[str, tuple[str, tuple[str, str]]]:
    """Addresses, each with the pair as it is called there and the codes of source and target; those in alphabetical order come first."""
    pairs: dict[str, tuple[str, tuple[str, str]]] = {}
    for backwards in (False, True):
        for sides in product(src, trg):
            pair = "-".join(sorted(sides, reverse=backwards))
            # en and en_GB may each be a code of the other language too: what says most comes first, and tells which side is which.
            pairs.setdefault(f"{folder}/moses/{pair}.txt.zip", (pair, sides))
    return pairs


def opus_codes(language: Language) -> list[str]:
    """How corpora may write the language: `pt_BR`, `pt_br` and `pt` for pt-BR, `en`, `en_US` and `en_GB` for en."""
    code = language.iso_639_1 or language.code
    if code == "zh":
        codes = [*CHINESE.get(language.writing, []), "zh"]
        return codes if "-" in language.tag else codes[::-1]
    if language.region:
        return [f"{code}_{language.region}", f"{code}_{language.region.lower()}", code]
    regions = [language.likely_region, "GB"] if code == "en" else [language.likely_region]
    other = [OTHER_CODES[code]] if code in OTHER_CODES else []
    return [code, *(f"{code}_{region}" for region in regions if region), *other]


PROVIDER = Provider("opus", download)
