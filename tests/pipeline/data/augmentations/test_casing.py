# ruff: noqa: RUF001 (letters of other scripts)
import pytest

from pipeline.common.languages import parse_language
from pipeline.data.augmentations.casing import title, upper


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Hello (world)!", "HELLO (WORLD)!"),
        ("de", "Straße", "STRASSE"),
        ("tr", "istanbul ve ılık", "İSTANBUL VE ILIK"),
        ("az", "iki", "İKİ"),
        ("ru", "привет, Linux", "ПРИВЕТ, LINUX"),
        ("hy", "բարեւ", "ԲԱՐԵՒ"),
        ("sr-Latn", "ǆep", "ǄEP"),
        ("fr", "e\u0301te\u0301 ﬁn", "E\u0301TE\u0301 FIN"),
        ("el", "Ο άυλος του Μαΐου ή ίδιος μάιος", "Ο ΑΫΛΟΣ ΤΟΥ ΜΑΪΟΥ Ή ΙΔΙΟΣ ΜΑΪΟΣ"),
        ("el", "ἄνθρωπος café", "ΑΝΘΡΩΠΟΣ CAFÉ"),
        ("en", "see ქართული", "SEE ქართული"),
        ("ka", "ქართული ena", "ქართული ena"),
        ("ar", "سلام abc", "سلام abc"),
        ("zh", "你好 linux", "你好 linux"),
        ("en", "👩\u200d💻 a\u2028b", "👩\u200d💻 A\u2028B"),
        ("en", "", ""),
    ],
)
def test_upper(language: str, text: str, expected: str):
    assert upper(text, parse_language(language)) == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "it's a well-known (text)  editor", "It's A Well-known (Text)  Editor"),
        ("en", "NASA and iPhone", "NASA And IPhone"),
        ("en", "3rd /usr/bin %s _x", "3rd /usr/bin %s _x"),
        ("it", "«ciao» l'editor è", "«Ciao» L'editor È"),
        ("nl", "ijs in het ijsselmeer", "IJs In Het IJsselmeer"),
        ("tr", "istanbul ılık", "İstanbul Ilık"),
        ("el", "άυλος ίδιος", "Άυλος Ίδιος"),
        ("sr-Latn", "ǆep", "ǅep"),
        ("fr", "e\u0301te\u0301", "E\u0301te\u0301"),
        ("en", "see ქართული", "See ქართული"),
        ("th", "สวัสดี linux", "สวัสดี linux"),
        ("en", " ", " "),
    ],
)
def test_title(language: str, text: str, expected: str):
    assert title(text, parse_language(language)) == expected
