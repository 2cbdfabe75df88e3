"""Where a step's inputs come from: the tasks of an upstream kind that belong to it, and the artifacts it fetches from each."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from operator import itemgetter
from typing import Any

from training_taskgraph.bindings import IDENTITY, Binding
from training_taskgraph.placeholders import Placeholders


class Upstream:
    """The tasks that a kind may fetch from, indexed: a graph has ten thousand of them and every task looks for a few.

    A task that `replaces` a kind stands among its tasks, instead of the one with the same bindings.
    """

    def __init__(self, tasks: Iterable[Any]):
        # Tasks of a kind that are bound to the same things, such as chunk and teacher.
        self.groups: dict[str, dict[tuple[str, ...], list[Any]]] = defaultdict(lambda: defaultdict(list))
        self.indexes: dict[tuple, dict[tuple, list[Any]]] = {}
        steps = sorted((task for task in tasks if "bindings" in task.attributes), key=lambda task: task.label)
        replaced = {(kind, identity(task)) for task in steps for kind in task.attributes["replaces"]}
        for task in steps:
            kinds = [*task.attributes["replaces"], *([] if (task.kind, identity(task)) in replaced else [task.kind])]
            for kind in kinds:
                self.groups[kind][tuple(key for key, _ in identity(task))].append(task)

    def belonging_to(self, kind: str, bindings: Binding) -> list[Any]:
        """The tasks of `kind` that agree with `bindings` in everything that both are bound to."""
        found = []
        for keys, tasks in self.groups[kind].items():
            shared = tuple(key for key in keys if key in bindings)
            if (kind, keys, shared) not in self.indexes:
                index = self.indexes[kind, keys, shared] = defaultdict(list)
                for task in tasks:
                    index[tuple(task.attributes["bindings"][key] for key in shared)].append(task)
            found += self.indexes[kind, keys, shared].get(tuple(bindings[key] for key in shared), [])
        return found

    def fetches(self, label: str, inputs: Mapping[str, list], bindings: Binding, placeholders: Placeholders) -> list[dict[str, Any]]:
        """What the task `label` fetches: [{"label": upstream task, "fetch": an entry of run-task's MOZ_FETCHES}], sorted."""
        fetches = []
        for kind, entries in inputs.items():
            for entry in entries:
                entry = {"artifacts": [entry]} if isinstance(entry, str) else entry
                where = entry.get("where") or {}
                mine = {key: value for key, value in bindings.items() if key not in where}
                sources = [task for task in self.belonging_to(kind, mine) if matches(task, where)]
                if not sources:
                    raise Exception(f"{label}: no task of kind {kind} belongs to {mine or 'it'} (where: {where})")
                for source in sources:
                    theirs = placeholders.also(source.attributes["bindings"])
                    for artifact in (name for template in entry["artifacts"] for name in theirs.texts(template)):
                        fetch = {"artifact": f"public/build/{artifact}", "extract": False, "task": f"<{source.label}>", "verify-hash": True}
                        if entry.get("into"):
                            (fetch["dest"],) = theirs.also({"label": source.label}).texts(entry["into"])
                        fetches.append({"label": source.label, "fetch": fetch})
        check_for_collisions(label, fetches)
        return sorted(fetches, key=lambda fetch: (fetch["label"], fetch["fetch"]["artifact"], fetch["fetch"].get("dest", "")))


def identity(task: Any) -> tuple[tuple[str, object], ...]:
    """What tells the task from the others of its kind."""
    bindings = task.attributes["bindings"]
    return tuple((key, bindings[key]) for key in IDENTITY if key in bindings)


def matches(task: Any, where: Mapping[str, str]) -> bool:
    bindings = task.attributes["bindings"]
    bound = {key: bindings.get(key) for key in where}
    return all(value in bound[key] if isinstance(bound[key], list) else value == bound[key] for key, value in where.items())


def check_for_collisions(label: str, fetches: list[dict[str, Any]]) -> None:
    """Two artifacts of one name in one folder would overwrite each other without a word."""
    places: dict[tuple[str, str], str] = {}
    for source, fetch in map(itemgetter("label", "fetch"), fetches):
        place = (fetch.get("dest", ""), fetch["artifact"])
        if place in places:
            raise Exception(f"{label}: {fetch['artifact']} of {source} and of {places[place]} would be the same file; say `into`")
        places[place] = source
