"""Decodes with CTranslate2, which is faster than Marian on a GPU: a Marian model is converted, Marian's options are translated.

CTranslate2 takes no ensemble, and of Marian's architectures the plain transformer only (no SSRU, no RNN): a teacher, not a student. Batches
are cut as Marian cuts them: a number of sentences is read, sorted by length and cut, and a translation may get `max-length-factor` times as
long as the longest sentence of its batch.
"""

import shutil
from collections import deque
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.common.lines import read_lines
from pipeline.common.marian import Options, OptionValue
from pipeline.common.marian_lines import sentences_sorted_together, whole_number
from pipeline.common.script import StepError
from pipeline.common.workers import batches
from pipeline.translate.ctranslate2_conversion import POSITIONS, convert
from pipeline.translate.n_best import Candidate

if TYPE_CHECKING:
    from ctranslate2 import AsyncTranslationResult, TranslationResult, Translator
    from sentencepiece import SentencePieceProcessor

# What is done as Marian does it, and what does not change the translations. Sampling, shortlists and penalties would: they are refused.
HONOURED = {"models", "vocabs", "beam-size", "normalize", "n-best", "max-length", "max-length-crop", "max-length-factor"}
HONOURED |= {"mini-batch", "mini-batch-words", "maxi-batch", "devices", "cpu-threads", "precision", "fp16"}
WITHOUT_EFFECT = {"workspace", "maxi-batch-sort", "quiet", "quiet-translation", "log", "log-level", "seed", "data-threads", "optimize"}

AHEAD = 64  # batches handed over before the first of them is waited for; text is kept of the rest, not its pieces

Pieces = list[str]


def decode(source: Path, options: Options, work_dir: Path) -> Iterator[bytes]:
    """The lines that Marian would write: translations, or with `n-best` their candidates, sentences counted from 0.

    Raises StepError where the model or an option is one that CTranslate2 does not know.
    """
    check_options(options)
    model, vocabs = only_model(options), paths(options["vocabs"])
    if find_spec("ctranslate2") is None:
        raise StepError("the decoder ctranslate2 needs the package ctranslate2, which is not installed here")
    from sentencepiece import SentencePieceProcessor

    source_vocab, target_vocab = (SentencePieceProcessor(model_file=str(path)) for path in vocabs)
    folder = work_dir / "ctranslate2"
    translator = load(convert(model, [source_vocab, target_vocab], folder), options)
    longest = min(whole_number(options, "max-length"), POSITIONS) - 1  # Marian counts the end of the sentence
    first = 0
    for block in batches(read_lines(source), sentences_sorted_together(options)):
        pieces = [encoded[:longest] for encoded in source_vocab.encode(block, out_type=str)]
        lines: list[list[bytes]] = [[]] * len(block)
        for number, result in translate(translator, pieces, options):
            lines[number] = result_lines(first + number, result, target_vocab, options)
        yield from chain.from_iterable(lines)
        first += len(block)
    shutil.rmtree(folder)


def translate(translator: "Translator", sentences: list[Pieces], options: Options) -> Iterator[tuple[int, "TranslationResult"]]:
    """Results with the numbers of their sentences, batch by batch. Some batches are handed over ahead: every device has work."""
    beam = whole_number(options, "beam-size")
    factor = float(str(options.get("max-length-factor", 3)))
    under_way: deque[tuple[list[int], list[AsyncTranslationResult]]] = deque()

    def finished() -> "Iterator[tuple[int, TranslationResult]]":
        for number, result in zip(*under_way.popleft(), strict=True):
            yield number, result.result()

    for batch in cut(sentences, options):
        results = translator.translate_batch(
            [sentences[number] for number in batch],
            beam_size=beam,
            num_hypotheses=beam if options.get("n-best") else 1,
            length_penalty=length_penalty(options),
            max_input_length=0,
            max_decoding_length=min(int(factor * (len(sentences[batch[0]]) + 1)), POSITIONS - 1),
            disable_unk=True,
            return_scores=True,
            asynchronous=True,
        )
        under_way.append((batch, results))
        if len(under_way) > AHEAD:
            yield from finished()
    while under_way:
        yield from finished()


def result_lines(sentence: int, result: "TranslationResult", vocab: "SentencePieceProcessor", options: Options) -> list[bytes]:
    """What Marian would write for the sentence. A piece can be the byte of a line break: that becomes a blank."""
    texts = [text.replace("\n", " ") for text in vocab.decode(result.hypotheses)]
    if options.get("n-best"):
        hypotheses = zip(texts, result.hypotheses, result.scores, strict=True)
        return [f"{candidate(sentence, *hypothesis, options)}\n".encode() for hypothesis in hypotheses]
    return [f"{texts[0]}\n".encode()]


def cut(sentences: list[Pieces], options: Options) -> Iterator[list[int]]:
    """Batches of sentence numbers, the longest first: `mini-batch` sentences, or as many as fit into `mini-batch-words` when padded."""
    numbers = iter(sorted(range(len(sentences)), key=lambda number: -len(sentences[number])))
    words = whole_number(options, "mini-batch-words") if "mini-batch-words" in options else 0
    for first in numbers:
        size = max(1, words // (len(sentences[first]) + 1)) if words else whole_number(options, "mini-batch")
        yield [first, *islice(numbers, size - 1)]


def load(model: Path, options: Options) -> "Translator":
    """On the GPUs of `devices` where there are any, in half precision where `fp16` or `precision` say so; otherwise on CPU threads."""
    from ctranslate2 import Translator

    half = options.get("fp16") is True or "float16" in str(options.get("precision", ""))
    if devices := options.get("devices"):
        indices = [int(str(device)) for device in ([devices] if isinstance(devices, str | int) else devices)]  # type: ignore[union-attr]
        return Translator(str(model), device="cuda", device_index=indices, compute_type="float16" if half else "float32")
    threads = whole_number(options, "cpu-threads")
    return Translator(str(model), device="cpu", inter_threads=threads, intra_threads=1, compute_type="float32")


def candidate(sentence: int, text: str, pieces: Pieces, score: float, options: Options) -> Candidate:
    """CTranslate2 scores as Marian orders: by the log-probability divided by the length, with its end, to the power of `normalize`."""
    total = score * (len(pieces) + 1) ** length_penalty(options)
    return Candidate(sentence, text, f"F0= {total:g}", score)


def length_penalty(options: Options) -> float:
    value = options.get("normalize", 0)
    return float(value) if isinstance(value, bool | str | int | float) else 0.0


def check_options(options: Options) -> None:
    if unknown := sorted(set(options) - HONOURED - WITHOUT_EFFECT):
        listed = ", ".join(f"--{name}" for name in unknown)
        raise StepError(f"CTranslate2 has nothing like Marian's {listed}; known are {', '.join(sorted(HONOURED | WITHOUT_EFFECT))}")


def only_model(options: Options) -> Path:
    models = paths(options["models"])
    if len(models) != 1:
        raise StepError(
            f"CTranslate2 decodes with one model, not with an ensemble of {len(models)}; use one teacher, or the decoder marian"
        )
    return models[0]


def paths(value: OptionValue) -> list[Path]:
    if isinstance(value, int | float):
        raise StepError(f"a path expected, found {value}")
    return [Path(str(path)) for path in ([value] if isinstance(value, str | Path) else value)]
