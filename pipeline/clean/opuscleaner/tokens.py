"""Filters that take tokenized text apart, or put it together: with sacremoses, the tokenizer of Moses.

Moses: Koehn et al. 2007, https://aclanthology.org/P07-2045; https://github.com/hplt-project/sacremoses
"""

from collections.abc import Callable, Sequence

from pipeline.clean.opuscleaner.filters import Definition, Row, RowFunction, Scope
from pipeline.clean.opuscleaner.parameters import ForEachColumn, LanguageOf, Text
from pipeline.common.languages import Language
from pipeline.common.script import StepError

Rewriting = Callable[[str], str]

MOSES, OTHERS = "moses", ("jieba", "mecab")  # these two leave blanks between words of Chinese and Japanese


def detokenizer(language: Language, lang1: str) -> Rewriting:
    """Joins tokens by the rules of LANG1, and writes out entities as deescape-special-chars does."""
    return moses_detokenizer(lang1.partition("-")[0], unescape=True)


def opus_detokenizer(columns: Sequence[Language], tokenizer: list[str], languages: list[Language]) -> RowFunction:
    """As detokenizer, without entities; what jieba or mecab took apart is joined without blanks."""
    pairs = zip(tokenizer, languages, strict=True)
    return by_column([joined if tool in OTHERS else moses_detokenizer(language.code, unescape=False) for tool, language in pairs])


def opus_tokenizer(columns: Sequence[Language], tokenizer: list[str], languages: list[Language]) -> RowFunction:
    """Puts blanks between tokens, by Moses' rules for the language of each column."""
    for tool in tokenizer:
        if tool in OTHERS:
            raise StepError(
                f"parameters.tokenizer: {tool} is not part of this project; tokens are not needed for training, take the filter out"
            )
    return by_column([moses_tokenizer(language.code) for language in languages])


def by_column(rewritings: Sequence[Rewriting]) -> RowFunction:
    def apply(row: Row) -> Row:
        return tuple(rewrite(line) for rewrite, line in zip(rewritings, row, strict=True))

    return apply


def joined(line: str) -> str:
    return "".join(line.split())


def moses_detokenizer(code: str, *, unescape: bool) -> Rewriting:
    from sacremoses import MosesDetokenizer  # with joblib and click, which take a while to import

    moses = MosesDetokenizer(lang=code)
    return lambda line: moses.detokenize(line.split(), return_str=True, unescape=unescape)


def moses_tokenizer(code: str) -> Rewriting:
    from sacremoses import MosesTokenizer

    moses = MosesTokenizer(lang=code)
    return lambda line: moses.tokenize(line, return_str=True, escape=False)


TOOLS = ForEachColumn(values=[Text(default=MOSES, choices=(MOSES, *OTHERS))] * 2)
LANGUAGES = ForEachColumn(values=[LanguageOf(side=0), LanguageOf(side=1)])

TOKEN_FILTERS = (
    Definition("detokenizer", Scope.COLUMN, detokenizer, {"LANG1": Text(default="en")}),
    Definition("opus.Detokenizer", Scope.ROW, opus_detokenizer, {"tokenizer": TOOLS, "languages": LANGUAGES}),
    Definition("opus.Tokenizer", Scope.ROW, opus_tokenizer, {"tokenizer": TOOLS, "languages": LANGUAGES}),
)
