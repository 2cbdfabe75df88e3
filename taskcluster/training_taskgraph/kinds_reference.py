"""The page of all kinds, made from their definitions.

python -m training_taskgraph.kinds_reference > docs/kinds.md
"""

from collections.abc import Iterator
from typing import Any

import yaml

from training_taskgraph.bindings import AXES
from training_taskgraph.facts import FACTS
from training_taskgraph.kind_definitions import READ_BY_ALL, TASKCLUSTER, Kind, KindTask, keys_read, kinds, where

INTRODUCTION = """\
<!-- Made by `python -m training_taskgraph.kinds_reference`; change the kinds, not this page. -->

# The kinds

The graph of a training is made of these kinds of tasks, here in the order in which they run. [graph.md](graph.md) explains how a kind is
written, [training-config.md](training-config.md) what the config's keys mean.

Every task of a step publishes `statistics.json` beside its outputs. Every one reads `experiment.src` and `experiment.trg`, and is placed by
`taskcluster.worker-classes`; the tables list what a kind reads besides."""

FACTS_INTRODUCTION = """\
What decides whether there is a task or an input ([facts.py](../taskcluster/training_taskgraph/facts.py)):"""

OVERVIEW = """\
| kind | a task for | takes from | worker |
| --- | --- | --- | --- |"""


def reference_page() -> str:
    """The text of docs/kinds.md."""
    found = kinds()
    parts = [
        INTRODUCTION,
        "## Contents",
        "\n".join(_contents(found)),
        "## Overview",
        "\n".join([OVERVIEW, *map(_overview_row, found)]),
        "What there is a task for each of:",
        "\n".join(f"- `{axis}`: {_codes(sorted(keys_read(AXES[axis]) - READ_BY_ALL))}" for axis in AXES),
        FACTS_INTRODUCTION,
        "\n".join(f"- `{name}`: {fact.__doc__} Looks at {_codes(sorted(keys_read(fact)))}." for name, fact in FACTS.items()),
        *(part for kind in found for part in _section(kind)),
    ]
    return "\n\n".join(parts) + "\n"


def _contents(found: list[Kind]) -> Iterator[str]:
    """A line for each group of kinds that Treeherder shows together, in the order of their first kinds."""
    config = yaml.safe_load((TASKCLUSTER / "config.yml").read_text(encoding="utf-8"))
    groups: dict[str, list[str]] = {}
    for kind in found:
        groups.setdefault(kind.name.partition("-")[0], []).append(_link(kind.name))
    for group, links in groups.items():
        yield f"- {config['treeherder']['group-names'][group]}: {', '.join(links)}"


def _overview_row(kind: Kind) -> str:
    upstream = dict.fromkeys(name for task in kind.tasks for name in task.upstream)
    cells = (
        _link(kind.name),
        "; ".join(dict.fromkeys(map(_range, kind.tasks))),
        ", ".join(map(_link, upstream)),
        _codes(_unique(task.block["worker-type"] for task in kind.tasks)),
    )
    return f"| {' | '.join(cells)} |"


def _section(kind: Kind) -> Iterator[str]:
    yield f"## {kind.name}"
    if not kind.tasks:
        yield f"{_comment(kind.text)} Defined in [`kind.yml`](../taskcluster/kinds/{kind.name}/kind.yml), not a step."
    for task in kind.tasks:
        yield task.block["description"]
        yield "\n".join(["| | |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in _rows(kind, task) if value)])


def _rows(kind: Kind, task: KindTask) -> Iterator[tuple[str, str]]:
    step = task.step
    yield "tasks", f"`{kind.name}-{task.name}`, for {_range(task)}"
    yield "only when", _codes(task.when)
    yield "stage", f"`{task.block.get('stage', kind.name)}`"
    yield "script", ", ".join(f"[`{script}`](../{script}){condition}" for script, condition in _choices(step["script"]))
    yield "requirements", ", ".join(f"`{group}`{condition}" for group, condition in _choices(step["requirements"]))
    yield "worker", f"`{task.block['worker-type']}`"
    inputs = (f"{_link(upstream)}: {_input(entry)}{_when(fact)}" for upstream, entries, fact in task.inputs for entry in _entries(entries))
    yield "inputs", "<br>".join(inputs)
    yield "outputs", ", ".join(f"{_files(part['outputs'])}{_when(fact)}" for fact, part in task.parts if part.get("outputs"))
    replaced = (
        f"{_link(name)}{condition}{_when(fact)}" for fact, part in task.parts for name, condition in _choices(part.get("replaces", []))
    )
    yield "stands in for", ", ".join(replaced)
    yield "config keys", _codes(task.config_keys)


def _entries(entries: list[Any]) -> list[dict[str, Any]]:
    """The entries of an input, those that are only a name taken together."""
    longer = [entry for entry in entries if isinstance(entry, dict) and "artifacts" in entry]
    names = [entry for entry in entries if entry not in longer]
    return [{"artifacts": names}, *longer] if names else longer


def _input(entry: dict[str, Any]) -> str:
    condition = "".join(f", where `{key}` has `{value}`" for key, value in where(entry).items())
    into = f", into `{entry['into']}/`" if entry.get("into") else ""
    return _files(entry["artifacts"]) + condition + into


def _when(fact: str | None) -> str:
    return f" when `{fact}`" if fact else ""


def _files(names: Any) -> str:
    return ", ".join(f"`{name}`{condition}" for name, condition in _choices(names))


def _choices(value: Any) -> Iterator[tuple[str, str]]:
    """The texts in a value that may be keyed by the config, each with the condition under which it is taken."""
    match value:
        case list():
            for item in value:
                yield from _choices(item)
        case dict():
            for by, alternatives in value.items():
                for key, alternative in alternatives.items():
                    condition = " otherwise" if key == "default" else f" if `{by.removeprefix('by-')}` is {key.replace('|', ' or ')}"
                    yield from ((text, inner + condition) for text, inner in _choices(alternative))
        case _:
            yield str(value), ""


def _range(task: KindTask) -> str:
    """What there is one task for: every combination of the axes."""
    return "each " + " and ".join(f"`{axis}`" for axis in task.axes) if task.axes else "the language pair"


def _comment(text: str) -> str:
    """What a definition says of itself in comments, as one paragraph."""
    return " ".join(line.lstrip("# ") for line in text.splitlines() if line.startswith("#"))


def _link(kind: str) -> str:
    return f"[{kind}](#{kind})"


def _codes(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _unique(names: Iterator[str]) -> list[str]:
    return list(dict.fromkeys(names))


if __name__ == "__main__":
    print(reference_page().rstrip())
