"""One way to write each line: rewritings, as data, each of which may be switched off by its name.

    encoding     text that was decoded with the wrong character set is decoded with the right one, as far as that can be told (ftfy)
    entities     HTML's character references (`&amp;`, `&#39;`) become their characters
    characters   Unicode NFC, single blanks, no characters that nobody sees
    quotes       quotation marks that are not customary in the language become " and '
    punctuation  full-width and other scripts' punctuation becomes the usual one, unless the language's script has it

Unicode Standard Annex 15 (normalization forms), the general categories of the Unicode Character Database, and for the quotation marks the
delimiters of CLDR (https://cldr.unicode.org/translation/characters-emoji-symbols/quotation-marks).

Most lines need no rewriting. Which ones may, is told by columns of characters (columns.py), and only these are looked at by themselves.
"""

import html
import re
import unicodedata
from collections.abc import Collection
from functools import cache

import numpy as np
from numpy.typing import NDArray

from pipeline.clean.marks import replacements
from pipeline.common.blocks import Lines, as_line
from pipeline.common.columns import Column, Mask, has, table_of
from pipeline.common.languages import Language

REWRITINGS = {
    "encoding": "decodes again what was decoded with the wrong character set",
    "entities": "puts characters in place of HTML's character references",
    "characters": "Unicode NFC, single blanks, no invisible characters",
    "quotes": "puts ASCII quotation marks in place of those that the language does not use",
    "punctuation": "puts the usual punctuation in place of full-width punctuation and that of other scripts",
}

# Control characters but for white space, which becomes a blank; soft hyphens, zero-width spaces, marks of text direction, byte order marks.
# The zero-width joiner and non-joiner stay: Persian and the scripts of India are spelled with them.
INVISIBLE_CHARACTERS = (
    "\x00-\x08\x0e-\x1b\x7f\x80-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
)
OTHER_WHITE_SPACE = r"\t\v\f\r\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
INVISIBLE = re.compile(f"[{INVISIBLE_CHARACTERS}]")
ENTITY = re.compile("&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
TWO_QUOTES = re.compile("''|``")
# The first and a further byte of a UTF-8 character, read as Latin-1 or Windows-1252. Of "à" the second byte often became a blank.
LEAD = "\u00c2-\u00f4"
TRAIL = (
    "\x80-\xbf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013\u2014\u2018-\u201a\u201c-\u201e\u2020-\u2022\u2026"
    "\u2030\u2039\u203a\u20ac\u2122"
)
MOJIBAKE = re.compile(f"[{LEAD}][{TRAIL}]|Ã ")

# What a character may need; the table of a rewriter has these bits.
ODD, LEADS, TRAILS, A_TILDE, QUOTE, EDGE = (1 << bit for bit in range(6))
# Blocks with assigned characters that NFC may change.
VOWEL_AND_FINAL_JAMO = range(0x1161, 0x11C3)  # Hangul is composed by arithmetic
CHANGEABLE = (range(0x80, 0x20000), range(0x2F800, 0x2FA20))


class Normaliser:
    """Rewrites lines of one language with the named rewritings."""

    def __init__(self, language: Language, names: Collection[str] = tuple(REWRITINGS)) -> None:
        self.names = frozenset(names)
        self.replaced = replacements(language, self.names)
        self.replaced_marks = re.compile("[" + "".join(map(re.escape, self.replaced)) + "]") if self.replaced else None
        classes = [(LEADS, LEAD), (TRAILS, TRAIL), (A_TILDE, "\u00c3"), (QUOTE, "'`"), (EDGE, r" \n")]
        if "characters" in names:
            classes.append((ODD, INVISIBLE_CHARACTERS + OTHER_WHITE_SPACE))
        self.table = table_of(classes)
        self.table[list(map(ord, self.replaced))] |= ODD
        if "characters" in names:
            self.table[changed_by_nfc()] |= ODD
        if "entities" in names:
            self.table[ord("&")] |= ODD

    def normalise(self, text: str) -> str:
        """In this order: what one rewriting brings to light the next one sees."""
        if "encoding" in self.names and not text.isascii() and MOJIBAKE.search(text):
            from ftfy import fix_encoding

            text = fix_encoding(text)
        if "entities" in self.names and "&" in text:
            text = ENTITY.sub(lambda match: html.unescape(match[0]), text)
        if self.replaced_marks:
            text = self.replaced_marks.sub(lambda match: self.replaced[match[0]], text)
        if "quotes" in self.names:
            text = TWO_QUOTES.sub('"', text)
        if "characters" in self.names:
            text = " ".join(unicodedata.normalize("NFC", INVISIBLE.sub("", text)).split())
        return text

    def suspects(self, column: Column) -> Mask:
        """The lines that a rewriting may change: all that it does, and few others."""
        found = column.look_up(self.table)
        odd = has(found, ODD)
        # Of two characters the second one is marked: the first may be the end of the line before.
        if "encoding" in self.names:
            odd[1:] |= has(found[:-1], LEADS) & has(found[1:], TRAILS) | has(found[:-1], A_TILDE) & has(found[1:], EDGE)
        if "quotes" in self.names:
            odd[1:] |= has(found[:-1], QUOTE) & has(found[1:], QUOTE)
        if "characters" in self.names:
            edges = has(found, EDGE)
            odd[1:] |= edges[:-1] & edges[1:]
            odd[:1] |= edges[:1]
        return column.any(odd)

    def lines(self, lines: Lines) -> Lines:
        """The lines rewritten. Bytes that are not UTF-8 become U+FFFD."""
        try:
            column = Column(lines)
        except UnicodeDecodeError:
            column = Column([line.decode("utf-8", "replace").encode() for line in lines])
        rewritten = list(column.lines)
        for number in np.flatnonzero(self.suspects(column)).tolist():
            rewritten[number] = as_line(self.normalise(column.text(number)))
        return rewritten


@cache
def changed_by_nfc() -> NDArray[np.int64]:
    """The characters that NFC may change, alone or beside others: what is not normal, marks, what composes with the one before."""
    found = set(VOWEL_AND_FINAL_JAMO)
    for code in (code for block in CHANGEABLE for code in block):
        character = chr(code)
        first, _, second = unicodedata.decomposition(character).partition(" ")
        if first and not first.startswith("<") and second:
            found.add(int(second, 16))
        if unicodedata.combining(character) or not unicodedata.is_normalized("NFC", character):
            found.add(code)
    return np.array(sorted(found))
