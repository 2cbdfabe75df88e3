"""COMET: a neural network's judgement of translations, given the sources and the references. It runs in Marian.

Rei et al. 2020, COMET: A Neural Framework for MT Evaluation, https://aclanthology.org/2020.emnlp-main.213; the model is wmt22-comet-da
(Rei et al. 2022, https://aclanthology.org/2022.wmt-1.52) as converted for Marian. It is never downloaded here: docs/evaluation.md says how
to get it and where it is looked for.
"""

import logging
import os
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipeline.common.marian import Options, decoding_devices, run_marian
from pipeline.common.script import StepError

MODEL = "wmt22-comet-da"
NOT_AVAILABLE = "not available"

EVALUATING: Options = {
    "like": "comet",
    "train-sets": "stdin",
    # On the CPU, Marian lets the padding of a batch into the scores of its shorter sentences, which changes them by several points. A batch
    # of one sentence has no padding, and one way to score on all devices gives one score.
    "mini-batch": 1,
    "max-length-crop": True,
    "width": 6,
    "log-level": "warn",
}


def comet_score(sources: Sequence[str], translations: Sequence[str], references: Sequence[str]) -> dict[str, Any] | str:
    """{"score", "signature"}, or NOT_AVAILABLE where the model is not on this machine.

    The score is the mean over the sentences, times 100: some 60 to 95 for most systems. Raises StepError where the model is there and does
    not work.
    """
    found = find_model()
    if found is None:
        logging.warning("COMET is not computed: no %s in %s (see docs/evaluation.md)", MODEL, model_folder())
        return NOT_AVAILABLE
    scores = sentence_scores(*found, sources, translations, references)
    # Two digits, as COMET is printed: the sixth of a sentence's score is not the same on all devices.
    score = round(100 * sum(scores) / len(scores), 2)
    return {"score": score, "signature": f"model:{MODEL}|scale:100|version:pymarian-{version('pymarian')}"}


def model_folder() -> Path:
    """COMET_MODEL_DIR, otherwise the folder into which pymarian downloads its models."""
    from pymarian.defaults import Defaults

    return Path(os.environ.get("COMET_MODEL_DIR") or Defaults.CACHE_PATH)


def find_model() -> tuple[Path, Path] | None:
    """The model and its vocabulary, None where there is neither; raises StepError where one lacks the other.

    In the folder lie either two files of Marian in a folder by the model's name, or what pymarian has downloaded.
    """
    from huggingface_hub import try_to_load_from_cache
    from pymarian.defaults import Defaults

    folder = model_folder()
    plain = folder / MODEL / f"model.{MODEL}.bin", folder / MODEL / "vocab.spm"
    if not any(path.exists() for path in plain):
        _, repository = Defaults.KNOWN_METRICS[MODEL]
        downloaded = [
            try_to_load_from_cache(name, file, cache_dir=folder)
            for name, file in ((repository, "checkpoints/marian.model.bin"), (Defaults.COMET_VOCAB_REPO, "sentencepiece.bpe.model"))
        ]
        model, vocab = (Path(path) if isinstance(path, str) else None for path in downloaded)
        if model is None:
            return None  # the vocabulary alone is that of other models too
        if vocab is None:
            raise StepError(f"{model}: COMET's model is there, but not its vocabulary, {Defaults.COMET_VOCAB_REPO} in {folder}")
        return model, vocab
    if missing := [str(path) for path in plain if not path.is_file()]:
        raise StepError(f"COMET needs its model and its vocabulary, missing is {', '.join(missing)}")
    return plain


def one_worker() -> Options:
    """The first granted GPU, or one CPU thread.

    Marian gives the worker that takes sentence number N the graph number N modulo workers: one that is quick takes the first two
    sentences, and another begins with the third in the same graph as the first. They crash, or worse.
    """
    devices = decoding_devices(threads=1)
    if gpus := devices.get("devices"):
        assert isinstance(gpus, list)
        devices["devices"] = gpus[:1]
    return devices


def sentence_scores(
    model: Path, vocab: Path, sources: Sequence[str], translations: Sequence[str], references: Sequence[str]
) -> list[float]:
    """The score of each translation, 0 to 1. Memory: the model (2.3 GB)."""
    from pymarian.defaults import Defaults

    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as texts, tempfile.TemporaryFile() as written:
        # Marian tells the kind of a vocabulary by its suffix.
        spm = Path(folder) / "vocab.spm"
        spm.symlink_to(vocab.resolve())
        for row in zip(sources, translations, references, strict=True):
            texts.write("\t".join(text.replace("\t", " ") for text in row).encode("utf-8") + b"\n")
        texts.seek(0)
        options = EVALUATING | one_worker() | {"model": model, "vocabs": [spm] * 3, "max-length": Defaults.MAX_LENGTH}
        try:
            run_marian("evaluate", options, stdin=texts, stdout=written)
        except StepError as error:
            raise StepError(f"COMET's model {model} does not work with the vocabulary {vocab}: {error}") from error
        written.seek(0)
        scores = [float(line) for line in written]
    if len(scores) != len(sources):
        raise StepError(f"COMET's model {model} gave {len(scores)} scores for {len(sources)} lines")
    return scores
