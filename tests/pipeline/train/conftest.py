from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.pipeline.toy_training import training_words


@pytest.fixture
def train(tmp_path: Path, tiny_corpus: tuple[Path, Path], vocab: tuple[Path, Path]) -> Callable[..., list[str]]:
    """The command line of a training in tmp_path, of so many updates."""
    return partial(training_words, tmp_path, tiny_corpus, vocab)
