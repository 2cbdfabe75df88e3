import random

import pytest

from pipeline.common.languages import parse_language
from pipeline.common.script import StepError
from pipeline.train import modifiers
from pipeline.train.modifiers import inline_noise, noise, remove_end_punctuation, title_case, typos, upper_case, usable_modifiers
from pipeline.train.sentence import Pair, parse_sentence

ALL = {"UpperCase": 0.1, "TitleCase": 0.1, "RemoveEndPunct": 0.1, "Typos": 0.1, "InlineNoise": 0.1, "Noise": 0.1}


def modified(modify, source, target, links=(), languages=("en", "it")):
    """Source and target text, and links, after a modifier."""
    pair = Pair(parse_sentence(source, languages[0]), parse_sentence(target, languages[1]), list(links))
    after = modify(pair, tuple(map(parse_language, languages)))
    return after.source.text, after.target.text, list(after.links)


@pytest.mark.parametrize(
    ("modify", "languages", "before", "after"),
    [
        (upper_case, ("en", "it"), ("The water.", "L'acqua è qui."), ("THE WATER.", "L'ACQUA È QUI.")),
        (upper_case, ("de", "tr"), ("Die Straße", "istanbul \u0131l\u0131k"), ("DIE STRASSE", "İSTANBUL ILIK")),
        (upper_case, ("en", "zh"), ("iPhone now", "现在iPhone"), ("IPHONE NOW", "现在iPhone")),
        (title_case, ("en", "it"), ("the well-known 2nd cat", "l'acqua è «mia»"), ("The Well-known 2nd Cat", "L'acqua È «Mia»")),
        (title_case, ("hr", "el"), ("ǆep", "ώρα"), ("ǅep", "Ώρα")),
    ],
)
def test_casing_follows_the_language_and_keeps_the_links(modify, languages, before, after):
    assert modified(modify, *before, [(0, 0), (1, 0)], languages) == (*after, [(0, 0), (1, 0)])


@pytest.mark.parametrize(
    ("source", "target", "after"),
    [
        ("I run.", "Io corro.", ("I run", "Io corro", [(0, 0), (1, 1)])),
        ("I run .", "Io corro。", ("I run", "Io corro", [(0, 0), (1, 1)])),
        ("I run?", "Io corro.", None),
        ("I run...", "Io corro...", None),
        ("I run?!", "Io corro!", None),
        ("I run", "Io corro", None),
        (".", ".", None),
        ("", "", None),
    ],
)
def test_punctuation_of_one_kind_goes_from_both_ends_with_its_links(source, target, after):
    links = [(0, 0), (1, 1), (2, 2), (1, 2)]
    assert modified(remove_end_punctuation, source, target, links) == (after or (source, target, links))


def test_typos_change_the_source_and_keep_its_tokens():
    source = "Yesterday we read 3 books, naïve ones."
    links = [(number, number) for number in range(9)]
    seen = set()
    for seed in range(300):
        random.seed(seed)
        text, target, after = modified(typos, source, source, links)
        assert (target, after) == (source, links)
        assert abs(len(text) - len(source)) <= 3
        assert text.endswith(".")
        seen.add(text)
    assert len(seen) > 250
    assert any(text.count(" ") > source.count(" ") for text in seen)
    assert any(text.count(" ") < source.count(" ") for text in seen)


def test_where_a_typo_has_no_place_nothing_changes():
    for seed in range(30):
        random.seed(seed)
        assert modified(typos, "我。", "I.", [(0, 0)], ("zh", "en")) == ("我。", "I.", [(0, 0)])


def test_inline_noise_is_the_same_behind_words_that_are_linked(monkeypatch):
    monkeypatch.setattr(modifiers, "random_words", lambda: ["zig", "zag"])
    seen = set()
    for seed in range(30):
        random.seed(seed)
        source, target, links = modified(inline_noise, "the red cat.", "il gatto rosso.", [(0, 0), (0, 1), (1, 2), (2, 1), (3, 3)])
        seen.add((source, target, tuple(sorted(links))))
    assert seen == {
        ("the red zig zag cat.", "il gatto rosso zig zag .", ((0, 0), (0, 1), (1, 2), (2, 3), (3, 4), (4, 1), (5, 5))),
        ("the red cat. zig zag", "il gatto rosso. zig zag", ((0, 0), (0, 1), (1, 2), (2, 1), (3, 3), (4, 4), (5, 5))),
    }


def test_inline_noise_needs_a_link_of_its_own():
    for seed in range(20):
        random.seed(seed)
        assert modified(inline_noise, "red cat", "rosso", [(0, 0), (1, 0)]) == ("red cat", "rosso", [(0, 0), (1, 0)])


def test_noise_is_its_own_translation():
    pairs = []
    for seed in range(200):
        random.seed(seed)
        if pair := noise():
            pairs.append(pair)
    assert len(pairs) > 100
    for pair in pairs:
        assert pair.source == pair.target
        assert [word for word in pair.source.text.split(" ") if word] == list(pair.source.tokens)
        assert pair.links == [(number, number) for number in range(len(pair.source.tokens))]


@pytest.mark.parametrize(
    ("languages", "dropped"),
    [
        (("en", "it"), set()),
        (("en", "zh"), set()),
        (("zh", "en"), {"UpperCase", "TitleCase"}),
        (("ka", "en"), {"UpperCase", "TitleCase"}),
        (("sr-Latn", "en"), set()),
    ],
)
def test_there_is_no_casing_where_the_source_has_no_capitals(languages, dropped):
    assert set(ALL) - set(usable_modifiers(ALL, languages, aligned=True)) == dropped


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"Uppercase": 0.1}, "there is no modifier 'Uppercase'; there are UpperCase, TitleCase, "),
        ({"Typos": 5}, "modifier Typos: 5 is not a probability"),
    ],
)
def test_a_modifier_that_cannot_work_is_an_error(given, message):
    with pytest.raises(StepError, match=message):
        usable_modifiers(given, ("en", "it"), aligned=False)


def test_a_modifier_that_needs_links_goes_where_there_are_none(caplog):
    caplog.set_level("INFO")
    assert set(ALL) - set(usable_modifiers(ALL, ("en", "it"), aligned=False)) == {"InlineNoise"}
    assert "modifier InlineNoise is left out: there are no alignments" in caplog.text
