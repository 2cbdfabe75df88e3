import pytest

from pipeline.common.script import StepError
from pipeline.common.vocabularies import shared_vocab


@pytest.fixture
def files(tmp_path):
    """Vocabularies by name and content: a1 and a2 are equal."""
    contents = {"a1": b"a", "a2": b"a", "b1": b"b", "b2": b"b", "c": b"c"}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return lambda names: [tmp_path / name for name in names.split()]


@pytest.mark.parametrize("given", ["a1 b1", "a1 a2 b1 b2"])
def test_the_first_pair_serves_all(files, given):
    assert shared_vocab(files(given)) == files("a1 b1")


@pytest.mark.parametrize(
    ("given", "message"), [("a1 c b1 b2", "c and .*a1 differ"), ("a1 a2 b1 c", "c and .*b1 differ"), ("a1 a2 b1", "3 vocabularies")]
)
def test_models_of_different_vocabularies_do_not_decode_together(files, given, message):
    with pytest.raises(StepError, match=message):
        shared_vocab(files(given))
