"""Translates a file with one Marian model or with an ensemble of several.

In: the models, their vocabularies, a file with a sentence a line. Out: a file with as many lines, the translations; with --n-best N the N
best candidates for each sentence, in the lines described in n_best.py. Options of Marian after "--" replace those below.

The decoder is Marian itself, or CTranslate2, which takes the same options and gives the same files (ctranslate2_decoder.py). It is started
once and what it writes goes to a file in the work folder as it comes. After a restart it goes on where that file ends, with the same result
to the last bit: common/marian_lines.py says how.

Statistics: `lines`, `models`.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from pipeline.common.lines import count_lines, read_lines, write_lines
from pipeline.common.marian import Options, add_marian_options, decoding_devices, parse_options
from pipeline.common.marian_lines import append, marian_lines, one_for_each, resume_at, sentences_sorted_together, whole_number
from pipeline.common.outputs import write_json
from pipeline.common.progress import progress
from pipeline.common.script import StepError, add_threads, base_parser, check_files, positive_int, run
from pipeline.common.vocabularies import shared_vocab
from pipeline.translate import ctranslate2_decoder, n_best

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

# Each takes sentences, one a line, Marian's options, and a folder for its own files; it yields lines as they come.
Decoder = Callable[[Path, Options, Path], Iterator[bytes]]
DECODERS: dict[str, Decoder] = {
    "marian": lambda source, options, work_dir: marian_lines("decode", options, stdin=source),
    "ctranslate2": ctranslate2_decoder.decode,
}


def parser() -> argparse.ArgumentParser:
    arguments = base_parser(__doc__)
    add_threads(arguments)
    arguments.add_argument("--models", type=Path, nargs="+", required=True, metavar="NPZ", help="several are an ensemble")
    vocab_help = "the source and the target vocabulary, or first the source and then the target vocabularies of all models, which are equal"
    arguments.add_argument("--vocab", type=Path, nargs="+", required=True, metavar="SPM", help=vocab_help)
    arguments.add_argument("--input", type=Path, required=True, metavar="FILE")
    arguments.add_argument("--output", type=Path, required=True, metavar="FILE")
    arguments.add_argument("--n-best", type=positive_int, metavar="N", help="candidates for each sentence; the beam is at least as wide")
    arguments.add_argument("--decoder", choices=DECODERS, default="marian", help="default: marian")
    arguments.add_argument("--work-dir", type=Path, required=True, metavar="DIR", help="holds what is translated until all is")
    add_marian_options(arguments)
    return arguments


def main(argv: Sequence[str] | None = None) -> None:
    args = parser().parse_args(argv)
    check_files([*args.models, *args.vocab, args.input])
    options = parse_options(args.marian_options)
    lines = translate_file(
        args.input,
        args.output,
        args.models,
        shared_vocab(args.vocab),
        args.work_dir,
        args.threads,
        options,
        candidates=args.n_best,
        decoder=args.decoder,
    )
    write_json(args.statistics, {"lines": lines, "models": len(args.models)})


def translate_file(
    source: Path,
    output: Path,
    models: Sequence[Path],
    vocab: Sequence[Path],
    work_dir: Path,
    threads: int,
    options: Options,
    *,
    candidates: int | None = None,
    decoder: str = "marian",
) -> int:
    """Translates `source` to `output` and returns how many sentences it has; `options` of Marian go on top of DECODING.

    With `candidates`, `output` is an n-best list of that many for each sentence. `work_dir` holds what is translated until all is. Raises
    StepError where the decoder fails, or leaves a sentence out.
    """
    if "n-best" in options:
        raise StepError("--n-best is an option of this script, with the number of candidates; it goes before the --")
    decoding = DECODING | decoding_devices(threads) | options | {"models": models, "vocabs": vocab}
    if candidates:
        decoding |= {"n-best": True, "beam-size": max(whole_number(decoding, "beam-size"), candidates)}
    work_dir.mkdir(parents=True, exist_ok=True)
    written = work_dir / f"{decoder}.{'n-best' if candidates else 'translations'}.txt"
    total = count_lines(source)
    find_end = n_best.resume_at if candidates else resume_at
    done = find_end(written, sentences_sorted_together(decoding), total)
    if done < total:
        remaining = work_dir / "remaining.txt"
        write_lines(remaining, islice(read_lines(source), done, None))
        lines = DECODERS[decoder](remaining, decoding, work_dir)
        if candidates:
            append(written, progress(n_best.renumber(lines, done, total, candidates), "translating", unit="candidates"))
        else:
            append(written, progress(one_for_each(lines, total - done, source), "translating", total - done))
        remaining.unlink()
    write_lines(output, read_lines(written))
    written.unlink()
    return total


if __name__ == "__main__":
    run(main)
