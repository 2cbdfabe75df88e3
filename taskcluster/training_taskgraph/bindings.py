"""What tasks of a kind differ in: the dataset, the chunk, the teacher they stand for.

An axis is a name and the list of bindings that a config gives it; a binding is a small dict of placeholders with their values. A kind
says `for-each: [test, teacher]` and gets a task for every combination. Two tasks belong together when the bindings they share are equal:
that is how a step finds its inputs.
"""

from collections.abc import Callable
from itertools import product

from training_taskgraph.training_config.datasets import Dataset, parse_dataset

Binding = dict[str, object]

# The bindings that tell tasks of a kind apart. The others (a slug, the categories) follow from these.
IDENTITY = ("dataset", "side", "chunk", "teacher")

# The sections of `datasets` with parallel text; a set that stands in two of them is one task.
PARALLEL = ("train", "devtest", "test")


def dataset_binding(name: str, categories: list[str]) -> Binding:
    dataset: Dataset = parse_dataset(name)
    return {"dataset": name, "dataset-slug": dataset.slug, "categories": categories}


def datasets(config: dict, *sections: str) -> list[Binding]:
    categories: dict[str, list[str]] = {}
    for section in sections:
        for name in config["datasets"][section] or []:
            categories.setdefault(name, []).append(section)
    return [dataset_binding(name, where) for name, where in categories.items()]


def numbers(axis: str, count: int) -> list[Binding]:
    return [{axis: number} for number in range(1, count + 1)]


AXES: dict[str, Callable[[dict], list[Binding]]] = {
    "parallel": lambda config: datasets(config, *PARALLEL),
    "train": lambda config: datasets(config, "train"),
    "devtest": lambda config: datasets(config, "devtest"),
    "test": lambda config: datasets(config, "test"),
    "chunk": lambda config: numbers("chunk", config["taskcluster"]["split-chunks"]),
    "teacher": lambda config: numbers("teacher", config["experiment"]["teacher-ensemble"]),
}


def combinations(config: dict, axes: list[str]) -> list[Binding]:
    """Every combination of the bindings of `axes`, in the config's order; one empty binding for no axes."""
    return [
        {placeholder: value for binding in row for placeholder, value in binding.items()}
        for row in product(*(AXES[axis](config) for axis in axes))
    ]


def belong_together(mine: Binding, theirs: Binding) -> bool:
    """Whether two tasks agree in everything that both of them are bound to."""
    return all(mine[key] == theirs[key] for key in IDENTITY if key in mine and key in theirs)
