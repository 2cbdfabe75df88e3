"""The kinds as their files define them, and the keys of the training config that each of them reads."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from taskgraph.util.templates import merge

from training_taskgraph.bindings import AXES
from training_taskgraph.placeholders import NUMBERED_AXES, PLACEHOLDER
from training_taskgraph.training_config.stages import KINDS

TASKCLUSTER = Path(__file__).resolve().parents[1]

# What every step reads, so that it tells nothing of a kind.
READ_BY_ALL = {"experiment.src", "experiment.trg"}


@dataclass(frozen=True)
class KindTask:
    """What a kind says of one of its tasks, the kind's defaults included."""

    name: str
    block: dict[str, Any]

    @property
    def step(self) -> dict[str, Any]:
        return self.block["step"]

    @property
    def axes(self) -> list[str]:
        return self.block.get("for-each", [])

    @property
    def upstream(self) -> list[str]:
        return list(self.step.get("inputs") or {})

    @cached_property
    def config_keys(self) -> list[str]:
        """The keys of the training config that make the tasks what they are: placeholders, axes, and what values are keyed by."""
        words = [self.name, *_words(self.block)]
        names = {match[1] for word in words for match in PLACEHOLDER.finditer(word)}
        keys = {name for name in names if "." in name}
        keys |= {word.removeprefix("by-") for word in words if re.fullmatch(r"by-[\w-]+(\.[\w-]+)+", word)}
        for axis in {*self.axes, *(names & set(NUMBERED_AXES))}:
            keys |= keys_of_axis(axis)
        for entries in (self.step.get("inputs") or {}).values():
            keys |= {f"datasets.{entry['where']['categories']}" for entry in entries if "categories" in where(entry)}
        return sorted(keys - READ_BY_ALL)


@dataclass(frozen=True)
class Kind:
    name: str
    file: Path

    @cached_property
    def text(self) -> str:
        return self.file.read_text(encoding="utf-8")

    @cached_property
    def tasks(self) -> list[KindTask]:
        """Its tasks that are steps."""
        config = yaml.safe_load(self.text)
        merged = {name: merge(config.get("task-defaults") or {}, block) for name, block in config["tasks"].items()}
        return [KindTask(name, block) for name, block in merged.items() if "step" in block]


def kinds(folder: Path = TASKCLUSTER / "kinds") -> list[Kind]:
    """The kinds that there are, in the order in which they run."""
    order = {name: number for number, name in enumerate(KINDS)}
    found = [Kind(file.parent.name, file) for file in folder.glob("*/kind.yml")]
    return sorted(found, key=lambda kind: (order.get(kind.name, len(order)), kind.name))


def where(entry: Any) -> dict[str, str]:
    """Which of the upstream tasks an entry of a step's inputs takes."""
    return entry.get("where") or {} if isinstance(entry, dict) else {}


def _words(value: Any) -> Iterator[str]:
    """Every text in a value, the keys of mappings included."""
    match value:
        case str():
            yield value
        case dict():
            for key, item in value.items():
                yield from _words(key)
                yield from _words(item)
        case list():
            for item in value:
                yield from _words(item)


class _Recorder(Mapping[str, Any]):
    """A config that has every key and nothing in them (0 where it is counted on), and notes the keys that are asked for."""

    def __init__(self, asked: set[str], path: str = ""):
        self.asked, self.path = asked, path

    def __getitem__(self, key: str) -> "_Recorder":
        path = f"{self.path}.{key}".removeprefix(".")
        self.asked.discard(self.path)  # not the section, but what is in it
        self.asked.add(path)
        return _Recorder(self.asked, path)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __add__(self, other: int) -> int:
        return other

    __radd__ = __add__


def keys_of_axis(axis: str) -> set[str]:
    """The keys of the training config that an axis ranges over, found by asking it."""
    asked: set[str] = set()
    AXES[axis](_Recorder(asked))  # type: ignore[arg-type]
    return asked
