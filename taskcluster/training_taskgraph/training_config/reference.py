"""The reference page of the training config and its JSON schema, both made from the schema.

python -m training_taskgraph.training_config.reference > docs/training-config.md
python -m training_taskgraph.training_config.reference --json-schema
"""

import argparse
import inspect
import json
from collections.abc import Iterator, Sequence

from .container_types import Field, ListOf, MappingOf, Section
from .datasets import AUGMENTATIONS, PROVIDERS
from .older_forms import described_forms
from .rules import RULES
from .scalar_types import OneOf, Type
from .schema import TRAINING_CONFIG, json_schema
from .stages import KINDS, STAGES, STAGES_OF_KIND

INTRODUCTION = """\
<!-- Made by `python -m training_taskgraph.training_config.reference`; change the schema, not this page. -->

# The training config

A training config is a YAML file that describes the training of one language pair. This page lists every key.
`make validate-config CONFIG=FILE` names everything that is wrong in a config, one line per error:

```
configs/example.yml:12: experiment.teacher-mode: unknown value (found 'two-stages', allowed: one-stage, two-stage; did you mean two-stage?)
```

An optional key that is left out, or whose value is empty, has its default. Keys that this page does not list are errors, and so are
keys that are given twice."""

DATASETS = """\
A dataset is named `PROVIDER_NAME`. For evaluation, `PROVIDER_aug-KIND_NAME` is a copy that is augmented to test how robust a model is:

{augmentations}

Letters keep their case where the source is written without, and Chinese, Japanese and Korean get no typos.

Sets of parallel data serve evaluation too. Slices of `ddtp` count sentence pairs from 0, the end is not part of it: `[0:1000]` and
`[1000:2000]` have nothing in common."""

CHECKS = "Besides the types of single values, what has to fit together is checked:"

OLDER = """\
Configs of earlier formats are refused with the new form of what they say. `make migrate-config CONFIG=OLD OUT=NEW` writes the new form
and keeps the comments:"""


def reference_page() -> str:
    """The text of docs/training-config.md."""
    parts = [
        INTRODUCTION,
        *_sections(TRAINING_CONFIG, (), "The top level"),
        "## Datasets by provider",
        DATASETS.format(augmentations=_table(("kind", "what becomes of the pairs"), _augmentations())),
        _table(("provider", "example", "for", "where from"), _providers()),
        "## Stages",
        "What `target-stage` and `start-task-prefix` may name, in the order in which stages run:",
        _names(STAGES),
        "## Kinds",
        "What `taskcluster.worker-classes` may name, besides `default`: the stages, and these kinds in place of the stages after them.",
        "\n".join(_kinds()),
        "## What else is checked",
        CHECKS,
        "\n".join(f"- {' '.join((inspect.getdoc(rule) or '').split())}" for rule in RULES),
        "## Older configs",
        OLDER,
        _table(("old", "new"), described_forms()),
    ]
    return "\n\n".join(parts) + "\n"


def _sections(section: Section, path: tuple[str, ...], title: str) -> Iterator[str]:
    """A heading and a table of the keys, and the same for the sections at the top level."""
    yield f"## {title}"
    rows = (row for name, item in section.fields.items() for row in _rows((*path, name), item))
    yield _table(("key", "value", "default", "meaning"), rows)
    if not path:
        for name, item in section.fields.items():
            if isinstance(item.type, Section):
                yield from _sections(item.type, (name,), f"`{name}`")


def _rows(path: tuple[str, ...], item: Field) -> Iterator[tuple[str, ...]]:
    """The row of a key, and below the top level those of the keys within it."""
    example = f" Example: `{item.example}`" if item.example else ""
    yield f"`{'.'.join(path)}`", _value(item.type), _default(item), item.description + example
    if isinstance(item.type, Section) and len(path) > 1:
        for name, inner in item.type.fields.items():
            yield from _rows((*path, name), inner)


def _value(type_: Type) -> str:
    match type_:
        case Section():
            return "mapping"
        case ListOf():
            return f"list, {'not empty' if type_.minimum else 'may be empty'}: {_value(type_.item)}"
        case MappingOf():
            return f"mapping from {_value(type_.key)} to {_value(type_.value)}"
        case OneOf(values=values, noun=""):
            return ", ".join(f"`{value}`" for value in values)
        case OneOf(noun=noun):
            return f"one of the [{noun}](#{noun})"
    return type_.allowed


def _default(item: Field) -> str:
    if item.required:
        return "required"
    if item.default is None or (isinstance(item.type, Section) and not item.default):
        return ""
    return f"`{json.dumps(item.default)}`"


def _providers() -> Iterator[tuple[str, ...]]:
    for name, provider in PROVIDERS.items():
        yield f"`{name}`", f"`{provider.example}`", ", ".join(provider.forms), provider.source


def _augmentations() -> Iterator[tuple[str, ...]]:
    for kind, change in AUGMENTATIONS.items():
        yield f"`{kind}`", change


def _kinds() -> Iterator[str]:
    for kind in KINDS:
        if kind not in STAGES:
            stages = ", ".join(f"`{stage}`" for stage in STAGES_OF_KIND.get(kind, ()))
            yield f"- `{kind}`: {stages or 'no stage of a training'}"


def _names(names: Sequence[str]) -> str:
    return "\n".join(f"- `{name}`" for name in names)


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |" for line in lines)


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json-schema", action="store_true", help="print the JSON schema instead of the page")
    print(json.dumps(json_schema(), indent=2) if parser.parse_args(argv).json_schema else reference_page().rstrip())


if __name__ == "__main__":
    main()
