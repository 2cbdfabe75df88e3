"""Translation memories: `tmx_pontoon`, or any file, `tmx_https://host/memory.tmx.gz`, `tmx_file:///data/memory.tmx`.

A memory may have more languages than two; units that lack one of the pair are left out, and counted. A file may be compressed with zstd,
gzip, xz or bzip2. Pontoon is where Mozilla's products are translated: one memory for each locale, with the English of its strings.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.common.blocks import Block, encoded, read_ahead
from pipeline.common.languages import parse_language
from pipeline.common.lines import BROKEN
from pipeline.common.script import StepError
from pipeline.common.texts import as_texts
from pipeline.data.archives import open_decompressed
from pipeline.data.dataset import Dataset, Provider
from pipeline.data.tmx import Selection, Unit, read_units
from pipeline.data.web_files import WebFile, download_file, download_first, root_address

PATIENCE = 300.0  # seconds: memories are made as they are asked for
ADDRESS = re.compile(r"(https?|file)://\S+")


@dataclass(frozen=True)
class Memories:
    """A server with a memory for each locale, all from one language. `path` has {} for the locale."""

    variable: str
    host: str
    path: str
    source: str
    locales: Mapping[str, str]  # where the locale is not the language's tag, nor that with its likely region


MEMORIES = {
    "pontoon": Memories(
        "PONTOON_URL",
        "https://pontoon.mozilla.org",
        "translation-memory/{}.all-projects.tmx",
        "en",
        {"no": "nb-NO", "zh-Hant": "zh-TW", "zh-Hans": "zh-CN", "zh": "zh-CN"},
    ),
}


def download(name: str, languages: tuple[str, ...], work_dir: Path) -> Dataset:
    """See `fetch` for errors of the network, and pipeline/data/tmx.py for which variant of a language is taken."""
    if name in MEMORIES:
        file = download_memory(name, MEMORIES[name], languages, work_dir)
    elif ADDRESS.fullmatch(name):
        file = download_file(name, work_dir, patience=PATIENCE)
    else:
        raise StepError(f"expected {' or '.join(f'tmx_{known}' for known in MEMORIES)}, or tmx_ and the address of a TMX file")
    details: dict[str, str | int] = {}
    return Dataset(lambda: as_texts(pairs(file, languages, details)), [file.source], details=details)


def download_memory(name: str, memories: Memories, languages: tuple[str, ...], work_dir: Path) -> WebFile:
    others = [language for language in languages if parse_language(language).code != memories.source]
    if len(others) != 1:
        raise StepError(f"{name} has translations from {memories.source} only, not {'-'.join(languages)}")
    language = parse_language(others[0])
    candidates = [memories.locales.get(language.tag), language.tag, f"{language.code}-{language.likely_region}", language.code]
    locales = list(dict.fromkeys(locale for locale in candidates if locale))
    root = root_address(memories.variable, memories.host)
    urls = [f"{root}/{memories.path.format(locale)}" for locale in locales]
    return download_first(urls, work_dir, f"{name} has no locale {' or '.join(locales)}", patience=PATIENCE)


def pairs(file: WebFile, languages: tuple[str, ...], details: dict[str, str | int]) -> Iterator[Block]:
    selection = Selection(languages)
    empty = True
    with read_ahead(encoded(selection.rows(units_of(file)), len(languages))) as blocks:
        for block in blocks:
            empty = False
            yield block
    if empty:
        found = " ".join(sorted(filter(None, selection.found))) or "none"
        raise StepError(f"{file.name}: no unit has both {' and '.join(languages)}; the first units' languages are {found}")
    details["units-left-out"] = selection.left_out


def units_of(file: WebFile) -> Iterator[Unit]:
    try:
        with open_decompressed(file.path, file.name) as stream:
            yield from read_units(stream, file.name)
    except BROKEN as error:
        raise StepError(f"{file.name}: broken ({error})") from error


PROVIDER = Provider("tmx", download, columns=(2,))
