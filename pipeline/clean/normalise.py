"""One way to write each line: Unicode NFC, single blanks, no characters that nobody sees.

Unicode Standard Annex 15 (normalization forms) and the general categories of the Unicode Character Database.
"""

import re
import unicodedata

# Control characters but for white space, which becomes a blank; soft hyphens, zero-width spaces, marks of text direction, byte order marks.
# The zero-width joiner and non-joiner stay: Persian and the scripts of India are spelled with them.
INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f\x80-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)


def normalise(text: str) -> str:
    """Never longer than its input in words; white space of any kind, U+2028 and "\\r" among it, becomes a blank."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    return " ".join(unicodedata.normalize("NFC", INVISIBLE.sub("", text)).split())
