"""What BLEU takes for a word, by language, in sacreBLEU's terms (https://github.com/mjpost/sacrebleu)."""

from importlib.util import find_spec

from pipeline.common.languages import parse_language

# How BLEU splits a language that is written without spaces into words: (what sacreBLEU calls the tokenizer, the package it needs), the
# best first. The signature says which one was used.
TOKENIZERS: dict[str, list[tuple[str, str | None]]] = {
    "zh": [("zh", None)],
    "ja": [("ja-mecab", "MeCab"), ("char", None)],
    "ko": [("ko-mecab", "mecab_ko"), ("char", None)],
}
DEFAULT_TOKENIZERS: list[tuple[str, str | None]] = [("13a", None)]


def bleu_tokenizer(language: str) -> str:
    """The tokenizer for BLEU in a target language, given as a tag such as "it" or "zh_hant"."""
    candidates = TOKENIZERS.get(parse_language(language).code, DEFAULT_TOKENIZERS)
    return next(tokenizer for tokenizer, package in candidates if package is None or find_spec(package))
