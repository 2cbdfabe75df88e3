"""The finished parts of a dataset that is being cleaned, so that a run that was killed goes on after the last one.

A part is a compressed file for each side, the hashes of its rows, and what was dropped; the latter is written last, and is there only when
the part is whole. What the parts were made of is on record beside them: parts of other files, languages or filters do not count.
"""

import json
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import numpy as np

from pipeline.common.blocks import BlockWriter, open_block_output
from pipeline.common.dropped import Dropped
from pipeline.common.line_hashes import Hashes
from pipeline.common.lines import COPY_SIZE, join_files, open_input, open_output
from pipeline.common.outputs import atomic_output, write_json


@dataclass(frozen=True)
class Part:
    """A finished part: how many lines it has, what was dropped, and the hashes of its lines."""

    lines: int
    dropped: Dropped
    hashes: Hashes


class Parts:
    """Parts in `folder`, of files with `sides` sides; `made_of` is anything that JSON can tell."""

    def __init__(self, folder: Path, sides: int, made_of: object) -> None:
        self.folder, self.sides = folder, sides
        record, text = folder / "made-of.json", json.dumps(made_of, sort_keys=True)
        if not record.exists() or record.read_text(encoding="utf-8") != text:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            record.write_text(text, encoding="utf-8")

    def paths(self, number: int) -> list[Path]:
        return [self.folder / f"part.{number}.{side}.zst" for side in range(self.sides)]

    def finished(self) -> Iterator[Part]:
        for number in count():
            record = self.folder / f"part.{number}.json"
            if not record.exists():
                return
            content = json.loads(record.read_text(encoding="utf-8"))
            lines, samples = content.pop("lines"), content.pop("samples")
            dropped = Dropped(content["rows"], content["split"], Counter(content["counts"]))
            for reason, shown in samples.items():
                dropped.show(reason, [(hashed, tuple(row)) for hashed, row in shown])
            yield Part(lines, dropped, np.load(self.folder / f"part.{number}.npy"))

    @contextmanager
    def write(self, number: int) -> Iterator[BlockWriter]:
        with open_block_output(*self.paths(number)) as writer:
            yield writer

    def finish(self, number: int, part: Part) -> None:
        with atomic_output(self.folder / f"part.{number}.npy") as partial, partial.open("wb") as file:
            np.save(file, part.hashes)
        dropped = part.dropped
        content = {"lines": part.lines, "rows": dropped.rows, "split": dropped.split, "counts": dropped.counts, "samples": dropped.samples}
        write_json(self.folder / f"part.{number}.json", content)

    def join(self, number: int, outputs: Sequence[Path]) -> None:
        """Puts the first `number` parts together: zstd files one after the other are one."""
        for side, output in enumerate(outputs):
            parts = [self.paths(part)[side] for part in range(number)]
            if output.suffix == ".zst" and parts:
                join_files(parts, output)
                continue
            with open_output(output) as stream:
                for part in parts:
                    with open_input(part) as content:
                        shutil.copyfileobj(content, stream, COPY_SIZE)
