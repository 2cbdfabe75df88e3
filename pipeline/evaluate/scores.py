"""Scores of translations against references, with sacreBLEU: BLEU, chrF and TER, each with the signature that makes it comparable.

https://github.com/mjpost/sacrebleu (Post 2018, A Call for Clarity in Reporting BLEU Scores)
"""

from collections.abc import Sequence
from typing import Any

from pipeline.common.bleu import bleu_tokenizer
from pipeline.common.languages import parse_language

# Their characters are edited one by one in TER.
ASIAN = ("zh", "ja")


def corpus_scores(translations: Sequence[str], references: Sequence[str], language: str) -> dict[str, Any]:
    """{"bleu": {"score", "signature"}, "chrf": …, "ter": …}, 0 to 100; for TER less is better, and it may pass 100.

    COMET is not computed: its models are not at hand. It is named, so that its absence is not taken for an oversight.
    """
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.metrics.chrf import CHRF
    from sacrebleu.metrics.ter import TER

    asian = parse_language(language).code in ASIAN
    scorers = {
        "bleu": BLEU(tokenize=bleu_tokenizer(language)),
        "chrf": CHRF(),
        "ter": TER(normalized=asian, asian_support=asian),
    }
    scores: dict[str, Any] = {"comet": "not available"}
    for name, scorer in scorers.items():
        score = scorer.corpus_score(translations, [references])
        scores[name] = {"score": score.score, "signature": str(scorer.get_signature())}
    return scores
