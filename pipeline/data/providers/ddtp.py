"""Debian's package descriptions and their translations: `ddtp_bookworm`, `ddtp_bookworm/titles[0:1000]`, `ddtp_trixie/sentences`.

The translations are made by the Debian Description Translation Project, https://www.debian.org/international/l10n/ddtp. A slice counts in
the list of distinct rows, put in an order that depends on each row's text alone: slices that do not overlap share no row, and a package
that is added to the release later does not move the others. As in Python, either end may be left out or count from the end.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from pipeline.common.blocks import encoded
from pipeline.common.languages import parse_language
from pipeline.common.lines import read_lines
from pipeline.common.script import StepError
from pipeline.common.texts import as_texts
from pipeline.data.dataset import Dataset, Provider
from pipeline.data.package_descriptions import Description, read_descriptions, sentence_rows, title_rows
from pipeline.data.translation_index import download_translations

Row = tuple[str, ...]

NAME = re.compile(r"(?P<release>[a-z]+)(?:/(?P<part>[a-z]+))?(?:\[(?P<start>-?\d*):(?P<stop>-?\d*)\])?")
DEBIAN_CODES = {"zh": "zh_CN", "zh-Hans": "zh_CN", "zh-Hant": "zh_TW"}


def all_rows(*sides: dict[str, Description]) -> Iterator[Row]:
    return chain(title_rows(*sides), sentence_rows(*sides))


PARTS: dict[str, Callable[..., Iterator[Row]]] = {"": all_rows, "titles": title_rows, "sentences": sentence_rows}


@dataclass(frozen=True)
class Name:
    """The name of a dataset, taken apart."""

    release: str
    part: str
    selected: slice


def parse_name(name: str) -> Name:
    match = NAME.fullmatch(name)
    if match is None or (match["part"] or "") not in PARTS:
        raise StepError("expected ddtp_RELEASE, with /titles or /sentences, and a slice [FROM:TO], each as you like")
    start, stop = (int(number) if number else None for number in (match["start"], match["stop"]))
    return Name(match["release"], match["part"] or "", slice(start, stop))


def download(name: str, languages: tuple[str, ...], work_dir: Path) -> Dataset:
    """See download_translations for errors of the network. All rows are held in memory: below 100 MB for a pair of languages."""
    wanted = parse_name(name)
    codes = [debian_code(language) for language in languages]
    fields, indices = download_translations(wanted.release, codes, work_dir / "apt")
    sides = [read_descriptions(read_lines(index.path), code) for index, code in zip(indices, codes, strict=True)]
    rows = sorted(set(PARTS[wanted.part](*sides)), key=row_order)
    selected = rows[wanted.selected]
    if not selected:
        raise StepError(f"the slice selects nothing of {len(rows)} rows in {' and '.join(languages)}")
    details: dict[str, str | int] = {"rows": len(rows), "release": fields.get("Version", ""), "date": fields.get("Date", "")}
    return Dataset(lambda: as_texts(encoded(selected, len(languages))), [index.source for index in indices], details=details)


def debian_code(tag: str) -> str:
    """`pt-BR` is `pt_BR` in Debian, and Chinese goes by country."""
    language = parse_language(tag)
    return DEBIAN_CODES.get(language.tag, language.tag.replace("-", "_"))


def row_order(row: Row) -> bytes:
    return hashlib.blake2b("\n".join(row).encode(), digest_size=16).digest()


PROVIDER = Provider("ddtp", download)
