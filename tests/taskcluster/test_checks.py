"""The kind `test`: what runs where, and that nothing in the repository is checked by nobody."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml
from taskgraph.util.path import match

ROOT = Path(__file__).resolve().parents[2]
CHECKS = yaml.safe_load((ROOT / "taskcluster/kinds/test/kind.yml").read_text(encoding="utf-8"))["tasks"]
# Nothing that is run reads them.
UNCHECKED = {".gitignore", "LICENSE", "README.md"}

# By a file that changes: the checks that run.
COVERED = {
    "pipeline/train/train.py": {"lint", "graph", "unit", "end-to-end"},
    "tests/pipeline/train/test_train.py": {"lint", "unit", "end-to-end"},
    "tests/test_end_to_end.py": {"lint", "unit", "end-to-end"},
    "taskcluster/kinds/export/kind.yml": {"lint", "graph", "unit", "end-to-end"},
    "taskcluster/docker/data/Dockerfile": {"lint", "graph", "unit", "end-to-end"},
    "configs/ci.yml": {"lint", "graph", "unit", "end-to-end"},
    "docs/kinds.md": {"unit", "end-to-end"},
    "Makefile": {"lint", "graph", "unit", "end-to-end"},
    "requirements/dev.txt": {"lint", "graph", "unit", "end-to-end"},
    ".taskcluster.yml": {"lint", "graph", "unit", "end-to-end"},
    "LICENSE": set(),
}


def covering(path):
    return {name for name, check in CHECKS.items() if any(match(path, pattern) for pattern in check["covers"])}


@pytest.mark.parametrize("path", COVERED)
def test_a_change_runs(path):
    assert covering(path) == COVERED[path]


def test_every_file_is_covered():
    listing = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    assert {path for path in listing if not covering(path)} == UNCHECKED


def test_every_pattern_covers_something():
    listing = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    patterns = {pattern for check in CHECKS.values() for pattern in check["covers"]}
    assert {pattern for pattern in patterns if not any(match(path, pattern) for path in listing)} == set()


def test_checks_are_those_of_the_makefile():
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.M))
    assert {check["make"] for check in CHECKS.values()} <= targets


def test_make_installs_nothing_where_all_is_installed():
    for check in CHECKS.values():
        finished = subprocess.run(
            ["make", "INSTALLED=yes", "--dry-run", check["make"]], cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert "requirements/install" not in finished.stdout.replace("shellcheck requirements/install", "")
