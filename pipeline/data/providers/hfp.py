"""Parallel text of the Hugging Face hub: `hfp_org/name:subset:split:src_field:trg_field@revision`.

A record is a pair; a line break in one of its texts becomes a blank. A nested field is written with dots: `translation.en`. The subset may
be left out where the dataset has one or a default, and the split where it is `train`. Without a revision it is what the hub has now.
Records that lack a field are left out and counted.
"""

from collections.abc import Iterator
from pathlib import Path

from pipeline.common.blocks import Block
from pipeline.common.texts import as_texts
from pipeline.data.dataset import Dataset, Provider
from pipeline.data.hub_dataset import fetch_files, parse_name
from pipeline.data.record_files import read_columns


def download(name: str, languages: tuple[str, ...], work_dir: Path) -> Dataset:
    """See fetch_files and read_columns for the errors."""
    wanted = parse_name("hfp", name, sides=2)
    files = fetch_files(wanted, work_dir)
    details: dict[str, str | int] = {"commit": files.commit, "subset": files.subset, "rows-without-both-sides": 0}

    def blocks() -> Iterator[Block]:
        without = 0
        for path in files.paths:
            for columns in read_columns(files.reader, path, files.options, wanted.fields):
                rows = [(src, trg) for src, trg in zip(*columns, strict=True) if src is not None and trg is not None]
                without += len(columns[0]) - len(rows)
                if rows:
                    yield tuple([text.replace(b"\r\n", b" ").replace(b"\n", b" ") for text in column] for column in zip(*rows, strict=True))
        details["rows-without-both-sides"] = without

    return Dataset(lambda: as_texts(blocks()), files.sources, files.licence, details)


PROVIDER = Provider("hfp", download, columns=(2,))
