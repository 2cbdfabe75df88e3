"""Here everything is installed together. In its image, a script has the packages of its own group."""

import ast
import re
import sys
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml
from training_taskgraph.digest import reached_files
from training_taskgraph.kind_definitions import words_in

ROOT = Path(__file__).resolve().parents[2]
PIN = re.compile(r"^([A-Za-z0-9._-]+)==", re.MULTILINE)
# Imported where the decoder is CTranslate2, which only a teacher's translations can ask for.
NOT_NEEDED = {("pipeline/evaluate/evaluate.py", "ctranslate2")}


def scripts() -> dict[str, set[str]]:
    """The groups of requirements that the kinds run each script with."""
    groups: dict[str, set[str]] = {}
    for path in sorted((ROOT / "taskcluster/kinds").glob("*/kind.yml")):
        kind = yaml.safe_load(path.read_text(encoding="utf-8"))
        blocks = [block.get("step", {}) for block in [kind.get("task-defaults", {}), *kind["tasks"].values()]]
        default = blocks.pop(0)
        for block in blocks:
            for script in words_in(block.get("script", default.get("script", []))):
                groups.setdefault(script, set()).update(words_in(block.get("requirements", default.get("requirements", []))))
    return groups


@cache
def packages(script: str) -> set[str]:
    """The packages that a script imports, wherever in its functions it does so."""
    trees = [ast.walk(ast.parse(path.read_text(encoding="utf-8"))) for path in reached_files(ROOT / script, ROOT) if path.suffix == ".py"]
    imports = [node for tree in trees for node in tree if isinstance(node, ast.Import | ast.ImportFrom)]
    modules = {name.name for node in imports if isinstance(node, ast.Import) for name in node.names}
    modules |= {node.module for node in imports if isinstance(node, ast.ImportFrom) and node.module}
    return {module.split(".")[0] for module in modules} - set(sys.stdlib_module_names) - {"pipeline"}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize(("script", "group"), [(script, group) for script, groups in scripts().items() for group in sorted(groups)])
def test_what_a_script_imports_is_in_its_group(script, group):
    pinned = {canonical(name) for name in PIN.findall((ROOT / f"requirements/{group}.txt").read_text(encoding="utf-8"))}
    distributions = packages_distributions()
    lacking = {name for name in packages(script) if not pinned & {canonical(found) for found in distributions.get(name, [name])}}
    assert {name for name in lacking if (script, name) not in NOT_NEEDED} == set()


def test_every_kind_of_script_is_seen():
    assert {"data", "analyze", "align", "train", "translate", "evaluate", "bicleaner", "monocleaner"} <= set().union(*scripts().values())
    assert packages("pipeline/continuation/corpus.py") >= {"requests", "zstandard"}
