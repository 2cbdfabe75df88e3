"""Scores are sacreBLEU's own, with the tokenizer of the target language."""

import pytest
import sacrebleu

from pipeline.common.script import StepError
from pipeline.evaluate import scores
from pipeline.evaluate.scores import bleu_tokenizer, corpus_scores

TRANSLATIONS = ["The cat sat on the mat.", "It is raining today, is it not?", "Hello!"]
REFERENCES = ["The cat sat on a mat.", "It rains today, doesn't it?", "Hello!"]


def test_the_scores_are_those_of_sacrebleu() -> None:
    found = corpus_scores(TRANSLATIONS, REFERENCES, "en")
    assert found["bleu"]["score"] == sacrebleu.corpus_bleu(TRANSLATIONS, [REFERENCES]).score
    assert found["chrf"]["score"] == sacrebleu.corpus_chrf(TRANSLATIONS, [REFERENCES]).score
    assert found["ter"]["score"] == sacrebleu.corpus_ter(TRANSLATIONS, [REFERENCES]).score
    assert "tok:13a" in found["bleu"]["signature"]
    assert "nc:6" in found["chrf"]["signature"]


def test_equal_texts_score_full_marks() -> None:
    found = corpus_scores(REFERENCES, REFERENCES, "en")
    assert [round(found[name]["score"], 9) for name in ("bleu", "chrf", "ter")] == [100, 100, 0]


@pytest.mark.parametrize("language", ["zh", "zh_hant", "cmn", "yue"])
def test_chinese_is_scored_by_characters_and_says_so(language: str) -> None:
    translations, references = ["我今天在北京吃饭。"], ["我昨天在北京吃饭。"]
    found = corpus_scores(translations, references, language)
    assert "tok:zh" in found["bleu"]["signature"]
    assert found["bleu"]["score"] == sacrebleu.corpus_bleu(translations, [references], tokenize="zh").score > 40
    assert "asian:yes" in found["ter"]["signature"]
    assert found["ter"]["score"] == pytest.approx(100 / 9)


@pytest.mark.parametrize(
    ("language", "installed", "tokenizer"),
    [
        ("en", [], "13a"),
        ("pt-BR", [], "13a"),
        ("zh", [], "zh"),
        ("zh_hant", [], "zh"),
        ("zh-Latn", [], "13a"),
        ("yue", [], "zh"),
        ("th", [], "char"),
        ("ja", [], "char"),
        ("ja", ["MeCab"], "ja-mecab"),
        ("ko", [], "char"),
        ("ko", ["mecab_ko"], "ko-mecab"),
    ],
)
def test_the_tokenizer_follows_the_language_and_what_is_installed(
    language: str, installed: list[str], tokenizer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scores, "find_spec", lambda package: package if package in installed else None)
    assert bleu_tokenizer(language) == tokenizer


@pytest.mark.parametrize(
    ("language", "asian"),
    [("en", False), ("zh", True), ("zh_hant", True), ("yue", True), ("ja", True), ("ko", False), ("th", False)],
)
def test_ter_edits_characters_where_it_can_tell_them_apart(language: str, asian: bool) -> None:
    signature = corpus_scores(TRANSLATIONS, REFERENCES, language)["ter"]["signature"]
    assert f"asian:{'yes' if asian else 'no'}" in signature
    assert f"norm:{'yes' if asian else 'no'}" in signature


def test_a_name_that_is_no_language_is_refused() -> None:
    with pytest.raises(StepError, match="'italian' is no language tag"):
        corpus_scores(TRANSLATIONS, REFERENCES, "italian")
