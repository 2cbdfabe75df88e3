"""Exports a quantized student in the layout that Firefox loads.

In: the quantized model, the lexical shortlist as text (lines of "target source probability"), the vocabularies.
Out, in a folder, for languages src and trg:

    model.{src}{trg}.intgemm8.bin      the model
    lex.50.50.{src}{trg}.s2t.bin       the shortlist, compiled: the 50 most frequent pieces and the 50 best of each source piece
    vocab.{src}{trg}.spm               the joint vocabulary, or with --split-vocab srcvocab.{src}{trg}.spm and trgvocab.{src}{trg}.spm
    *.gz                               a gzipped copy of each: what is published, and what a browser downloads
    metadata.json                      see the module metadata

The same input gives the same bytes, gzipped copies included.
"""

import argparse
import logging
import shutil
from collections.abc import Sequence
from pathlib import Path

from pipeline.common.lines import open_input, open_output
from pipeline.common.marian import run_marian
from pipeline.common.outputs import write_json
from pipeline.common.script import StepError, base_parser, check_files, run
from pipeline.export.metadata import model_metadata
from pipeline.quantize.binary_format import read_items
from pipeline.quantize.browser_format import EMBEDDINGS

# The shortlist lets a source piece be translated by the FIRST most frequent target pieces, and by its BEST most probable ones. The
# browser's engine expects both numbers in the file's name.
FIRST, BEST = 50, 50


def parser() -> argparse.ArgumentParser:
    parser = base_parser(__doc__)
    parser.add_argument("--model", type=Path, required=True, metavar="BIN", help="the quantized student")
    parser.add_argument("--shortlist", type=Path, required=True, metavar="FILE", help="the lexical shortlist, text")
    parser.add_argument("--vocab", type=Path, nargs=2, required=True, metavar=("SRC_SPM", "TRG_SPM"), help="SentencePiece vocabularies")
    parser.add_argument("--split-vocab", action="store_true", help="the two sides have vocabularies of their own")
    parser.add_argument("--src", required=True, metavar="LANGUAGE", help="source language")
    parser.add_argument("--trg", required=True, metavar="LANGUAGE", help="target language")
    parser.add_argument("--architecture", required=True, metavar="NAME", help="name of the student's architecture, such as tiny")
    parser.add_argument("--model-version", default="1.0", metavar="VERSION", help="browsers prefer the highest; default: 1.0")
    parser.add_argument("--output-dir", type=Path, required=True, metavar="DIR")
    parser.add_argument("--work-dir", type=Path, required=True, metavar="DIR", help="for the shortlist while it is compiled")
    return parser


def main(argv: Sequence[str] | None = None) -> None:
    args = parser().parse_args(argv)
    check_files([args.model, args.shortlist, *args.vocab])
    check_vocabularies(args.model, args.vocab, args.split_vocab)
    compiling = args.work_dir / "shortlist"
    compiling.mkdir(parents=True, exist_ok=True)

    pair = f"{args.src}{args.trg}"
    sources = {
        f"model.{pair}.intgemm8.bin": args.model,
        f"lex.{FIRST}.{BEST}.{pair}.s2t.bin": compile_shortlist(args.shortlist, args.vocab, compiling),
    }
    if args.split_vocab:
        sources |= {f"srcvocab.{pair}.spm": args.vocab[0], f"trgvocab.{pair}.spm": args.vocab[1]}
    else:
        sources |= {f"vocab.{pair}.spm": args.vocab[0]}

    for name, source in sources.items():
        copy(source, args.output_dir / name)
        copy(source, args.output_dir / f"{name}.gz")
    metadata = model_metadata(
        [args.output_dir / name for name in sources], args.src, args.trg, architecture=args.architecture, version=args.model_version
    )
    write_json(args.output_dir / "metadata.json", metadata)
    shutil.rmtree(compiling)

    size, download = (sum(file[kind]["byteSize"] for file in metadata["files"].values()) for kind in ("plain", "gzipped"))
    logging.info("%s: %s bytes, %s as a browser downloads them", args.output_dir, f"{size:,}", f"{download:,}")
    write_json(args.statistics, {"bytes": size, "download_bytes": download, "parameters": metadata["modelStatistics"]["parameters"]})


def compile_shortlist(shortlist: Path, vocab: Sequence[Path], work_dir: Path) -> Path:
    """Compiles a shortlist of text with Marian's converter; returns the binary one, in `work_dir`."""
    text, binary = work_dir / "lex.s2t", work_dir / "lex.s2t.bin"
    copy(shortlist, text)
    if text.stat().st_size == 0:
        raise StepError(f"{shortlist}: an empty shortlist, expected lines of a target piece, a source piece and a probability")
    # A threshold of 0 keeps every one of the best; the numbers alone bound the list.
    run_marian("convert", {"shortlist": [text, FIRST, BEST, 0], "dump-shortlist": binary, "vocabs": vocab})
    return binary


def copy(source: Path, target: Path) -> None:
    """Copies content, decompressing and compressing as the two names say."""
    with open_input(source) as content, open_output(target) as output:
        shutil.copyfileobj(content, output)


def check_vocabularies(model: Path, vocab: Sequence[Path], split: bool) -> None:
    """Raises StepError where the vocabularies are not the model's: the engine would load them, and translate into nonsense."""
    import sentencepiece

    if not split and vocab[0].read_bytes() != vocab[1].read_bytes():
        raise StepError(f"{vocab[0]} and {vocab[1]} differ: a model with vocabularies of their own for the two sides needs --split-vocab")
    rows = {item.name: item.shape[0] for item in read_items(model) if item.name in EMBEDDINGS}
    if not rows:
        raise StepError(f"{model}: no embeddings, expected an item named {', '.join(EMBEDDINGS[:-1])} or {EMBEDDINGS[-1]}")
    for path, name in zip(vocab, ("encoder_Wemb", "decoder_Wemb"), strict=True):
        try:
            pieces = sentencepiece.SentencePieceProcessor(model_file=str(path)).vocab_size()
        except (OSError, RuntimeError) as error:
            raise StepError(f"{path}: not a SentencePiece vocabulary ({error})") from error
        embedded = rows.get(name, rows.get("Wemb"))
        if pieces != embedded:
            raise StepError(f"{path}: {pieces} pieces, but {model} was trained with {embedded}: another model's vocabulary")


if __name__ == "__main__":
    run(main)
