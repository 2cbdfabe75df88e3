"""What the scripts run on in tests: a corpus of the toy languages, its vocabulary, and a model that has learned it."""

from pathlib import Path

import pytest

from pipeline.common.lines import read_lines, write_lines
from pipeline.common.marian import Options, run_marian
from tests.pipeline.toy_language import toy_sentences, write_corpus
from tests.pipeline.web_server import web_server  # noqa: F401, a fixture

TOY_UPDATES = 1000


@pytest.fixture(scope="session")
def tiny_corpus(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """3,000 pairs of the toy languages: corpus.en.zst and corpus.it.zst."""
    return write_corpus(tmp_path_factory.mktemp("corpus"), toy_sentences(3000))


@pytest.fixture(scope="session")
def vocab(tiny_corpus: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A joint SentencePiece vocabulary of 480 pieces (256 of them are single bytes), the same for both sides.

    BPE: a unigram model takes no piece that occurs in one word only, so that hardly a toy word would be whole.
    """
    import sentencepiece

    paths = tuple(tmp_path_factory.mktemp("vocab") / f"vocab.{language}.spm" for language in ("en", "it"))
    for path in paths:
        with path.open("wb") as file:
            sentencepiece.SentencePieceTrainer.train(
                sentence_iterator=(line for side in tiny_corpus for line in read_lines(side)),
                model_writer=file,
                vocab_size=480,
                model_type="bpe",
                byte_fallback=True,
                character_coverage=1.0,
                bos_id=-1,
                eos_id=0,
                unk_id=1,
                num_threads=1,
                minloglevel=2,
            )
    return paths[0], paths[1]


@pytest.fixture(scope="session")
def tiny_model(tiny_corpus: tuple[Path, Path], vocab: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A student with SSRU decoder, 64-dim, one layer each side; translates nine of ten toy sentences. 6 s on one core."""
    ssru = {"transformer-decoder-autoreg": "rnn", "dec-cell": "ssru"}
    return train_toy_model(tmp_path_factory.mktemp("model"), tiny_corpus, vocab, ssru)


def train_toy_model(folder: Path, corpus: tuple[Path, Path], vocab: tuple[Path, Path], architecture: Options) -> Path:
    plain = [folder / "train.en", folder / "train.it"]
    for compressed, path in zip(corpus, plain, strict=True):
        write_lines(path, read_lines(compressed))
    model = folder / "model.npz"
    run_marian(
        "train",
        {
            "type": "transformer",
            "model": model,
            "train-sets": plain,
            "vocabs": vocab,
            "dim-emb": 64,
            "transformer-dim-ffn": 128,
            "transformer-heads": 4,
            "enc-depth": 1,
            "dec-depth": 1,
            "transformer-postprocess": "dan",
            "tied-embeddings-all": True,
            "cost-type": "ce-mean-words",
            "learn-rate": 0.003,
            "lr-warmup": 50,
            "lr-decay-inv-sqrt": 250,
            "mini-batch": 16,
            "sync-sgd": True,
            "clip-norm": 1,
            "after": f"{TOY_UPDATES}u",
            "disp-freq": "500u",
            "seed": 1,
            "cpu-threads": 1,
            "workspace": 300,
            "quiet-translation": True,
        }
        | architecture,
    )
    return model
