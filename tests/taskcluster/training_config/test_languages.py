import pytest
from training_taskgraph.training_config.languages import same_language, standard_tag, tag_exists, tag_problem


@pytest.mark.parametrize("tag", ["en", "pt-BR", "zh_hant", "zh-Hans", "sr_Cyrl", "nb", "no", "ceb", "yue", "hr", "bs"])
def test_tags_that_exist(tag: str) -> None:
    assert tag_exists(tag)


@pytest.mark.parametrize(
    "tag", ["", "e", "xx", "eng", "english", "en-UK", "zh_hannt", "und", "mul", "mis", "zxx", "en it", "en/it", "x-own"]
)
def test_tags_that_do_not_exist(tag: str) -> None:
    assert not tag_exists(tag)


@pytest.mark.parametrize(("tag", "standard"), [("eng", "en"), ("fra", "fr"), ("en-UK", "en-GB"), ("xx", None), ("english", None)])
def test_the_tag_that_was_meant(tag: str, standard: str | None) -> None:
    assert standard_tag(tag) == standard


@pytest.mark.parametrize(
    ("tag", "problem"),
    [
        ("eng", "not the tag of a language"),
        ("ca-valencia", "more than a language, its script and a region"),
        ("chr", "a language written in a script that no step knows, Cher"),
        ("chr-Latn", None),
        ("pbt", None),
    ],
)
def test_what_cannot_be_trained(tag: str, problem: str | None) -> None:
    assert tag_problem(tag) == problem


def test_spellings_of_one_language() -> None:
    assert same_language("zh_hant", "zh-Hant")
    assert same_language("EN", "en")
    assert not same_language("zh", "zh_hant")
