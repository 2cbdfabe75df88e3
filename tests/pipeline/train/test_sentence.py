import pytest

from pipeline.align.tokenize import tokenize
from pipeline.train.sentence import parse_sentence, words_sentence


@pytest.mark.parametrize("line", ["l'acqua  è\u00a0fredda. ", "", " ", "我喝水。", "\u200bcat\u00ad s", "a 1,000.5!!"])
def test_a_line_is_its_tokens_and_gaps(line):
    sentence = parse_sentence(line, "it")
    assert sentence.text == line
    assert sentence.spans == tokenize(line, "it")
    assert len(sentence.gaps) == len(sentence.tokens) + 1


def test_a_changed_token_is_one_token_still():
    sentence = parse_sentence("the water.", "en").with_token(1, "wa ter").with_gap(1, "")
    assert sentence.text == "thewa ter."
    assert sentence.spans == [(0, 3), (3, 9), (9, 10)]


@pytest.mark.parametrize(
    ("line", "position", "text"),
    [
        ("red cat.", 1, "red x y cat."),
        ("red cat.", 2, "red cat x y ."),
        ("red cat", 2, "red cat x y"),
        ("我喝水", 1, "我 x y 喝水"),
        ("cat ", 1, "cat x y "),
    ],
)
def test_words_are_put_between_tokens_with_spaces_around(line, position, text):
    sentence = parse_sentence(line, "zh").with_words(position, ["x", "y"])
    assert sentence.text == text
    assert [text[begin:end] for begin, end in sentence.spans][position : position + 2] == ["x", "y"]


def test_without_its_last_token_a_sentence_ends_with_a_token():
    assert parse_sentence("red cat  . ", "en").without_last_token().text == "red cat"


def test_words_become_a_sentence():
    assert words_sentence(["x", "y"]).text == "x y"
    assert words_sentence(["x"]).spans == [(0, 1)]
