"""Translation memories in TMX 1.4, read as a stream: https://www.gala-global.org/tmx-14b.

A unit <tu> has a variant <tuv xml:lang="…"> for each language, with its text in <seg>. Inline codes (<bpt> <ept> <ph> <it> <ut>) hold
markup of the document that was translated, and are left out with what is in them; <hi> is a mark on text, which stays. Of XML written in
UTF-8, bytes that are no UTF-8 become U+FFFD, and characters that XML forbids are left out, as are references to them.
"""

import codecs
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import chain
from typing import BinaryIO
from xml.parsers import expat

from pipeline.common.languages import parse_language
from pipeline.common.script import StepError

Unit = list[tuple[str, str]]  # the language and the text of each variant
Distance = Callable[[str, str], int | None]

INLINE_CODES = {"bpt", "ept", "ph", "it", "ut"}
CHUNK = 1 << 18
DECLARED_ENCODING = re.compile(rb"""<\?xml[^>]*\bencoding\s*=\s*["']([\w.-]+)["']""")
UTF16_BEGINNINGS = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # https://www.w3.org/TR/xml/#charsets
REFERENCE = re.compile("&#(?:[0-9]{1,9}|x[0-9a-fA-F]{1,9});")
LONGEST_REFERENCE = 13


class UnitReader:
    """Collects the units of XML that is fed in pieces."""

    def __init__(self, name: str, encoding: str | None) -> None:
        """`encoding` stands in place of the one that the XML declares."""
        self.name = name
        self.units: list[Unit] = []
        self.unit: Unit = []
        self.language = ""
        self.text: list[str] | None = None  # of the segment that is being read
        self.codes = 0  # inline codes around what is being read
        self.begun = False
        self.parser = expat.ParserCreate(encoding)
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.characters
        self.parser.EntityDeclHandler = self.refuse_entity

    def feed(self, content: bytes, last: bool = False) -> list[Unit]:
        try:
            self.parser.Parse(content, last)
        except expat.ExpatError as error:
            cut = "; was the file cut off?" if last else ""
            raise StepError(f"{self.name}: no well-formed XML ({error}){cut}") from error
        except (LookupError, ValueError) as error:
            raise StepError(f"{self.name}: its XML cannot be read ({error})") from error
        units, self.units = self.units, []
        return units

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if not self.begun and tag != "tmx":
            raise StepError(f"{self.name}: no TMX file, it begins with <{tag[:50]}>")
        self.begun = True
        if tag == "tu":
            self.unit = []
        elif tag == "tuv":
            self.language = attributes.get("xml:lang") or attributes.get("lang") or ""  # `lang` before TMX 1.4
        elif tag == "seg":
            self.text = []
        elif tag in INLINE_CODES:
            self.codes += 1

    def end(self, tag: str) -> None:
        if tag == "tu":
            self.units.append(self.unit)
        elif tag == "seg" and self.text is not None:
            self.unit.append((self.language, "".join(self.text)))
            self.text = None
        elif tag in INLINE_CODES:
            self.codes -= 1

    def characters(self, text: str) -> None:
        if self.text is not None and not self.codes:
            self.text.append(text)

    def refuse_entity(self, entity: str, *_: object) -> None:
        """Entities could expand to anything; no tool that writes TMX declares any."""
        raise StepError(f"{self.name}: declares the entity {entity[:50]!a}; translation memories have none")


def read_units(stream: BinaryIO, name: str) -> Iterator[Unit]:
    """The units in their order; raises StepError, by the name, where the XML is broken or is not TMX. Memory: the longest unit."""
    beginning = stream.read(CHUNK)
    utf8 = is_utf8(beginning)
    pieces = chain([beginning], iter(lambda: stream.read(CHUNK), b""))
    # The parser knows the name UTF-8 alone, and takes "utf8" for an encoding of one byte a character.
    reader = UnitReader(name, "utf-8" if utf8 else None)
    for content in well_encoded(pieces) if utf8 else pieces:
        yield from reader.feed(content)
    yield from reader.feed(b"", last=True)


def is_utf8(beginning: bytes) -> bool:
    """Whether a file is written in UTF-8, by what it declares."""
    declared = DECLARED_ENCODING.search(beginning[:200])
    return not beginning.startswith(UTF16_BEGINNINGS) and (declared is None or declared[1].lower() in {b"utf-8", b"utf8"})


def well_encoded(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces of UTF-8 with what would end the reading mended."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    waiting = ""  # from the last "&" on, where a reference may go on in the next piece
    for piece in pieces:
        text = waiting + decoder.decode(piece)
        begun = text.rfind("&", -LONGEST_REFERENCE)
        end = len(text) if begun < 0 else begun
        waiting = text[end:]
        yield without_forbidden(text[:end]).encode()
    yield without_forbidden(waiting + decoder.decode(b"", final=True)).encode()


def without_forbidden(text: str) -> str:
    text = FORBIDDEN.sub("", text)
    for reference in set(REFERENCE.findall(text)):
        code = int(reference[3:-1], 16) if reference[2] == "x" else int(reference[2:-1])
        if code > sys.maxunicode or FORBIDDEN.match(chr(code)):
            text = text.replace(reference, "")
    return text


class Selection:
    """The rows of units that have a text in all languages; says what it left out.

    `distance` says how far a unit's language is from one of `languages`, None where it is another.
    """

    def __init__(self, languages: tuple[str, ...], distance: Distance | None = None) -> None:
        self.languages = languages
        self.distance = distance or tag_distance
        self.left_out = 0
        self.found: dict[str, None] = {}  # the units' languages, as they are written

    def rows(self, units: Iterable[Unit]) -> Iterator[tuple[str, ...]]:
        for unit in units:
            if len(self.found) < 20:
                self.found |= dict.fromkeys(tag for tag, _ in unit)
            row = tuple(self.closest(unit, language) for language in self.languages)
            if all(row):
                yield row
            else:
                self.left_out += 1

    def closest(self, unit: Unit, language: str) -> str:
        """The text of the variant that is closest to a language; empty where there is none, or it is blank."""
        variants = [(self.distance(tag, language), text) for tag, text in unit]
        close = [(near, text) for near, text in variants if near is not None]
        return min(close, key=lambda variant: variant[0])[1].strip() if close else ""


@cache
def tag_distance(tag: str, wanted: str) -> int | None:
    """How far a language of a translation memory is from the one wanted, from 0 on; None where it is another.

    Script and, where one is asked for, region have to agree as far as they are named: `pt-PT` is pt, but not pt-BR; `zh-TW` is zh-Hant.
    """
    from langcodes import standardize_tag

    try:
        found, language = parse_language(standardize_tag(tag.replace("_", "-"))), parse_language(wanted)
    except (StepError, ValueError):
        return None
    # lid.176's codes know Bokmål as Norwegian, which most memories call it.
    if (found.fasttext, found.writing) != (language.fasttext, language.writing):
        return None
    if found.region == language.region:
        return 0
    return 1 if not found.region or not language.region else None
