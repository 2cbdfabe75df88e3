"""Trains the SentencePiece vocabularies of a language pair on a sample of its parallel corpus.

In: the two sides of the corpus, one sentence a line. Out: one SentencePiece model per side, as Marian loads them (no <s>, </s> is 0,
<unk> is 1). The model is joint, and both files have the same bytes, unless --split is given. Characters outside of the vocabulary become
bytes, so nothing is ever unknown.

Method: unigram language model, Kudo 2018, https://arxiv.org/abs/1804.10959, in the implementation of
https://github.com/google/sentencepiece. Memory: the sample, and once more while SentencePiece counts it.
"""

import argparse
import io
import logging
import os
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

from pipeline.common.languages import parse_language
from pipeline.common.lines import open_parallel_output, read_lines, read_parallel
from pipeline.common.outputs import atomic_output, write_json
from pipeline.common.progress import progress
from pipeline.common.script import StepError, add_threads, base_parser, check_files, positive_int, run
from pipeline.vocab.sample import reservoir_sample

SEED = 1111

# https://github.com/google/sentencepiece/blob/master/doc/normalization.md
NORMALIZATION_RULES = ["nmt_nfkc", "nfkc", "nmt_nfkc_cf", "nfkc_cf", "identity"]

# With thousands of characters the rarest ones are better spelt in bytes than given a piece each; an alphabet is covered whole.
COVERAGE_OF_LARGE_SCRIPTS = 0.9995
LARGE_SCRIPTS = {"Hani", "Jpan", "Kore"}

# SentencePiece adds up its counts per thread, so the pieces depend, a little, on the number of threads: it never varies.
TRAINING_THREADS = 16

TOO_LARGE = re.compile(r"Vocabulary size too high .*<= (\d+)|Vocabulary size is smaller than required_chars. \d+ vs (\d+)")


def parser() -> argparse.ArgumentParser:
    arguments = base_parser(__doc__)
    add_threads(arguments)
    arguments.add_argument("--corpus", type=Path, nargs=2, required=True, metavar=("SRC", "TRG"))
    arguments.add_argument("--src", required=True, metavar="LANGUAGE")
    arguments.add_argument("--trg", required=True, metavar="LANGUAGE")
    arguments.add_argument("--sample-size", type=positive_int, required=True, metavar="N", help="sentences to train one model on")
    arguments.add_argument("--vocab-size", type=positive_int, default=32000, metavar="N", help="pieces, divisible by 8 (%(default)s)")
    arguments.add_argument("--split", action="store_true", help="a vocabulary for each side; without it one for both")
    arguments.add_argument("--normalization-rule", choices=NORMALIZATION_RULES, default="nmt_nfkc", help="(%(default)s)")
    arguments.add_argument("--output", type=Path, nargs=2, required=True, metavar=("SRC_SPM", "TRG_SPM"))
    arguments.add_argument("--work-dir", type=Path, required=True, metavar="DIR", help="holds the sample")
    return arguments


def main(argv: Sequence[str] | None = None) -> None:
    args = parser().parse_args(argv)
    check_files(args.corpus)
    if args.vocab_size % 8:
        nearest = max(8, round(args.vocab_size / 8) * 8)
        raise StepError(f"experiment.spm-vocab-size is {args.vocab_size}: not divisible by 8, as GPUs want it; the nearest is {nearest}")
    coverages = [character_coverage(language) for language in (args.src, args.trg)]

    sample = [args.work_dir / f"sample.{side}.zst" for side in ("src", "trg")]
    sentences = write_sample(args.corpus, sample, args.sample_size if args.split else max(1, args.sample_size // 2))
    with cpu_limit(args.threads):
        if args.split:
            models = [
                train(read_lines(path), args.vocab_size, coverage, args.normalization_rule, f"the {language} side of the corpus")
                for path, coverage, language in zip(sample, coverages, (args.src, args.trg), strict=True)
            ]
        else:
            both = chain.from_iterable(read_lines(path) for path in sample)
            models = [train(both, args.vocab_size, min(coverages), args.normalization_rule, "the corpus")] * 2

    for path, model in zip(args.output, models, strict=True):
        with atomic_output(path) as partial:
            partial.write_bytes(model)
    for path in sample:
        path.unlink()
    write_json(args.statistics, {"sampled-pairs": sentences, "vocab-size": args.vocab_size, "split": args.split})


def character_coverage(language: str) -> float:
    """The share of the characters in running text that get a piece of their own."""
    return COVERAGE_OF_LARGE_SCRIPTS if parse_language(language).script in LARGE_SCRIPTS else 1.0


def write_sample(corpus: Sequence[Path], sample: Sequence[Path], pairs: int) -> int:
    """Writes at most `pairs` sentence pairs, drawn uniformly, and returns how many; raises StepError for an empty corpus."""
    drawn = reservoir_sample(progress(read_parallel(*corpus), "sampling"), pairs, SEED)
    if not drawn:
        raise StepError(f"{corpus[0]}: no lines, nothing to train a vocabulary on")
    with open_parallel_output(*sample) as output:
        for pair in drawn:
            output.write(*pair)
    return len(drawn)


def train(sentences: Iterable[str], vocab_size: int, coverage: float, normalization_rule: str, origin: str) -> bytes:
    """A SentencePiece model with exactly `vocab_size` pieces; raises StepError where the text does not yield that many.

    The sentences come as an iterator because a model that is trained on files names their paths inside.
    """
    import sentencepiece

    model = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(sentences),
            model_writer=model,
            vocab_size=vocab_size,
            character_coverage=coverage,
            normalization_rule_name=normalization_rule,
            byte_fallback=True,
            bos_id=-1,
            eos_id=0,
            unk_id=1,
            num_threads=TRAINING_THREADS,
            minloglevel=1,
        )
    except RuntimeError as error:
        raise StepError(explanation(str(error), vocab_size, origin)) from error
    return model.getvalue()


def explanation(message: str, vocab_size: int, origin: str) -> str:
    """SentencePiece's message, in the words of the training config where it is about the vocabulary's size."""
    match TOO_LARGE.search(message):
        case None:
            return f"SentencePiece: {message}"
        case found if found[1]:
            largest = int(found[1]) // 8 * 8
            return f"{origin} is too small for {vocab_size} pieces: set experiment.spm-vocab-size to {largest} or less"
        case found:
            least = -(-int(found[2]) // 8) * 8
            return f"{origin} has too many characters for {vocab_size} pieces: set experiment.spm-vocab-size to more than {least}"


@contextmanager
def cpu_limit(threads: int) -> Iterator[None]:
    """Keeps the process on `threads` CPUs, however many threads it starts; which ones is left to chance, as others do the same."""
    granted = os.sched_getaffinity(0)
    os.sched_setaffinity(0, random.sample(sorted(granted), min(threads, len(granted))))
    try:
        logging.info("training on %d CPUs", len(os.sched_getaffinity(0)))
        yield
    finally:
        os.sched_setaffinity(0, granted)


if __name__ == "__main__":
    run(main)
