"""Merges what the teacher translated, of the parallel corpus and of monolingual text, into the student's corpus.

    python3 -m pipeline.distillation.merge --parallel corpus.en.zst best.it.zst --mono mono.en.zst mono.it.zst \\
        --output distilled.en.zst distilled.it.zst

Of equal pairs one is kept. Unlike in merge_parallel, the same target may stand beside different sources: a teacher that translates two
sentences alike is right more often than not, and the student is to do as it does. The order is random, the same for the same seed.

Memory: 8 bytes for each distinct pair, and some buckets of the shuffle, some 300 MB.

Statistics: for each corpus and in total `lines` = `duplicates` + `kept`.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from pipeline.common.blocks import open_block_output
from pipeline.common.outputs import write_json
from pipeline.common.progress import block_progress
from pipeline.common.scratch import scratch_folder
from pipeline.common.script import StepError, base_parser, check_files, run


def parser() -> argparse.ArgumentParser:
    options = base_parser(__doc__)
    sides = ("SRC_FILE", "TRG_FILE")
    options.add_argument("--parallel", required=True, nargs=2, type=Path, metavar=sides, help="source side and its translations")
    options.add_argument("--mono", nargs=2, type=Path, metavar=sides, help="monolingual source text and its translations")
    options.add_argument("--seed", type=int, default=1, help="of the order (default: 1)")
    options.add_argument("--output", required=True, nargs=2, type=Path, metavar=sides)
    options.add_argument("--work-dir", type=Path, metavar="DIR", help="room for as much as the corpora take (default: beside the output)")
    return options


def main(argv: Sequence[str] | None = None) -> None:
    arguments = parser().parse_args(argv)
    # With numpy and Arrow, which take a while to import.
    from pipeline.common.line_hashes import SeenHashes, hash_rows
    from pipeline.common.texts import read_parallel, write
    from pipeline.merge.shuffle import Shuffle

    corpora = {name: paths for name, paths in (("parallel", arguments.parallel), ("mono", arguments.mono)) if paths}
    inputs = [path for paths in corpora.values() for path in paths]
    check_files(inputs)
    counts = {name: {"lines": 0, "duplicates": 0, "kept": 0} for name in corpora}
    seen = SeenHashes()
    with scratch_folder(arguments.output[0], "merge", arguments.work_dir) as folder:
        shuffle = Shuffle(folder, 2, sum(path.stat().st_size for path in inputs), arguments.seed)
        with shuffle:
            for name, paths in corpora.items():
                for block in block_progress(read_parallel(*paths), name):
                    first = seen.add(hash_rows([text.lines() for text in block]))
                    kept = tuple(text.filter(first) for text in block)
                    shuffle.add(kept)
                    for key, value in {"lines": len(first), "duplicates": len(first) - len(kept[0]), "kept": len(kept[0])}.items():
                        counts[name][key] += value
        with open_block_output(*arguments.output) as writer:
            for block in shuffle.blocks():
                write(writer, block)

    if writer.lines == 0:
        raise StepError(f"nothing to merge: {' and '.join(map(str, inputs))} are empty")
    total = {key: sum(count[key] for count in counts.values()) for key in ("lines", "duplicates", "kept")}
    write_json(arguments.statistics, {"corpora": counts, "total": total})


if __name__ == "__main__":
    run(main)
