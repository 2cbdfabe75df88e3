"""Filters that correct characters, quotes, punctuation and white space."""

import re
from collections.abc import Callable, Sequence

from pipeline.clean.opuscleaner.filters import Definition, Row, RowFunction, Scope, rewrite_lines
from pipeline.clean.opuscleaner.parameters import Flag, Text
from pipeline.common.languages import Language

Rewriting = Callable[[str], str]

# What Moses escapes, its older names among them, https://www2.statmt.org/moses/
ENTITIES = {
    "bar": "|",
    "#124": "|",
    "lt": "<",
    "gt": ">",
    "bra": "[",
    "ket": "]",
    "#91": "[",
    "#93": "]",
    "quot": '"',
    "apos": "'",
    "amp": "&",
}
ENTITY = re.compile(rf"&({'|'.join(ENTITIES)});")

# Letters of the French part of ELITR ECA (of Mac OS Roman, read as Latin-1), its quotes, and the sign of a hyphenation.
ECA_CHARACTERS = str.maketrans(
    {
        "\x83": "É",
        "\x88": "à",
        "\x89": "â",
        "\x8d": "ç",
        "\x8e": "é",
        "\x8f": "è",
        "\x90": "ê",
        "\x91": "ë",
        "\x92": "í",
        "\x94": "î",
        "\x99": "ô",
        "\x9d": "ù",
        "\x9e": "û",
        "\u0150": "'",
        "\u0103": "'",
        "\u00d3": "'",
        "\U0010fcd5": "ë",
    }
)
ECA_HYPHEN = "\u00ac "

OPENING_QUOTE = re.compile('[\'\u2018"“„](.+?)["”;]*')

FINAL_MARKS = set("!\"#$%&'()*+,./:;<=>?@[\\]^_`{|}~»«“”")
GUILLEMETS = set("«»")
DASHES = ("\u2013", "\u2014")

FULL_STOP, COMMA = "\u3002", "\uff0c"  # of Chinese


def deescape_special_chars(language: Language) -> Rewriting:
    """Writes out the entities of Moses, once: &amp;lt; becomes &lt;."""
    return lambda line: ENTITY.sub(lambda entity: ENTITIES[entity[1]], line) if "&" in line else line


def deescape_tsv(languages: Sequence[Language]) -> RowFunction:
    """Takes off the quotes around a line, and makes one of its doubled ones. A line of one quote stays."""

    def rewrite(line: str) -> str:
        quoted = len(line) > 1 and line[0] == line[-1] == '"'
        return line[1:-1].replace('""', '"') if quoted else line

    return rewrite_lines(rewrite)


def fix_elitr_eca(language: Language) -> Rewriting:
    """Puts right the letters of the corpus ELITR ECA, whose French was read with the wrong character set."""
    return lambda line: line if line.isascii() else line.translate(ECA_CHARACTERS).replace(ECA_HYPHEN, "")


def fix_quotes(languages: Sequence[Language]) -> RowFunction:
    """Takes off a quote at the beginning of a line, and where there is one, those at the end. Drops the row if a line is then empty."""

    def apply(row: Row) -> Row | None:
        fixed = tuple(without_quotes(line).strip() for line in row)
        return fixed if all(fixed) else None

    return apply


def without_quotes(line: str) -> str:
    quoted = OPENING_QUOTE.fullmatch(line)
    return line if quoted is None else quoted[1]


def fix_sent_final_punct(languages: Sequence[Language]) -> RowFunction:
    """Ends both sides of a pair with the same mark: the source's, or where it has none the target's. Not for text in Chinese or Japanese.

    Two marks in the other order are put in the source's; OpusCleaner does this to any two characters, letters among them.
    """

    def apply(row: Row) -> Row:
        src, trg = row
        if not src or not trg:
            return row
        src, trg = joined_mark(src), joined_mark(trg)
        if len(src) > 1 and src[-2:] == trg[:-3:-1] and set(src[-2:]) <= FINAL_MARKS:
            trg = trg[:-2] + src[-2:]
        return same_mark(mark_before_guillemet(src), mark_before_guillemet(trg))

    return apply


def joined_mark(line: str) -> str:
    """Without the blank before the last mark; French has one before guillemets."""
    return line[:-2] + line[-1] if line[-2:-1] == " " and line[-1] in FINAL_MARKS - GUILLEMETS else line


def mark_before_guillemet(line: str) -> str:
    """`mot ».` as `mot. »`."""
    return f"{line[:-3]}{line[-1]} »" if line[-3:-1] == " »" and line[-1] in FINAL_MARKS else line


def same_mark(src: str, trg: str) -> tuple[str, str]:
    src_mark, trg_mark = (line[-1] if line[-1] in FINAL_MARKS else "" for line in (src, trg))
    if src_mark and not trg_mark:
        return src, trg + ('"' if src_mark in GUILLEMETS else src_mark)
    if trg_mark and not src_mark:
        return src + ('"' if trg_mark in GUILLEMETS else trg_mark), trg
    # A dash at the beginning is direct speech, which languages punctuate in their own ways.
    speech = src.startswith(DASHES) or trg.startswith(DASHES)
    if src_mark != trg_mark and not GUILLEMETS & {src_mark, trg_mark} and not speech:
        return src, trg[:-1] + src_mark
    return src, trg


def fix_un_chinese(language: Language) -> Rewriting:
    """Writes ASCII commas and a final full stop as in Chinese; a final comma becomes a full stop. OpusCleaner stops at an empty line."""

    def rewrite(line: str) -> str:
        text = line.strip()
        if text.endswith(COMMA):
            text = text[:-1] + FULL_STOP
        text = text.replace(",", COMMA)
        return text[:-1] + FULL_STOP if text.endswith(".") else text

    return rewrite


def normalize_whitespace(language: Language, collapse: bool) -> Rewriting:
    """Takes off white space at the ends of a line; with COLLAPSE each run of it becomes a blank."""
    return single_blanks if collapse else str.strip


def whitespace_normalizer(languages: Sequence[Language]) -> RowFunction:
    """As normalize_whitespace with COLLAPSE, for each column."""
    return rewrite_lines(single_blanks)


def single_blanks(line: str) -> str:
    return " ".join(line.split())


CORRECTIONS = (
    Definition(
        "deescape-special-chars",
        Scope.COLUMN,
        deescape_special_chars,
        {"LANG1": Text(default="en", used=False)},  # has no effect there either
    ),
    Definition("deescape_tsv", Scope.ROW, deescape_tsv),
    Definition("fix_elitr_eca", Scope.COLUMN, fix_elitr_eca),
    Definition("fix_quotes", Scope.ROW, fix_quotes),
    Definition("fix_sent_final_punct", Scope.PAIR, fix_sent_final_punct),
    Definition("fix_un_chinese", Scope.COLUMN, fix_un_chinese),
    Definition("normalize_whitespace", Scope.COLUMN, normalize_whitespace, {"COLLAPSE": Flag(default=True)}),
    Definition("opus.WhitespaceNormalizer", Scope.ROW, whitespace_normalizer),
)
