import pytest

from pipeline.common.script import StepError
from pipeline.data.package_descriptions import Description, parse_description, read_descriptions, sentence_rows, split_sentences


def test_paragraphs_items_and_preformatted_lines():
    text = "a title\nFirst line\nof a paragraph.\n.\nItems:\n * one\n   goes on\n * two\n preformatted\nPlain again."
    assert parse_description(text) == Description(
        "a title", ["First line of a paragraph.", "Items:", "one goes on", "two preformatted", "Plain again."]
    )


@pytest.mark.parametrize(
    ("paragraph", "sentences"),
    [
        ("It runs. It stops!  Does it?", ["It runs.", "It stops!", "Does it?"]),
        ("Languages, e.g. Perl and C. Others too.", ["Languages, e.g. Perl and C. Others too."]),
        ('He said "stop." Then he left.', ['He said "stop."', "Then he left."]),
        ("Version 1.2 of foo. bar goes on", ["Version 1.2 of foo. bar goes on"]),
        ("这是一个软件包。它很小。", ["这是一个软件包。", "它很小。"]),
        ("", [""]),
    ],
)
def test_sentences(paragraph: str, sentences: list[str]):
    assert split_sentences(paragraph) == sentences


def test_rows_only_where_the_structure_agrees():
    src = {"a": Description("t", ["One. Two."]), "b": Description("t", ["One.", "Two."]), "c": Description("t", ["One two. Three."])}
    trg = {"a": Description("t", ["Uno. Due."]), "b": Description("t", ["Uno."]), "c": Description("t", ["Uno due, tre."])}
    assert list(sentence_rows(src, trg)) == [("One.", "Uno."), ("Two.", "Due.")]


def test_what_is_no_index():
    with pytest.raises(StepError, match="no Description-md5"):
        read_descriptions(["Package: x", "Description-it: y"], "it")
    with pytest.raises(StepError, match="none of 1 stanzas has the field Description-it"):
        read_descriptions(["Package: x", "Description-md5: 0", "Description-en: y"], "it")
