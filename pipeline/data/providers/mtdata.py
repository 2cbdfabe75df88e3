"""Datasets of the package mtdata, by its ids: `mtdata_Statmt-europarl_wmt13-7-ces-eng`.

GROUP-NAME-VERSION-LANGUAGE-LANGUAGE; whichever language comes first, the sides come in the order asked for. The package's index says where
the files are and of which format (mtdata_index.py, segment_formats.py); it downloads and reads nothing itself. MTDATA_URL names a mirror
(mirror.py).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.common.blocks import Block
from pipeline.common.script import StepError
from pipeline.common.texts import as_texts
from pipeline.data.archives import Stream, match_member, member_names
from pipeline.data.dataset import Dataset, Provider
from pipeline.data.mirror import mirrored
from pipeline.data.mtdata_index import find_entry, sides_of, tag_distance
from pipeline.data.segment_formats import FORMATS, Segments
from pipeline.data.tmx import Selection
from pipeline.data.web_files import WebFile, download_file

if TYPE_CHECKING:
    from mtdata.entry import Entry

COMPRESSIONS = (".gz", ".xz")


def download(name: str, languages: tuple[str, ...], work_dir: Path) -> Dataset:
    """Raises StepError where mtdata has no such dataset, has it in other languages, or lists it in a format that is not read here."""
    entry = find_entry(name, work_dir / "mtdata")
    order = sides_of(entry, languages)
    format_name = format_of(entry)
    urls = [mirrored(url, "MTDATA_URL") for url in addresses(entry)]
    files = [download_file(url, work_dir) for url in urls]
    selection = Selection(tuple(map(str, entry.did.langs)), tag_distance)
    segments = Segments(streams_of(entry, files), entry.cols or (0, 1), selection)
    details: dict[str, str | int] = {"citation": " ".join(entry.cite or ())}

    def blocks() -> Iterator[Block]:
        for block in segments.blocks(format_name):
            yield tuple(block[side] for side in order)
        details.update(segments.left_out)

    return Dataset(lambda: as_texts(blocks()), [file.source for file in files], details=details)


def format_of(entry: "Entry") -> str:
    """The format of the files that hold the text; raises StepError for those that are not read here."""
    found: str = entry.in_ext or entry.ext
    for compression in COMPRESSIONS:
        found = found.removesuffix(compression)
    if found == "hfds":
        raise StepError(f"mtdata_{entry.did}: a dataset of the Hugging Face hub; name it {hub_name(entry)}")
    if found not in FORMATS:
        raise StepError(f"mtdata_{entry.did}: mtdata lists it as {found}, which is not read here; what is: {', '.join(FORMATS)}")
    return found


def hub_name(entry: "Entry") -> str:
    """What the provider `hfp` calls the dataset, as far as the entry says it."""
    subset = entry.meta.get("config")
    fields = entry.meta.get("fields", {})
    words = [subset if isinstance(subset, str) else "", entry.meta.get("split") or "train"]
    return ":".join([f"hfp_{entry.meta['orig_id']}", *words, fields.get("source", ""), fields.get("target", "")])


def addresses(entry: "Entry") -> list[str]:
    return [entry.url] if isinstance(entry.url, str) else list(entry.url)


def streams_of(entry: "Entry", files: list[WebFile]) -> list[Stream]:
    if not entry.is_archive:
        return [file.stream() for file in files]
    (archive,) = files
    names = member_names(archive.path, archive.name)
    return [archive.member_stream(match_member(names, pattern, archive.name)) for pattern in entry.in_paths]


PROVIDER = Provider("mtdata", download, columns=(2,))
