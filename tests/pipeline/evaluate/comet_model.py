"""A model of COMET's architecture in Marian's format, with weights that make its scores known.

The encoder's weights are random, so that every word of a sentence matters to every other. The pooler looks at one thing only: how far the
translation's embedding is from the reference's. Where they are equal the score is PERFECT, otherwise it is less.
"""

import math
from pathlib import Path

import numpy
import pytest
import yaml

from pipeline.common.lines import read_lines
from pipeline.common.marian import run_marian

BIAS = 2.0
PERFECT = 100 / (1 + math.exp(-BIAS))

DIM, FFN, HEADS, PIECES, POSITIONS, POOLER = 16, 32, 2, 480, 512, (8, 4)

CONFIG = {
    "type": "comet",
    "version": "test",
    "enc-depth": 1,
    "dim-emb": DIM,
    "dim-vocabs": [PIECES],
    "max-length": POSITIONS,
    "tied-embeddings-all": True,
    "transformer-dim-ffn": FFN,
    "transformer-heads": HEADS,
    "transformer-ffn-depth": 2,
    "transformer-ffn-activation": "gelu",
    "transformer-preprocess": "",
    "transformer-postprocess": "dan",
    "transformer-postprocess-emb": "nd",
    "transformer-train-position-embeddings": True,
    "bert-train-type-embeddings": False,
    "bert-type-vocab-size": 0,
    "comet-prepend-zero": True,
    "comet-mix": True,
    "comet-mix-norm": True,
    "comet-mix-transformation": "sparsemax",
    "comet-final-sigmoid": True,
    "comet-pooler-ffn": list(POOLER),
}


def weights() -> dict[str, numpy.ndarray]:
    generator = numpy.random.default_rng(1)
    tensors: dict[str, numpy.ndarray] = {}

    def linear(name: str, inputs: int, outputs: int) -> None:
        tensors[f"{name}->weight"] = generator.normal(0, 0.5 / math.sqrt(inputs), (inputs, outputs))
        tensors[f"{name}->bias"] = numpy.zeros(outputs)

    def norm(name: str) -> None:
        tensors[f"{name}->weight"], tensors[f"{name}->bias"] = numpy.ones(DIM), numpy.zeros(DIM)

    encoder, layer = "CometEncoder->encoder", "CometEncoder->encoder->layers->at(0)->as<marian::nn::TransformerEncoderLayer>()"
    tensors["Wemb"] = generator.normal(0, 1, (PIECES, DIM))
    tensors[f"{encoder}->positionEmbedding->embeddings"] = generator.normal(0, 0.1, (POSITIONS, DIM))
    norm(f"{encoder}->preprocessor->norm")
    for projection in "qkvo":
        linear(f"{layer}->selfAttentionBlock->selfAttention->{projection}Proj", DIM, DIM)
    norm(f"{layer}->selfAttentionBlock->postprocessor->norm")
    linear(f"{layer}->filterBlock->layers->at(0)->as<marian::nn::Linear>()", DIM, FFN)
    linear(f"{layer}->filterBlock->layers->at(3)->as<marian::nn::Linear>()", FFN, DIM)
    norm(f"{layer}->filterBlock->postprocessor->norm")
    tensors[f"{encoder}->weights"], tensors[f"{encoder}->gamma"] = numpy.zeros(2), numpy.ones(1)

    # The pooler is given: translation, reference, their product, their difference, and product and difference of translation and source.
    difference = numpy.zeros((6 * DIM, POOLER[0]))
    difference[3 * DIM : 4 * DIM] = 1 / DIM
    pooler = {0: (difference, 0.0), 3: (numpy.full(POOLER, 1 / POOLER[0]), 0.0), 6: (numpy.full((POOLER[1], 1), -8 / POOLER[1]), BIAS)}
    for number, (matrix, bias) in pooler.items():
        name = f"CometQEPooler->layers->at({number})->as<marian::nn::Linear>()"
        tensors[f"{name}->weight"], tensors[f"{name}->bias"] = matrix, numpy.full(matrix.shape[1], bias)
    return {name: tensor.astype(numpy.float32) for name, tensor in tensors.items()}


@pytest.fixture(scope="session")
def comet_files(tiny_corpus: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The model and its vocabulary, whose first pieces are those of XLM-R: unknown, start, end of sentence."""
    import sentencepiece

    folder = tmp_path_factory.mktemp("comet")
    with (folder / "vocab.spm").open("wb") as file:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=(line for side in tiny_corpus for line in read_lines(side)),
            model_writer=file,
            vocab_size=PIECES,
            model_type="bpe",
            byte_fallback=True,
            character_coverage=1.0,
            unk_id=0,
            bos_id=1,
            eos_id=2,
            num_threads=1,
            minloglevel=2,
        )
    config = numpy.frombuffer(yaml.safe_dump(CONFIG).encode() + b"\0", numpy.int8)
    numpy.savez(folder / "model.npz", **weights(), **{"special:model.yml": config})
    run_marian("convert", {"from": folder / "model.npz", "to": folder / "model.bin"})
    return folder / "model.bin", folder / "vocab.spm"
