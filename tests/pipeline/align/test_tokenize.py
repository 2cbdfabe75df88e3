from itertools import pairwise

import pytest

from pipeline.align.tokenize import token_words, tokenize


@pytest.mark.parametrize(
    ("language", "line", "words"),
    [
        ("en", "The cat, it sat.", ["The", "cat", ",", "it", "sat", "."]),
        ("it", "L'acqua è fredda…", ["L", "'", "acqua", "è", "fredda", "…"]),
        ("en", "costs 3,500.20 € (approx)", ["costs", "3,500.20", "€", "(", "approx", ")"]),
        ("en", "wait... what?! -- ok", ["wait", "...", "what", "?", "!", "--", "ok"]),
        ("en", "cafe\u0301 naïve", ["cafe\u0301", "naïve"]),
        ("hi", "हिन्दी में।", ["हिन्दी", "में", "।"]),
        ("fa", "می\u200cرویم تو", ["می\u200cرویم", "تو"]),
        ("ko", "한국어 문장", ["한국어", "문장"]),
        ("zh", "我爱Python 3。", ["我", "爱", "Python", "3", "。"]),
        ("zh", "我们在北京大学学习机器翻译。", ["我们", "在", "北京", "大学", "学习", "机器", "翻译", "。"]),
        ("zh_hant", "我們在北京大學、學習。", ["我們", "在", "北京", "大學", "、", "學習", "。"]),
        ("zh", "𠀋𠀀好 𠀀们", ["𠀋", "𠀀", "好", "𠀀", "们"]),
        ("ja", "東京に住んでいます。", ["東京", "に", "住", "んで", "い", "ます", "。"]),
        ("en", "in 東京 now", ["in", "東京", "now"]),
        ("th", "น้ำใส 3,5", ["น้ำ", "ใส", "3,5"]),
        ("en", "co\u00adop\u200bmail\ufeff \u200d", ["co\u00adop", "mail"]),
        ("en", "", []),
        ("en", " \u3000\x1c\u2028 ", []),
    ],
)
def test_words_and_punctuation(language, line, words):
    assert token_words(line, tokenize(line, language)) == words


@pytest.mark.parametrize("language", ["en", "ja", "th", "ar"])
def test_every_visible_character_is_in_exactly_one_token(language):
    line = "".join(
        map(
            chr,
            [*range(0x20, 0x7F), *range(0xA0, 0x250), *range(0x300, 0x310), *range(0xE00, 0xE60), *range(0x3000, 0x3100), 0x1F680, 0xE0100],
        )
    )
    spans = tokenize(line, language)
    assert all(end <= begin for (_, end), (begin, _) in pairwise(spans))
    assert "".join(token_words(line, spans)) == "".join(line.replace("\u00ad", "").split())
