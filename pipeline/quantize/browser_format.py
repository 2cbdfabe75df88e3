"""From Marian's 8-bit model to the one that browsers load.

The browser's engine (Bergamot) is built on an older fork of Marian. Its 8-bit models have the same layout and differ in two things:

- the item type of 8-bit weights has another number;
- embeddings are stored in 8 bits too. That is not needed to load the model, but embeddings are most of a small student: without it the
  download grows by a factor of two or more.

An 8-bit item is its weights as int8, each round(w * q) with q = 127 / max|w|, then q as one float32, then zeros to the next multiple of
256 bytes. Marian stores the weights of the layers transposed; embeddings, which are looked up row by row, are not.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from math import prod

from pipeline.common.script import StepError
from pipeline.quantize.binary_format import FLOAT32, INT8, MARIAN_INTGEMM8, Item, padded

BROWSER_INTGEMM8 = 0x4101
# Of an element, by item type; the scale q follows the elements of an 8-bit item.
BYTES = {FLOAT32: 4, INT8: 1, MARIAN_INTGEMM8: 1}
SCALE_BYTES = 4
# One table for a joint vocabulary, two for split ones.
EMBEDDINGS = ("Wemb", "encoder_Wemb", "decoder_Wemb")
# The kernels of the engine multiply eight rows of the embeddings (the output layer) at a time.
ROWS_AT_A_TIME = 8


def to_browser_format(items: Iterable[Item]) -> Iterator[Item]:
    """The items as the browser's engine reads them; raises StepError where its kernels cannot work with the model."""
    for item in items:
        if item.name in EMBEDDINGS:
            yield quantized_embedding(item)
        elif item.type == MARIAN_INTGEMM8:
            yield replace(zero_padded(item), type=BROWSER_INTGEMM8)
        else:
            yield zero_padded(item)


def zero_padded(item: Item) -> Item:
    """The item with zeros for its padding, where Marian leaves whatever its memory held: the same model gives the same bytes."""
    size = prod(item.shape) * BYTES[item.type] + (SCALE_BYTES if item.type == MARIAN_INTGEMM8 else 0)
    return replace(item, data=item.data[:size] + bytes(len(item.data) - size))


def quantized_embedding(item: Item) -> Item:
    """A float32 item of shape (pieces of the vocabulary, embedding dimension) in 8 bits."""
    import numpy

    if item.type != FLOAT32:
        raise StepError(
            f"{item.name}: type {item.type:#x}, expected float32 ({FLOAT32:#x}): quantize a model that Marian has just converted"
        )
    rows, dimension = item.shape
    if rows % ROWS_AT_A_TIME:
        raise StepError(
            f"{item.name}: {rows} rows, but the browser's engine needs a vocabulary whose size is a multiple of {ROWS_AT_A_TIME}: "
            f"train one of such a size (experiment.spm-vocab-size), or take another one"
        )
    weights = numpy.frombuffer(item.data, dtype="<f4", count=rows * dimension)
    largest = numpy.abs(weights).max()
    if not numpy.isfinite(largest) or largest == 0:
        raise StepError(f"{item.name}: its largest weight is {largest}: training has diverged or never begun")
    scale = numpy.float32(127) / largest
    quantized = numpy.clip(numpy.rint(weights * scale), -127, 127).astype(numpy.int8)
    return replace(item, type=BROWSER_INTGEMM8, data=padded(quantized.tobytes() + scale.astype("<f4").tobytes()))
