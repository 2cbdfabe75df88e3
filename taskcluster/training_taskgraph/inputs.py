"""Where a step's inputs come from: the tasks of an upstream kind that belong to it, and the artifacts it fetches from each."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from operator import itemgetter
from typing import Any

from training_taskgraph.bindings import IDENTITY, Binding
from training_taskgraph.placeholders import Placeholders


class Upstream:
    """The tasks that a kind may fetch from, indexed: a graph has ten thousand of them and every task looks for a few."""

    def __init__(self, tasks: Iterable[Any]):
        # Tasks of a kind that are bound to the same things, such as chunk and teacher.
        self.groups: dict[str, dict[tuple[str, ...], list[Any]]] = defaultdict(lambda: defaultdict(list))
        self.indexes: dict[tuple, dict[tuple, list[Any]]] = {}
        for task in sorted(tasks, key=lambda task: task.label):
            if (bindings := task.attributes.get("bindings")) is not None:
                self.groups[task.kind][tuple(key for key in IDENTITY if key in bindings)].append(task)

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
                sources = [task for task in self.belonging_to(kind, bindings) if matches(task, entry.get("where") or {})]
                if not sources:
                    raise Exception(f"{label}: no task of kind {kind} belongs to {bindings or 'it'} (where: {entry.get('where')})")
                for source in sources:
                    theirs = placeholders.also(source.attributes["bindings"])
                    for artifact in (name for template in entry["artifacts"] for name in theirs.texts(template)):
                        fetch = {"artifact": f"public/build/{artifact}", "extract": False, "task": f"<{source.label}>", "verify-hash": True}
                        if entry.get("into"):
                            (fetch["dest"],) = theirs.also({"label": source.label}).texts(entry["into"])
                        fetches.append({"label": source.label, "fetch": fetch})
        check_for_collisions(label, fetches)
        return sorted(fetches, key=lambda fetch: (fetch["label"], fetch["fetch"]["artifact"], fetch["fetch"].get("dest", "")))


def matches(task: Any, where: Mapping[str, str]) -> bool:
    bindings = task.attributes["bindings"]
    return all(value in bindings[key] if isinstance(bindings[key], list) else value == bindings[key] for key, value in where.items())


def check_for_collisions(label: str, fetches: list[dict[str, Any]]) -> None:
    """Two artifacts of one name in one folder would overwrite each other without a word."""
    places: dict[tuple[str, str], str] = {}
    for source, fetch in map(itemgetter("label", "fetch"), fetches):
        place = (fetch.get("dest", ""), fetch["artifact"])
        if place in places:
            raise Exception(f"{label}: {fetch['artifact']} of {source} and of {places[place]} would be the same file; say `into`")
        places[place] = source
