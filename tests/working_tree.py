"""Copies of the working tree, with what is not committed yet, so that a test may change them or run what will be committed."""

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
AUTHOR = ["-c", "user.name=nobody", "-c", "user.email=nobody@example.com"]


def copy_working_tree(folder: Path) -> None:
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in filter(None, subprocess.check_output(listing, cwd=ROOT, text=True).split("\0")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)


def commit_working_tree(folder: Path) -> str:
    """Makes a repository of a copy, with one commit on the branch `main`; returns the commit."""
    copy_working_tree(folder)
    for words in (
        ["init", "--quiet", "--initial-branch=main"],
        ["add", "--all"],
        [*AUTHOR, "commit", "--quiet", "--message=The working tree"],
    ):
        subprocess.run(["git", *words], cwd=folder, check=True)
    return subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=folder, text=True).strip()
