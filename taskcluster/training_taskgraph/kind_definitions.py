"""The kinds as their files define them, and the keys of the training config that each of them reads."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from taskgraph.util.templates import merge

from training_taskgraph.bindings import AXES
from training_taskgraph.facts import FACTS
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
    def when(self) -> list[str]:
        """The facts that must hold for there to be the task."""
        return self.block.get("when", [])

    @property
    def parts(self) -> list[tuple[str | None, dict[str, Any]]]:
        """The step itself, with None, and what it has besides when a fact holds, with the fact's name."""
        return [(None, self.step), *(self.step.get("also-when") or {}).items()]

    @property
    def inputs(self) -> list[tuple[str, list[Any], str | None]]:
        """(upstream kind, entries, fact) of everything that the step may fetch."""
        return [(kind, entries, fact) for fact, part in self.parts for kind, entries in (part.get("inputs") or {}).items()]

    @property
    def upstream(self) -> list[str]:
        return list(dict.fromkeys(kind for kind, _, _ in self.inputs))

    @cached_property
    def config_keys(self) -> list[str]:
        """The keys of the training config that make the tasks what they are: placeholders, axes, and what values are keyed by."""
        words = [self.name, *words_in(self.block)]
        names = {match[1] for word in words for match in PLACEHOLDER.finditer(word)}
        keys = {name for name in names if "." in name}
        keys |= {word.removeprefix("by-") for word in words if re.fullmatch(r"by-[\w-]+(\.[\w-]+)+", word)}
        for axis in {*self.axes, *(names & set(NUMBERED_AXES))}:
            keys |= keys_read(AXES[axis])
        for fact in {*self.when, *(fact for fact, _ in self.parts if fact)}:
            keys |= keys_read(FACTS[fact])
        for _, entries, _ in self.inputs:
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


def words_in(value: Any) -> Iterator[str]:
    """Every text in a value, the keys of mappings included."""
    match value:
        case str():
            yield value
        case dict():
            for key, item in value.items():
                yield from words_in(key)
                yield from words_in(item)
        case list():
            for item in value:
                yield from words_in(item)


class _Recorder(Mapping[str, Any]):
    """A config that has every key and nothing in them (0 where it is counted on), and notes the keys that are asked for.

    Whether a value is true, or equal to another, is what `answers` say in the order of the questions, and no once they are used up; a
    question that was asked before gets the same answer.
    """

    def __init__(self, asked: set[str], answers: Iterator[bool], given: dict[str, bool], path: str = ""):
        self.asked, self.answers, self.given, self.path = asked, answers, given, path

    def __getitem__(self, key: str) -> "_Recorder":
        path = f"{self.path}.{key}".removeprefix(".")
        self.asked.add(path)
        return _Recorder(self.asked, self.answers, self.given, path)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return self.__eq__(True)

    def __eq__(self, other: object) -> bool:
        question = f"{self.path} {other}"
        if question not in self.given:
            self.given[question] = next(self.answers, False)
        return self.given[question]

    __gt__ = __eq__

    def __add__(self, other: int) -> int:
        return other

    __radd__ = __add__


def keys_read(reads: Callable[[Any], Any]) -> set[str]:
    """The keys of the training config that an axis or a fact looks at, found by asking it, with every answer to every question."""
    asked: set[str] = set()
    pending: list[list[bool]] = [[]]
    while pending:
        answers = pending.pop()
        given: dict[str, bool] = {}
        reads(_Recorder(asked, iter(answers), given))
        # Where it went on with no, it shall go on with yes.
        pending += [[*list(given.values())[:number], True] for number in range(len(answers), len(given))]
    # Not a section of which something is read, but that.
    return {key for key in asked if not any(other.startswith(f"{key}.") for other in asked)}
