"""Translates a file with one Marian model or with an ensemble of several.

In: the models, their vocabularies, a file with a sentence a line. Out: a file with as many lines, the translations. Options of Marian after
"--" replace those below.

Marian is started once and its translations go to a file in the work folder as they come. After a restart it goes on where that file
ends, at a boundary of what Marian sorts and batches together (mini-batch times maxi-batch sentences): every sentence is translated in
the same batch as without the interruption, so the result is the same to the last bit.
"""

import argparse
import logging
import os
import subprocess
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import IO, cast

from pipeline.common.lines import count_lines, read_lines, write_lines
from pipeline.common.marian import Options, OptionValue, add_marian_options, command, decoding_devices, environment, parse_options
from pipeline.common.outputs import write_json
from pipeline.common.progress import progress
from pipeline.common.script import StepError, add_threads, base_parser, check_files, run

# https://marian-nmt.github.io/docs/cmd/marian-decoder/
DECODING: Options = {
    "beam-size": 4,
    "normalize": 1,
    "mini-batch": 64,
    "maxi-batch": 50,
    "maxi-batch-sort": "src",
    "max-length": 300,
    "max-length-crop": True,
    "quiet-translation": True,
}


def parser() -> argparse.ArgumentParser:
    arguments = base_parser(__doc__)
    add_threads(arguments)
    arguments.add_argument("--models", type=Path, nargs="+", required=True, metavar="NPZ", help="several are an ensemble")
    arguments.add_argument("--vocab", type=Path, nargs=2, required=True, metavar=("SRC_SPM", "TRG_SPM"))
    arguments.add_argument("--input", type=Path, required=True, metavar="FILE")
    arguments.add_argument("--output", type=Path, required=True, metavar="FILE")
    arguments.add_argument("--work-dir", type=Path, required=True, metavar="DIR", help="holds what is translated until all is")
    add_marian_options(arguments)
    return arguments


def main(argv: Sequence[str] | None = None) -> None:
    args = parser().parse_args(argv)
    check_files([*args.models, *args.vocab, args.input])
    lines = translate_file(
        args.input, args.output, args.models, args.vocab, args.work_dir, args.threads, parse_options(args.marian_options)
    )
    write_json(args.statistics, {"lines": lines, "models": len(args.models)})


def translate_file(
    source: Path, output: Path, models: Sequence[Path], vocab: Sequence[Path], work_dir: Path, threads: int, options: Options
) -> int:
    """Translates `source` to `output` and returns the number of lines; `options` of Marian go on top of DECODING.

    `work_dir` holds what is translated until all is; raises StepError where Marian fails or gives another number of lines.
    """
    decoding = DECODING | decoding_devices(threads) | options | {"models": models, "vocabs": vocab}
    work_dir.mkdir(parents=True, exist_ok=True)
    translations = work_dir / "translations.txt"
    total = count_lines(source)
    done = resume_at(translations, sentences_sorted_together(decoding), total)
    if done < total:
        remaining = work_dir / "remaining.txt"
        write_lines(remaining, islice(read_lines(source), done, None))
        decode(remaining, translations, decoding, total - done)
        remaining.unlink()
    write_lines(output, read_lines(translations))
    translations.unlink()
    return total


def sentences_sorted_together(options: Options) -> int:
    """How many sentences Marian reads at a time to sort them by length and cut them into batches."""
    return int(single(options["mini-batch"])) * int(single(options["maxi-batch"]))


def single(value: OptionValue) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise StepError(f"Marian option with one whole number expected, found {value!r}")
    return str(value)


def resume_at(translations: Path, step: int, total: int) -> int:
    """Cuts the file of an earlier run after its last whole `step` of lines, makes it where there is none; returns the lines it has."""
    translations.touch()
    with translations.open("rb+") as file:
        lines, end, kept, kept_end = 0, 0, 0, 0
        for line in file:
            if not line.endswith(b"\n"):
                break
            lines, end = lines + 1, end + len(line)
            if lines % step == 0 or lines == total:
                kept, kept_end = lines, end
        file.truncate(kept_end)
    if kept:
        logging.info("%d of %d lines were translated before, going on from there", kept, total)
    return kept


def decode(source: Path, translations: Path, options: Options, expected: int) -> None:
    """Appends the translations of `source` to `translations`; raises StepError where Marian fails or gives another number of lines."""
    words = command("decode", options)
    lines = 0
    with source.open("rb") as stdin, translations.open("ab") as output:
        with subprocess.Popen(words, stdin=stdin, stdout=subprocess.PIPE, env=environment()) as marian:
            for line in progress(cast(IO[bytes], marian.stdout), "translating", expected):
                output.write(line)
                lines += 1
        output.flush()
        os.fsync(output.fileno())
    if marian.returncode != 0:
        raise StepError(f"Marian ended with exit code {marian.returncode}; its log above says why. Command: {' '.join(words)}")
    if lines != expected:
        translations.unlink()
        raise StepError(f"Marian gave {lines} lines for the {expected} of {source}; an option such as --n-best changes their number")


if __name__ == "__main__":
    run(main)
