"""Scores of translations against references, with sacreBLEU: BLEU, chrF and TER, each with the signature that makes it comparable.

https://github.com/mjpost/sacrebleu (Post 2018, A Call for Clarity in Reporting BLEU Scores)
"""

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from pipeline.common.languages import parse_language

# How BLEU splits text into words, by script: (what sacreBLEU calls the tokenizer, the package it needs), the best first. The signature says
# which one was used.
TOKENIZERS: dict[str, list[tuple[str, str | None]]] = {
    "Hani": [("zh", None)],
    "Jpan": [("ja-mecab", "MeCab"), ("char", None)],
    "Kore": [("ko-mecab", "mecab_ko"), ("char", None)],
}
# In the other scripts without spaces between words, a word would be a whole clause.
UNSPACED_TOKENIZERS: list[tuple[str, str | None]] = [("char", None)]
SPACED_TOKENIZERS: list[tuple[str, str | None]] = [("13a", None)]


def corpus_scores(translations: Sequence[str], references: Sequence[str], language: str) -> dict[str, Any]:
    """{"bleu": {"score", "signature"}, "chrf": …, "ter": …}, 0 to 100; for TER less is better, and it may pass 100."""
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.metrics.chrf import CHRF
    from sacrebleu.metrics.ter import TER

    target = parse_language(language)
    asian = target.cjk and not target.spaced  # the characters that TER can edit one by one: Chinese and Japanese, by whatever name
    scorers = {
        "bleu": BLEU(tokenize=bleu_tokenizer(language)),
        "chrf": CHRF(),
        "ter": TER(normalized=asian, asian_support=asian),
    }
    scores: dict[str, Any] = {}
    for name, scorer in scorers.items():
        score = scorer.corpus_score(translations, [references])
        scores[name] = {"score": score.score, "signature": str(scorer.get_signature())}
    return scores


def bleu_tokenizer(language: str) -> str:
    """The tokenizer for BLEU in a target language, given as a tag such as "it" or "zh_hant"."""
    target = parse_language(language)
    candidates = TOKENIZERS.get(target.script, SPACED_TOKENIZERS if target.spaced else UNSPACED_TOKENIZERS)
    return next(tokenizer for tokenizer, package in candidates if package is None or find_spec(package))
