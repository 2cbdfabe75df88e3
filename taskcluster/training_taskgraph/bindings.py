"""What tasks of a kind differ in: the dataset, the chunk, the teacher they stand for.

An axis is a name and the list of bindings that a config gives it; a binding is a small dict of placeholders with their values. A kind
says `for-each: [test, teacher]` and gets a task for every combination. Two tasks belong together when the bindings they share are equal:
that is how a step finds its inputs.
"""

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

from training_taskgraph.facts import (
    distills_mono,
    given_backtranslations,
    given_distillation,
    given_parallel,
    has_backwards,
    has_teachers,
    makes_backtranslations,
    makes_parallel,
)
from training_taskgraph.training_config.datasets import Dataset, parse_dataset
from training_taskgraph.training_config.filter_files import filters_of

Binding = dict[str, object]

# The bindings that tell tasks of a kind apart. The others (a slug, the provider, the categories) follow from these. `text` is what a
# dataset is used as, `parallel` or the key of `datasets` that lists monolingual text: a provider's corpus may be all three.
IDENTITY = ("text", "dataset", "chunk", "teacher")

# The key of `experiment` with a language, by the monolingual text in it.
MONO = {"mono-src": "src", "mono-trg": "trg"}


def listed(config: dict, *sections: str) -> dict[Dataset, list[str]]:
    """The datasets of these sections with those of the sections that list them: a set that stands in two of them is one task."""
    categories: dict[str, list[str]] = {}
    for section in sections:
        for name in config["datasets"][section] or []:
            categories.setdefault(name, []).append(section)
    return {parse_dataset(name): where for name, where in categories.items()}


def parallel(config: dict, *sections: str) -> list[Binding]:
    return [
        {"text": "parallel", "dataset": dataset.full, "dataset-slug": dataset.slug, "provider": dataset.provider, "categories": categories}
        for dataset, categories in listed(config, *sections).items()
    ]


def mono_texts(config: dict) -> list[Binding]:
    """The monolingual texts that the config needs."""
    needed = {"mono-src": distills_mono(config), "mono-trg": makes_backtranslations(config)}
    return [{"text": text, "language": config["experiment"][side]} for text, side in MONO.items() if needed[text]]


def mono(config: dict) -> list[Binding]:
    return [
        {**text, "dataset": dataset.full, "dataset-slug": dataset.slug, "provider": dataset.provider, "categories": categories}
        for text in mono_texts(config)
        for dataset, categories in listed(config, str(text["text"])).items()
    ]


def trained(config: dict) -> list[Binding]:
    return parallel(config, "train") if makes_parallel(config) else []


def filtered(bindings: list[Binding], thresholds: Mapping[str, Any]) -> list[Binding]:
    """The datasets with a threshold, bound to it; thresholds are by text."""
    found = ((binding, parse_dataset(str(binding["dataset"])).threshold(thresholds[str(binding["text"])])) for binding in bindings)
    return [{**binding, "threshold": threshold} for binding, threshold in found if threshold]


def cleaned(bindings: list[Binding], config: dict) -> list[Binding]:
    """The datasets, bound to the content of their filter files; None where they have none, or all are cleaned with the default filters."""
    if config["experiment"]["opuscleaner-mode"] != "custom":
        return [{**binding, "filters": None} for binding in bindings]
    pair = "{src}-{trg}".format_map(config["experiment"])
    return [
        {**binding, "filters": filters_of(parse_dataset(str(binding["dataset"])), str(binding.get("language", pair)))}
        for binding in bindings
    ]


def numbers(axis: str, count: int) -> list[Binding]:
    return [{axis: number} for number in range(1, count + 1)]


def given_teachers(config: dict) -> list[Binding]:
    model = config["continuation"]["models"]["teacher"]
    if not (model and has_teachers(config)):
        return []
    return [{"model": "teacher", "teacher": number, "url": url, "type": model["type"]} for number, url in enumerate(model["urls"], start=1)]


def given_backwards(config: dict) -> list[Binding]:
    model = config["continuation"]["models"]["backwards"]
    return [{"model": "backwards", "url": model["url"], "type": model["type"]}] if model and has_backwards(config) else []


def given_corpora(config: dict) -> list[Binding]:
    given = {"parallel": given_parallel, "backtranslations": given_backtranslations, "distillation": given_distillation}
    return [
        {
            "corpus": name,
            "corpus-aligned": name if corpus["alignments"] else "",
            **{f"{part}-url": url for part, url in corpus.items()},
        }
        for name, corpus in config["continuation"]["corpora"].items()
        if given[name](config)
    ]


AXES: dict[str, Callable[[dict], list[Binding]]] = {
    "parallel": lambda config: parallel(config, *(("train",) if makes_parallel(config) else ()), "devtest", "test"),
    "train": trained,
    "train-cleaned": lambda config: cleaned(trained(config), config),
    "train-filtered": lambda config: filtered(trained(config), {"parallel": config["experiment"]["bicleaner"]}),
    "test": lambda config: parallel(config, "test"),
    "mono": mono,
    "mono-cleaned": lambda config: cleaned(mono(config), config),
    "mono-filtered": lambda config: filtered(mono(config), config["experiment"]["monocleaner"]),
    "mono-text": mono_texts,
    "chunk": lambda config: numbers("chunk", config["taskcluster"]["split-chunks"]),
    "teacher": lambda config: numbers("teacher", config["experiment"]["teacher-ensemble"]),
    "given-corpora": given_corpora,
    "given-backwards": given_backwards,
    "given-teachers": given_teachers,
}


def combinations(config: dict, axes: list[str]) -> list[Binding]:
    """Every combination of the bindings of `axes`, in the config's order; one empty binding for no axes."""
    return [
        {placeholder: value for binding in row for placeholder, value in binding.items()}
        for row in product(*(AXES[axis](config) for axis in axes))
    ]
