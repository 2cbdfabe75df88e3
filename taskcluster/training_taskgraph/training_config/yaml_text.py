"""Edits of a YAML document in its text, so that everything else stays as its author wrote it: comments, quotes, order, blank lines.

A round trip through a YAML library would keep comments as well, but hangs each on the value before it: a section that moves takes the
comment of its neighbour along, and all indentation becomes one. An edit is only as good as it can see (an alias, or a mapping in one line,
has no lines of its own), so whoever edits compares what the new text says with what it should say.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import yaml

from .errors import Path

INDENTATION = 2


class NotEditableError(Exception):
    """The text has no place for an edit; the message says why."""


@dataclass(frozen=True)
class Entry:
    """A key of a mapping with its value."""

    key: yaml.Node
    value: yaml.Node

    @property
    def column(self) -> int:
        return self.key.start_mark.column

    @property
    def end(self) -> int:
        """The position after the last character of the value; that of a block collection would be after the comments that follow it."""
        return max(self.key.end_mark.index, _end(self.value))


def _end(node: yaml.Node) -> int:
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return max(map(_end, last)) if isinstance(last, tuple) else _end(last)
    return node.end_mark.index


@dataclass(frozen=True)
class YamlText:
    """A YAML document. Edits leave it alone and return the new one; they raise NotEditableError."""

    text: str

    @cached_property
    def root(self) -> yaml.Node:
        node = yaml.compose(self.text, Loader=yaml.SafeLoader)
        if node is None:
            raise NotEditableError("nothing is written there")
        return node

    def entry(self, path: Path) -> Entry:
        node, found = self.root, None
        for key in path:
            pairs = node.value if isinstance(node, yaml.MappingNode) else []
            found = next((Entry(*pair) for pair in pairs if pair[0].value == key), None)
            if found is None:
                raise NotEditableError("it is not written there, but comes from an alias")
            node = found.value
        if found is None:
            raise NotEditableError("the whole document has no key")
        return found

    def has(self, path: Path) -> bool:
        try:
            self.entry(path)
        except NotEditableError:
            return False
        return True

    def rename(self, path: Path, name: str) -> "YamlText":
        key = self.entry(path).key
        return self._with(key.start_mark.index, key.end_mark.index, scalar(name))

    def replace(self, path: Path, value: Any) -> "YamlText":
        """Gives a key another value, on one line; comments within the old one come before the key."""
        entry = self.entry(path)
        start, end = entry.key.end_mark.index, entry.end
        comments = [self.text[slice(*place)] for place in comment_places(self.text) if start <= place[0] < end]
        edited = self._with(start, end, f": {scalar(value)}")
        if not comments:
            return edited
        lines = "".join(f"{' ' * entry.column}{comment}\n" for comment in comments)
        return edited._with(self._line_start(entry.key.start_mark.index), None, lines)

    def remove(self, path: Path) -> "YamlText":
        """Removes the lines of a key and its value; the comments above it stay."""
        entry = self._own_lines(path)
        return self._without(self._line_start(entry.key.start_mark.index), self._block_end(entry))

    def move(self, path: Path, new_path: Path) -> "YamlText":
        """Moves a key with its value and its comments to the end of another mapping, which is made where there is none."""
        entry = self._own_lines(path)
        start, end = self._block_start(entry), self._block_end(entry)
        block = self.text[start : entry.key.start_mark.index] + scalar(new_path[-1]) + self.text[entry.key.end_mark.index : end]
        return self._without(start, end).append(new_path[:-1], indented(block, -entry.column))

    def append(self, path: Path, block: str) -> "YamlText":
        """Adds lines of YAML, not indented, at the end of a mapping; of the whole document where `path` is empty."""
        if not path:
            pairs = self.root.value
            column = pairs[0][0].start_mark.column
        else:
            if not self.has(path):
                return self.append(path[:-1], f"{path[-1]}:\n{indented(block, INDENTATION)}")
            entry = self.entry(path)
            pairs = entry.value.value
            if not pairs:
                return self.remove(path).append(path, block)
            if not isinstance(entry.value, yaml.MappingNode):
                raise NotEditableError(f"`{path[-1]}` is no mapping")
            column = pairs[0][0].start_mark.column
        end = self._block_end(Entry(*pairs[-1]))
        block += "" if block.endswith("\n") else "\n"
        separator = "" if self.text[:end].endswith("\n") else "\n"
        if not path and "\n\n" in self.text:  # sections of this document stand apart
            separator += "\n"
        return self._with(end, end, separator + indented(block, column))

    def _own_lines(self, path: Path) -> Entry:
        """The entry, if no other shares its lines."""
        entry = self.entry(path)
        before = self.text[self._line_start(entry.key.start_mark.index) : entry.key.start_mark.index]
        after = self.text[entry.end : self._line_end(entry.end)].strip()
        if before.strip() or (after and not after.startswith(("#", ":"))):
            raise NotEditableError("it shares its line with others")
        return entry

    def _block_start(self, entry: Entry) -> int:
        """Where the comment begins that stands right above a key."""
        start = self._line_start(entry.key.start_mark.index)
        while start:
            above = self._line_start(start - 1)
            line = self.text[above:start]
            if not line.strip().startswith("#") or _column(line) != entry.column:
                break
            start = above
        return start

    def _block_end(self, entry: Entry) -> int:
        """The line after an entry, and after the comments that are indented as what is in it."""
        end = self._line_end(entry.end)
        while end < len(self.text):
            line = self.text[end : self._line_end(end)]
            if not line.strip().startswith("#") or _column(line) <= entry.column:
                break
            end += len(line)
        return end

    def _line_start(self, position: int) -> int:
        return self.text.rfind("\n", 0, position) + 1

    def _line_end(self, position: int) -> int:
        end = self.text.find("\n", position)
        return len(self.text) if end < 0 else end + 1

    def _without(self, start: int, end: int) -> "YamlText":
        """Without these lines, nor a second of the blank lines around them."""
        if self.text[:start].endswith("\n\n") and self.text[end:].startswith("\n"):
            end += 1
        return self._with(start, end, "")

    def _with(self, start: int, end: int | None, replacement: str) -> "YamlText":
        return YamlText(self.text[:start] + replacement + self.text[start if end is None else end :])


def _column(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def indented(block: str, columns: int) -> str:
    """The lines of a block further to the right, or to the left where `columns` is negative."""
    lines = block.splitlines(keepends=True)
    if columns < 0:
        return "".join(line[min(-columns, _column(line)) :] for line in lines)
    return "".join(line if line.isspace() else " " * columns + line for line in lines)


def scalar(value: Any) -> str:
    """A value as YAML on one line."""
    return (
        yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=float("inf"), allow_unicode=True)
        .removesuffix("...\n")
        .strip()
    )


def comment_places(text: str) -> Iterator[tuple[int, int]]:
    """Where the comments of a document begin and end: between two tokens there is nothing but blanks and comments."""
    position = 0
    for token in yaml.scan(text, Loader=yaml.SafeLoader):
        for match in re.finditer(r"#.*", text[position : token.start_mark.index]):
            yield position + match.start(), position + match.end()
        position = max(position, token.end_mark.index)


def comments(text: str) -> list[tuple[int, str]]:
    """The comments of a document, each with its line, from 1."""
    return [(text.count("\n", 0, start) + 1, text[start:end].rstrip()) for start, end in comment_places(text)]
