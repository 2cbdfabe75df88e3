"""Here everything is installed together. In its image, a script has the packages of its own group."""

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
import yaml
from taskgraph.util.keyed_by import evaluate_keyed_by
from training_taskgraph.digest import reached_files, script_files
from training_taskgraph.kind_definitions import words_in
from training_taskgraph.training_config.datasets import PROVIDERS

ROOT = Path(__file__).resolve().parents[2]
PIN = re.compile(r"^([A-Za-z0-9._-]+)==", re.MULTILINE)
DOWNLOAD = "pipeline/data/download.py"
# Imported where the decoder is CTranslate2, which only a teacher's translations can ask for.
NOT_NEEDED = {("pipeline/evaluate/evaluate.py", "ctranslate2")}


def scripts() -> dict[tuple[str, str], set[tuple[str, ...]]]:
    """What the kinds run: (script, group of requirements), and with which words that decide on the group, a dataset of each provider."""
    found: dict[tuple[str, str], set[tuple[str, ...]]] = {}
    for path in sorted((ROOT / "taskcluster/kinds").glob("*/kind.yml")):
        kind = yaml.safe_load(path.read_text(encoding="utf-8"))
        blocks = [block.get("step", {}) for block in [kind.get("task-defaults", {}), *kind["tasks"].values()]]
        default = blocks.pop(0)
        for block in blocks:
            groups = list(by_provider(block.get("requirements", default.get("requirements", []))))
            for script in words_in(block.get("script", default.get("script", []))):
                for group, words in groups:
                    found.setdefault((script, group), set()).add(words)
    return found


def by_provider(requirements: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    if isinstance(requirements, dict):
        for provider in PROVIDERS:
            yield evaluate_keyed_by(requirements, "requirements", {"provider": provider}), ("--dataset", f"{provider}_name")
    else:
        yield from ((group, ()) for group in words_in(requirements))


@cache
def packages(script: str, words: tuple[str, ...] = ()) -> set[str]:
    """The packages that a script imports, wherever in its functions it does so, when it is called with these words."""
    files = script_files(script, words) if words else reached_files(ROOT / script, ROOT)
    trees = [ast.walk(ast.parse(path.read_text(encoding="utf-8"))) for path in files if path.suffix == ".py"]
    imports = [node for tree in trees for node in tree if isinstance(node, ast.Import | ast.ImportFrom)]
    modules = {name.name for node in imports if isinstance(node, ast.Import) for name in node.names}
    modules |= {node.module for node in imports if isinstance(node, ast.ImportFrom) and node.module}
    return {module.split(".")[0] for module in modules} - set(sys.stdlib_module_names) - {"pipeline"}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned(group: str) -> set[str]:
    return {canonical(name) for name in PIN.findall((ROOT / f"requirements/{group}.txt").read_text(encoding="utf-8"))}


@pytest.mark.parametrize(("script", "group"), sorted(scripts()))
def test_what_a_script_imports_is_in_its_group(script, group):
    distributions = packages_distributions()
    imported = set().union(*(packages(script, words) for words in scripts()[script, group]))
    lacking = {name for name in imported if not pinned(group) & {canonical(found) for found in distributions.get(name, [name])}}
    assert {name for name in lacking if (script, name) not in NOT_NEEDED} == set()


def test_every_kind_of_script_is_seen():
    groups = {group for _, group in scripts()}
    assert {
        "data",
        "analyze",
        "mtdata",
        "sacrebleu",
        "huggingface",
        "align",
        "train",
        "translate",
        "evaluate",
        "bicleaner",
        "monocleaner",
    } <= groups
    assert packages("pipeline/continuation/corpus.py") >= {"requests", "zstandard"}


def test_what_people_run_is_in_what_they_install():
    """No kind runs it: it is for whoever has requirements/local.txt."""
    imported = packages("pipeline/data/find_corpus.py")
    pinned = {canonical(name) for name in PIN.findall((ROOT / "requirements/local.txt").read_text(encoding="utf-8"))}
    distributions = packages_distributions()
    assert {"requests", "sacrebleu"} <= imported
    # Called in a process of its own, so that no import shows it.
    assert "mtdata" in pinned
    assert not {name for name in imported if not pinned & {canonical(found) for found in distributions.get(name, [name])}}


@pytest.mark.parametrize("provider", ["mtdata", "sacrebleu", "hf", "hfp"])
def test_a_provider_that_is_a_package_is_in_the_group_of_its_own_datasets_alone(provider):
    """So that a new release of it, and a change of how it is used here, downloads no other provider's datasets anew."""
    package = {"mtdata": "mtdata", "sacrebleu": "sacrebleu"}.get(provider, "datasets")
    words = ("--dataset", f"{provider}_name")
    (group,) = (group for (_, group), called in scripts().items() if words in called)
    assert package in packages(DOWNLOAD, words) and package in pinned(group)
    for (script, other), called in scripts().items():
        if script == DOWNLOAD and other != group:
            assert package not in pinned(other)
            assert package not in set().union(*(packages(script, words) for words in called))
