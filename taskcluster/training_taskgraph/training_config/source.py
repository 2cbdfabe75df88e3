"""Reads YAML with the line of every key, and refuses what PyYAML would swallow, such as a key that is given twice."""

from dataclasses import dataclass, field
from typing import Any

import yaml

from .errors import ConfigErrors, Finding, Path, Problem, dotted

_MERGE = "tag:yaml.org,2002:merge"
_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("map", "seq", "str", "int", "float", "bool", "null", "timestamp")}


@dataclass
class Source:
    """A config as it was written: plain data, the line (from 1) of each path where there is text, and what was wrong in the YAML."""

    file: str
    data: Any
    lines: dict[Path, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """The line of a path, or of the nearest thing around it; 0 where the config has no text."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return 0

    def problem(self, finding: Finding) -> Problem:
        return Problem(self.file, self.line(finding.path), dotted(finding.path), finding.message)


def read_bytes(content: bytes, file: str, expected: str = "a training config") -> Source:
    """As `read`, for the bytes of a file, which have to be UTF-8."""
    try:
        return read(content.decode("utf-8-sig"), file, expected)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = f"byte 0x{content[error.start]:02x}"
        raise ConfigErrors([Problem(file, line, "", f"not UTF-8 (found {found}, allowed: UTF-8 text)")]) from error


def read(text: str, file: str, expected: str = "a training config") -> Source:
    """Reads one YAML document. Raises ConfigErrors with one problem where it cannot be read at all, or nothing is in it."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        message = f"not YAML (found {text[error.position]!r}, allowed: printable characters)"
        raise ConfigErrors([Problem(file, line, "", message)]) from error
    except yaml.MarkedYAMLError as error:
        line = _error_line(error, text)
        raise ConfigErrors([Problem(file, line, "", f"not YAML: {_explain(error, text.splitlines()[line - 1 : line])}")]) from error
    if node is None:
        raise ConfigErrors([Problem(file, 1, "", f"the file is empty (found nothing, allowed: {expected})")])
    source = Source(file, None)
    source.data = _Reader(source).value(node, ())
    return source


def _error_line(error: yaml.MarkedYAMLError, text: str) -> int:
    """The line of an error; where it is the end of the file, such as for a quote that never closes, where the trouble began."""
    mark = error.problem_mark
    if mark is None or (error.context_mark and mark.index >= len(text.rstrip())):
        mark = error.context_mark
    return mark.line + 1 if mark else 1


def _explain(error: yaml.MarkedYAMLError, lines: list[str]) -> str:
    if "'\\t'" in (error.problem or "") or any(line.startswith("\t") for line in lines):
        return "the line is indented with a tab (found a tab, allowed: spaces)"
    return ", ".join(part for part in (error.context, error.problem) if part)


class _Reader(yaml.constructor.SafeConstructor):
    """Turns YAML nodes into plain data; notes lines and findings in a Source on the way."""

    def __init__(self, source: Source) -> None:
        super().__init__()
        self.source = source
        self.open_nodes: list[yaml.Node] = []

    def value(self, node: yaml.Node, path: Path) -> Any:
        self.source.lines.setdefault(path, node.start_mark.line + 1)
        if any(node is one for one in self.open_nodes):
            return self._refuse(path, "an alias that contains itself (found *alias, allowed: an alias of something before)")
        if node.tag not in _TAGS:
            return self._refuse(path, f"a YAML tag (found {node.tag}, allowed: plain values, lists and mappings)")
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        self.open_nodes.append(node)
        try:
            if isinstance(node, yaml.MappingNode):
                return self._mapping(node, path)
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        finally:
            self.open_nodes.pop()

    def _scalar(self, node: yaml.ScalarNode, path: Path) -> Any:
        try:
            return self.construct_object(node, deep=True)
        except ValueError as error:  # what looks like a date or number and is none
            return self._refuse(path, f"cannot be read (found '{node.value}', allowed: a plain value, or this one in quotes; {error})")

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        for mapping in reversed(self._merged(node, path)):
            merged |= mapping
        own: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE:
                continue
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self.source.lines[*path, "?"] = line
                self._refuse((*path, "?"), "not a key (found a list or mapping, allowed: text)")
                continue
            # The text of the key, so that a key such as `no` or `1` stays what was written.
            key = key_node.value
            here = (*path, key)
            if key in own:
                self._refuse(here, f"the key is given twice (found again on line {line}, allowed: once)")
                continue
            self.source.lines[here] = line
            own[key] = self.value(value_node, here)
        return merged | own

    def _merged(self, node: yaml.MappingNode, path: Path) -> list[dict[str, Any]]:
        """The mappings that `<<` names, most important first; what a mapping says itself goes before them all."""
        nodes: list[yaml.Node] = []
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE:
                nodes += value_node.value if isinstance(value_node, yaml.SequenceNode) else [value_node]
        mappings = [self.value(merged, path) for merged in nodes]
        if not all(isinstance(mapping, dict) for mapping in mappings):
            self._refuse((*path, "<<"), "nothing to merge (found no mapping, allowed: a mapping or a list of mappings)")
        return [mapping for mapping in mappings if isinstance(mapping, dict)]

    def _refuse(self, path: Path, message: str) -> None:
        self.source.findings.append(Finding(path, message))
