import re

import pytest

from pipeline.common.languages import SCRIPT_CHARACTERS, SCRIPT_OF_LANGUAGE, parse_language
from pipeline.common.script import StepError


@pytest.mark.parametrize(
    ("tag", "normal", "script", "fasttext"),
    [
        ("en", "en", "Latn", "en"),
        ("pt_BR", "pt-BR", "Latn", "pt"),
        ("zh_hant", "zh-Hant", "Hani", "zh"),
        ("nb", "nb", "Latn", "no"),
        ("ru", "ru", "Cyrl", "ru"),
        ("sr-Latn", "sr-Latn", "Latn", "sr"),
    ],
)
def test_tags(tag: str, normal: str, script: str, fasttext: str):
    language = parse_language(tag)
    assert (language.tag, language.script, language.fasttext) == (normal, script, fasttext)


def test_what_is_no_tag():
    with pytest.raises(StepError, match="'english' is no language tag"):
        parse_language("english")
    with pytest.raises(StepError, match="script Xxxx is not known"):
        parse_language("en-Xxxx")


def test_every_script_has_characters():
    assert set(SCRIPT_OF_LANGUAGE.values()) <= set(SCRIPT_CHARACTERS)
    examples = [("città", "it"), ("Привет", "ru"), ("東京タワー", "ja"), ("한국어", "ko"), ("سلام", "fa"), ("שלום", "he"), ("ไทย", "th")]
    for text, tag in examples:
        assert re.fullmatch(f"[{parse_language(tag).characters}]+", text)


def test_close_languages_do_not_count_as_another():
    assert {"no", "nn", "da"} <= parse_language("nb").close
    assert parse_language("it").close == {"it"}
