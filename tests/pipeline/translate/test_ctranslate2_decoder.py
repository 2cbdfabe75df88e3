from pathlib import Path

import pytest

from pipeline.common.lines import read_lines, write_lines
from pipeline.common.script import StepError
from pipeline.translate.ctranslate2_decoder import cut
from pipeline.translate.n_best import read_n_best
from pipeline.translate.translate import main
from tests.pipeline.conftest import train_toy_model
from tests.pipeline.toy_language import toy_sentences

ODD_LINES = ["", "red ||| cat", "red\u2028cat", "  ", "'\":", "🚀" * 400, ""]


@pytest.fixture(scope="module")
def tiny_teacher(tiny_corpus, vocab, tmp_path_factory) -> Path:
    """A plain transformer, which CTranslate2 can run; 6 s on one core."""
    pytest.importorskip("ctranslate2", reason="the package ctranslate2 is not installed")
    return train_toy_model(tmp_path_factory.mktemp("teacher"), tiny_corpus, vocab, {})


def translate(decoder: str, models: list[Path], vocab, folder: Path, *words: str) -> Path:
    output = folder / f"{decoder}.zst"
    given = {"--models": models, "--vocab": vocab, "--input": [folder / "input.zst"], "--output": [output], "--decoder": [decoder]}
    given |= {"--work-dir": [folder / "work"], "--threads": ["1"]}
    main([*(str(word) for name, values in given.items() for word in (name, *values)), *words])
    return output


def test_it_translates_as_marian_does(tiny_teacher, vocab, tmp_path):
    sources = [source for source, _ in toy_sentences(100, seed=5, longest=12)] + ODD_LINES
    write_lines(tmp_path / "input.zst", sources)
    greedy = ["--", "--beam-size", "1", "--mini-batch", "1", "--maxi-batch", "90"]  # more batches than are handed over ahead
    marian, other = (
        list(read_lines(translate(decoder, [tiny_teacher], vocab, tmp_path, *greedy))) for decoder in ("marian", "ctranslate2")
    )
    assert len(other) == len(sources)
    assert sum(a == b for a, b in zip(marian, other, strict=True)) > 0.95 * len(sources)
    assert list((tmp_path / "work").iterdir()) == []


def test_candidates_have_marians_scores(tiny_teacher, vocab, tmp_path):
    write_lines(tmp_path / "input.zst", [source for source, _ in toy_sentences(50, seed=6)])
    lists = [
        list(read_n_best(translate(decoder, [tiny_teacher], vocab, tmp_path, "--n-best", "3"))) for decoder in ("marian", "ctranslate2")
    ]
    assert [len(candidates) for candidates in lists[1]] == [3] * 50
    same = [(a[0], b[0]) for a, b in zip(*lists, strict=True) if a[0].text == b[0].text]
    assert len(same) > 45
    # Of the logarithm of a probability near 1 single precision leaves few digits.
    near = {"rel": 1e-3, "abs": 2e-4}
    for a, b in same:
        assert b.score == pytest.approx(a.score, **near)
        assert float(b.features.removeprefix("F0= ")) == pytest.approx(float(a.features.removeprefix("F0= ")), **near)


def test_a_killed_run_goes_on_with_the_same_result(tiny_teacher, vocab, tmp_path):
    write_lines(tmp_path / "input.zst", [source for source, _ in toy_sentences(40, seed=7)])
    words = ["--n-best", "2", "--", "--mini-batch", "4", "--maxi-batch", "2"]
    whole = list(read_lines(translate("ctranslate2", [tiny_teacher], vocab, tmp_path, *words)))
    left = ["0 ||| done before ||| F0= 0 ||| 0", *whole[1:37]]
    (tmp_path / "work" / "ctranslate2.n-best.txt").write_text("\n".join(left) + "\n18 ||| ha")
    assert list(read_lines(translate("ctranslate2", [tiny_teacher], vocab, tmp_path, *words))) == [left[0], *whole[1:]]


def test_a_student_is_none_of_its_models(tiny_model, vocab, tmp_path):
    pytest.importorskip("ctranslate2", reason="the package ctranslate2 is not installed")
    write_lines(tmp_path / "input.zst", ["red house ."])
    with pytest.raises(StepError, match=r"model\.npz: CTranslate2 cannot run this model; use the decoder marian.*decoder-autoreg"):
        translate("ctranslate2", [tiny_model], vocab, tmp_path)


@pytest.mark.parametrize(
    ("models", "words", "error"),
    [
        pytest.param(2, [], "not with an ensemble of 2; use one teacher, or the decoder marian", id="ensemble"),
        pytest.param(1, ["--", "--output-sampling", "full"], "nothing like Marian's --output-sampling", id="option"),
    ],
)
def test_what_it_does_not_know_is_an_error(tmp_path, models, words, error):
    files = [tmp_path / name for name in ("model.npz", "src.spm", "trg.spm")]
    for file in files:
        file.touch()
    write_lines(tmp_path / "input.zst", ["red house ."])
    with pytest.raises(StepError, match=error):
        translate("ctranslate2", files[:1] * models, files[1:], tmp_path, *words)


@pytest.mark.parametrize(
    ("options", "batches"),
    [
        ({"mini-batch": 2}, [[1, 3], [0, 4], [2]]),
        ({"mini-batch": 2, "mini-batch-words": 12}, [[1, 3], [0, 4, 2]]),
        ({"mini-batch": 2, "mini-batch-words": 1}, [[1], [3], [0], [4], [2]]),
    ],
)
def test_batches_are_of_like_length(options, batches):
    sentences = [["x"] * length for length in (3, 5, 1, 4, 2)]
    assert list(cut(sentences, options)) == batches
