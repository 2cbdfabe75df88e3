"""Marian's binary model files: reading and writing their items.

Layout, little endian:

    u64 version (1), u64 number of items
    per item: u64 length of its name with the closing NUL, u64 type, u64 number of dimensions, u64 bytes of data
    all names, each closed by a NUL; all shapes, each dimension an i32
    u64 length of the padding that follows, and this padding, after which the file is at a multiple of 256
    the data of all items; each is a multiple of 256 bytes long, so that every item lies aligned when the file is mapped into memory

This is the layout of marian-dev's src/common/binary.cpp. The browser's engine reads the same layout with item types of its own; see
browser_format.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pipeline.common.outputs import atomic_output
from pipeline.common.script import StepError

VERSION = 1
ALIGNMENT = 256

INT8 = 0x0101
FLOAT32 = 0x0404
# 8-bit weights for intgemm, under the number that Marian gives them.
MARIAN_INTGEMM8 = 0x10001

FILE_HEAD = struct.Struct("<QQ")
ITEM_HEAD = struct.Struct("<QQQQ")
LENGTH = struct.Struct("<Q")


@dataclass(frozen=True)
class Item:
    """One named array; `data` holds its bytes with the padding at their end."""

    name: str
    type: int
    shape: tuple[int, ...]
    data: bytes


def padded(data: bytes) -> bytes:
    """`data` with zeros up to the next multiple of ALIGNMENT."""
    return data + bytes(-len(data) % ALIGNMENT)


def read_items(path: Path) -> list[Item]:
    """The items of a model in the order of the file; raises StepError where the file is no such model or ends too early."""
    content = path.read_bytes()
    try:
        return parse_items(content)
    except (struct.error, UnicodeDecodeError, ValueError) as error:
        raise StepError(f"{path}: not a binary model of Marian, or a broken one ({error})") from error


def parse_items(content: bytes) -> list[Item]:
    """As read_items, from the bytes of a file; raises struct.error, UnicodeDecodeError or ValueError."""
    version, count = FILE_HEAD.unpack_from(content)
    if version != VERSION:
        raise ValueError(f"version {version}, expected {VERSION}")
    if count * ITEM_HEAD.size > len(content):
        raise ValueError(f"{count} items announced in {len(content)} bytes")
    position = FILE_HEAD.size

    def take(length: int) -> bytes:
        nonlocal position
        if position + length > len(content):
            raise ValueError(f"ends at byte {len(content)}, expected {position + length} or more")
        position += length
        return content[position - length : position]

    heads = [ITEM_HEAD.unpack(take(ITEM_HEAD.size)) for _ in range(count)]
    names = [take(name_length).removesuffix(b"\0").decode() for name_length, _, _, _ in heads]
    shapes = [struct.unpack(f"<{dimensions}i", take(4 * dimensions)) for _, _, dimensions, _ in heads]
    (padding,) = LENGTH.unpack(take(LENGTH.size))
    take(padding)
    items = [
        Item(name, item_type, shape, take(data_length))
        for (_, item_type, _, data_length), name, shape in zip(heads, names, shapes, strict=True)
    ]
    if position != len(content):
        raise ValueError(f"{len(content) - position} bytes too many at its end")
    return items


def write_items(path: Path, items: Iterable[Item]) -> None:
    """Writes a model of these items; the same items give the same bytes."""
    items = list(items)
    names = [item.name.encode() + b"\0" for item in items]
    head = FILE_HEAD.pack(VERSION, len(items))
    for item, name in zip(items, names, strict=True):
        head += ITEM_HEAD.pack(len(name), item.type, len(item.shape), len(item.data))
    head += b"".join(names)
    head += b"".join(struct.pack(f"<{len(item.shape)}i", *item.shape) for item in items)
    padding = -(len(head) + LENGTH.size) % ALIGNMENT
    with atomic_output(path) as partial, partial.open("wb") as file:
        file.write(head + LENGTH.pack(padding) + bytes(padding))
        for item in items:
            file.write(item.data)
