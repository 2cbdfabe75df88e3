"""Monolingual text of the Hugging Face hub: `hf_org/name:subset:split:field@revision`. Parallel text: hfp.py.

The field holds sentences or whole documents: each line of it is a line of the dataset, and what is blank is none. A nested field is written
with dots. The subset may be left out where the dataset has one or a default, and the split where it is `train`. Without a revision it is
what the hub has now. Records without the field are left out and counted.
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
    wanted = parse_name("hf", name, sides=1)
    files = fetch_files(wanted, work_dir)
    details: dict[str, str | int] = {"commit": files.commit, "subset": files.subset, "rows-without-text": 0}

    def blocks() -> Iterator[Block]:
        without = 0
        for path in files.paths:
            for (texts,) in read_columns(files.reader, path, files.options, wanted.fields):
                present = [text for text in texts if text is not None]
                without += len(texts) - len(present)
                lines = [line for line in b"\n".join(present).split(b"\n") if line.strip()]
                if lines:
                    yield (lines,)
        details["rows-without-text"] = without

    return Dataset(lambda: as_texts(blocks()), files.sources, files.licence, details)


PROVIDER = Provider("hf", download, columns=(1,))
