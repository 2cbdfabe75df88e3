"""Pairs of a TMX translation memory, one after another: https://www.gala-global.org/tmx-14b"""

from collections.abc import Callable, Iterator
from typing import BinaryIO
from xml.etree import ElementTree

from pipeline.common.script import StepError

# What stands for a program's own formatting inside a segment; `hi` and `sub` hold text of the language.
NATIVE_CODES = {"bpt", "ept", "it", "ph", "ut"}


def read_units(stream: BinaryIO, side_of: Callable[[str], int | None], name: str) -> Iterator[tuple[str, str] | None]:
    """The translation units as pairs, None for a unit that lacks a side; `side_of` says which side a language tag is of, 0, 1 or None.

    Of several variants of a side the first is taken. Memory: one unit. Raises StepError, with line and column, where it is no XML.
    """
    body = None
    try:
        for event, element in ElementTree.iterparse(stream, events=("start", "end")):
            kind = local(element.tag)
            if event == "start" and kind == "body":
                body = element
            elif event == "end" and kind == "tu":
                yield pair_of(element, side_of)
                if body is not None:
                    body.clear()
    except ElementTree.ParseError as error:
        raise StepError(f"{name}: not well-formed TMX ({error})") from error


def pair_of(unit: ElementTree.Element, side_of: Callable[[str], int | None]) -> tuple[str, str] | None:
    sides: dict[int | None, str] = {}
    for variant in unit:
        if local(variant.tag) == "tuv":
            tag = next((value for key, value in variant.attrib.items() if local(key) == "lang"), "")
            segment = next((child for child in variant if local(child.tag) == "seg"), None)
            text = "" if segment is None else text_of(segment).strip()
            if text:
                sides.setdefault(side_of(tag), text)
    return (sides[0], sides[1]) if 0 in sides and 1 in sides else None


def text_of(element: ElementTree.Element) -> str:
    parts = [element.text or ""]
    for child in element:
        if local(child.tag) not in NATIVE_CODES:
            parts.append(text_of(child))
        parts.append(child.tail or "")
    return "".join(parts)


def local(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition("}")[2]
