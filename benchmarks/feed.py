"""How many lines a second the student's feed gives on one core, against OpusTrainer with its modifier Tags.

Both stream the same corpus, made of the tests' toy language, with the same share of lines changed and alignments of SentencePiece pieces.
Time is CPU time, of all processes and of everything they do: start, shuffle, read, modify, write. Prints JSON.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path

from pipeline.common.data_files import data_choice
from pipeline.common.lines import read_lines, write_lines
from pipeline.train.feed import feeder_command, modifier_options, write_guided_tsv
from pipeline.train.train import read_yaml
from tests.pipeline.toy_language import toy_sentences, write_corpus

LANGUAGES = ("en", "it")
LONGEST = 28  # words in a line; 14.5 and a full stop on average
ONE_EPOCH = {"stages": ["train"], "train": ["original 1.0", "until original 1"]}


def parser() -> argparse.ArgumentParser:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--lines", type=int, default=200_000, help="lines for our feed (%(default)s)")
    arguments.add_argument("--tags-lines", type=int, default=10_000, help="lines for Tags, of the same corpus (%(default)s)")
    return arguments


def main() -> None:
    args = parser().parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        corpus = work / "corpus.tsv"
        vocab = write_inputs(work, corpus, args.lines)
        modifiers = read_yaml(data_choice("train/curricula", "student"))["modifiers"]
        modifier = modifier_options(modifiers, LANGUAGES, aligned=True, vocab=vocab)
        ours = lines_per_second(feeder_command(ONE_EPOCH, {"original": corpus}, modifier, 1, work))
        theirs = lines_per_second(tags_command(work, corpus, vocab, modifiers, args.tags_lines))
    print(json.dumps({"lines/s, feed": round(ours), "lines/s, Tags": round(theirs), "times": round(ours / theirs, 1)}))


def write_inputs(work: Path, corpus: Path, lines: int) -> tuple[Path, Path]:
    """Writes the corpus with its links; returns the vocabularies."""
    import sentencepiece

    pairs = [pair for pair in toy_sentences(lines, longest=LONGEST) if "北京大学" not in pair[0]]
    sides = write_corpus(work, pairs)
    alignments = work / "corpus.aln.zst"
    write_lines(alignments, (" ".join(f"{word}-{word}" for word in range(len(source.split()))) for source, _ in pairs))
    vocab = work / "vocab.spm"
    # A few lines in capitals, as a real sample has them: without any, capitals would be bytes.
    sample = [line for pair in pairs[:5000] for line in pair]
    sample += [line.upper() for line in sample[:500]]
    with vocab.open("wb") as model:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(sample), model_writer=model, vocab_size=640, model_type="bpe", byte_fallback=True,
            character_coverage=1.0, bos_id=-1, eos_id=0, unk_id=1, num_threads=1, minloglevel=2,
        )  # fmt: skip
    write_guided_tsv(corpus, [*sides, alignments], (vocab, vocab), LANGUAGES, threads=1)
    return vocab, vocab


def tags_command(work: Path, corpus: Path, vocab: tuple[Path, Path], modifiers: Mapping[str, float], lines: int) -> list[str]:
    """OpusTrainer as it comes, with its own modifiers of the same names; Tags, last, inserts the noise and finds the links of pieces."""
    import yaml

    folder = work / "tags"
    folder.mkdir()
    rows = (line.split("\t") for line in islice(read_lines(corpus), lines))
    write_lines(folder / "corpus.tsv", ("\t".join((source, target, tokens)) for source, target, _, tokens in rows))
    tags = {"Tags": modifiers["InlineNoise"], "augment": 1, "tag": 0, "spm_vocab_src": str(vocab[0]), "spm_vocab_trg": str(vocab[1])}
    own = [{name: probability} for name, probability in modifiers.items() if name != "InlineNoise"]
    configuration = folder / "opustrainer.yml"
    data = {"datasets": {"original": str(folder / "corpus.tsv")}, "seed": 1, "num_fields": 3, **ONE_EPOCH, "modifiers": [*own, tags]}
    configuration.write_text(yaml.safe_dump(data), encoding="utf-8")
    return [sys.executable, "-m", "opustrainer", "--config", str(configuration), "--temporary-directory", str(folder)]


def lines_per_second(command: Sequence[str]) -> float:
    """Lines that `command` feeds to wc, by CPU second of all processes; they work one at a time."""
    before = cpu_seconds()
    counted = subprocess.run([*command, "--workers", "0", "wc", "-l"], check=True, stdout=subprocess.PIPE)
    return int(counted.stdout) / (cpu_seconds() - before)


def cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
