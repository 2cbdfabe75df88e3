"""COMET as Marian computes it, with a tiny model whose scores are known (see comet_model.py)."""

import logging
from pathlib import Path

import pytest

from pipeline.common.marian import Options
from pipeline.common.script import RetryableError, StepError
from pipeline.evaluate import comet
from pipeline.evaluate.comet import NOT_AVAILABLE, comet_score, find_model
from tests.pipeline.evaluate.comet_model import PERFECT
from tests.pipeline.toy_language import toy_sentences

SOURCES, REFERENCES = map(list, zip(*toy_sentences(30, seed=3, longest=12), strict=True))
WRONG = REFERENCES[1:] + REFERENCES[:1]


def score(sources: list[str], translations: list[str], references: list[str]) -> float:
    found = comet_score(sources, translations, references)
    assert isinstance(found, dict)
    assert found["signature"].startswith("model:wmt22-comet-da|scale:100|version:pymarian-1.")
    return found["score"]


@pytest.mark.usefixtures("comet")
def test_the_translation_is_held_against_the_reference() -> None:
    """The tiny model looks at the distance of the two: whatever stands in the wrong field shows."""
    assert score(SOURCES, REFERENCES, REFERENCES) == round(PERFECT, 2)
    wrong = score(SOURCES, WRONG, REFERENCES)
    assert wrong < PERFECT - 5
    assert score(WRONG, WRONG, REFERENCES) == wrong
    assert score(REFERENCES, WRONG, REFERENCES) == wrong


@pytest.mark.usefixtures("comet")
def test_a_sentence_scores_the_same_alone_and_among_longer_ones() -> None:
    rows = [(SOURCES[0], WRONG[0], REFERENCES[0]), ("house", "casa", "città"), ("house", "casa", "casa casa casa casa")]
    alone = [score([source], [translation], [reference]) for source, translation, reference in rows]
    together = score(*(list(side) for side in zip(*rows, strict=True)))
    assert together == pytest.approx(sum(alone) / len(alone), abs=0.01)
    assert max(alone) - min(alone) > 1


@pytest.mark.parametrize(
    ("granted", "worker"),
    [
        ({"devices": ["2", "3"], "workspace": 8000}, {"devices": ["2"], "workspace": 8000}),
        ({"cpu-threads": 1, "workspace": 1000}, {"cpu-threads": 1, "workspace": 1000}),
    ],
)
def test_one_worker_scores(granted: Options, worker: Options, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comet, "decoding_devices", lambda threads: granted)
    assert comet.one_worker() == worker


@pytest.mark.usefixtures("comet")
def test_odd_lines_stay_lines() -> None:
    """Nothing at all, tabs, other line breaks, more words than the model has positions: a wrong split would change a score."""
    odd = ["", " ", "casa\tcittà", "casa\u2028città", "casa\rcittà", "casa " * 2000]
    assert score(odd, odd, odd) == round(PERFECT, 2)


def test_without_a_model_it_is_not_available(comet_folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert comet_score(SOURCES, WRONG, REFERENCES) == NOT_AVAILABLE
    assert f"no wmt22-comet-da in {comet_folder} (see docs/evaluation.md)" in caplog.text
    monkeypatch.setenv("COMET_MODEL_DIR", str(comet_folder / "nowhere"))
    assert comet_score(SOURCES, WRONG, REFERENCES) == NOT_AVAILABLE
    assert not list(comet_folder.iterdir())


def test_what_pymarian_has_downloaded_is_found(comet_folder: Path, comet_files: tuple[Path, Path]) -> None:
    names = {
        "models--unbabel--wmt22-comet-da-marian": Path("checkpoints/marian.model.bin"),
        "models--microsoft--infoxlm-large": Path("sentencepiece.bpe.model"),
    }
    for (repository, name), original in zip(names.items(), comet_files, strict=True):
        snapshot = comet_folder / repository / "snapshots" / "0123abc"
        (snapshot / name).parent.mkdir(parents=True)
        (snapshot / name).write_bytes(original.read_bytes())
        (comet_folder / repository / "refs").mkdir()
        (comet_folder / repository / "refs" / "main").write_text("0123abc")
    before = sorted(comet_folder.rglob("*"))
    assert score(SOURCES, REFERENCES, REFERENCES) == round(PERFECT, 2)
    assert sorted(comet_folder.rglob("*")) == before

    (comet_folder / "models--microsoft--infoxlm-large" / "snapshots" / "0123abc" / "sentencepiece.bpe.model").unlink()
    with pytest.raises(StepError, match=r"marian\.model\.bin: COMET's model is there, but not its vocabulary, microsoft/infoxlm-large"):
        find_model()


@pytest.mark.parametrize("name", ["model.wmt22-comet-da.bin", "vocab.spm"])
def test_one_file_of_two_is_an_error(comet: Path, name: str) -> None:
    (comet.parent / name).unlink()
    with pytest.raises(StepError, match=rf"COMET needs its model and its vocabulary, missing is .*{name}"):
        comet_score(SOURCES, WRONG, REFERENCES)


@pytest.mark.parametrize("damage", [b"", b"half", b"another file"])
def test_a_broken_model_is_an_error(comet: Path, damage: bytes) -> None:
    content = comet.read_bytes()
    comet.write_bytes(content[: len(content) // 2] if damage == b"half" else damage)
    with pytest.raises(StepError, match=r"COMET's model .*model\.wmt22-comet-da\.bin does not work with the vocabulary .*vocab\.spm"):
        comet_score(SOURCES, WRONG, REFERENCES)


@pytest.mark.usefixtures("comet")
def test_it_runs_on_the_granted_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where they are not there it is tried again elsewhere, and the model is not to blame."""
    monkeypatch.setenv("GPUS", "0 1")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RetryableError, match="GPUS names 2 GPUs, nvidia-smi shows 0"):
        comet_score(SOURCES, WRONG, REFERENCES)
