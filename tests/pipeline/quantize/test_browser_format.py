"""Items as the browser's engine reads them."""

import numpy
import pytest

from pipeline.common.script import StepError
from pipeline.quantize.binary_format import FLOAT32, INT8, MARIAN_INTGEMM8, Item, padded
from pipeline.quantize.browser_format import BROWSER_INTGEMM8, quantized_embedding, to_browser_format


def embedding(weights: numpy.ndarray, name: str = "Wemb") -> Item:
    return Item(name, FLOAT32, weights.shape, padded(weights.astype("<f4").tobytes()))


def test_an_embedding_comes_back_within_half_a_step_of_its_weights() -> None:
    weights = numpy.random.default_rng(1).normal(size=(16, 5)).astype("<f4")
    item = quantized_embedding(embedding(weights))
    assert (item.name, item.type, item.shape) == ("Wemb", BROWSER_INTGEMM8, (16, 5))
    assert len(item.data) == 256
    quantized = numpy.frombuffer(item.data, numpy.int8, 80).reshape(16, 5)
    (scale,) = numpy.frombuffer(item.data, "<f4", 1, offset=80)
    assert scale == pytest.approx(127 / abs(weights).max())
    assert abs(quantized).max() == 127
    assert abs(quantized / scale - weights).max() <= 0.5 / scale * 1.0001
    assert not any(item.data[84:])


def test_other_items_keep_their_data() -> None:
    weights = numpy.ones((8, 64))
    items = [
        embedding(weights, "encoder_Wemb"),
        embedding(weights, "decoder_Wemb"),
        Item("decoder_l1_ffn_W1", MARIAN_INTGEMM8, (64, 128), bytes(8448)),
        Item("decoder_l1_ffn_b1", FLOAT32, (1, 128), bytes(512)),
        Item("special:model.yml", INT8, (6,), padded(b"a: b\n\0")),
    ]
    source, target, layer, *others = to_browser_format(items)
    assert (source.type, target.type) == (BROWSER_INTGEMM8, BROWSER_INTGEMM8)
    assert layer == Item("decoder_l1_ffn_W1", BROWSER_INTGEMM8, (64, 128), bytes(8448))
    assert others == items[3:]


def test_a_vocabulary_that_the_engine_cannot_multiply_is_refused() -> None:
    with pytest.raises(StepError, match=r"Wemb: 139 rows.*multiple of 8: train one of such a size \(experiment\.spm-vocab-size\)"):
        quantized_embedding(embedding(numpy.ones((139, 64))))


@pytest.mark.parametrize("value", [0.0, numpy.nan, numpy.inf])
def test_weights_of_a_training_that_went_wrong_are_refused(value: float) -> None:
    with pytest.raises(StepError, match="Wemb: its largest weight is"):
        quantized_embedding(embedding(numpy.full((8, 4), value)))


def test_a_model_is_not_quantized_twice() -> None:
    with pytest.raises(StepError, match="Wemb: type 0x4101, expected float32"):
        list(to_browser_format([Item("Wemb", BROWSER_INTGEMM8, (8, 64), bytes(768))]))


def test_what_marian_leaves_in_the_padding_is_dropped() -> None:
    garbage = b"\x7f" * 128
    items = [
        Item("decoder_l1_ffn_W1", MARIAN_INTGEMM8, (8, 16), b"w" * 128 + b"qqqq" + garbage[4:]),
        Item("decoder_l1_ffn_b1", FLOAT32, (1, 32), b"b" * 128 + garbage),
        Item("special:model.yml", INT8, (128,), b"y" * 128 + garbage),
    ]
    layer, bias, config = to_browser_format(items)
    assert layer.data == b"w" * 128 + b"qqqq" + bytes(124)
    assert bias.data == b"b" * 128 + bytes(128)
    assert config.data == b"y" * 128 + bytes(128)
