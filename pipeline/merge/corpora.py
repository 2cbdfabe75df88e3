"""Folders of parallel datasets: NAME.en.zst beside NAME.it.zst."""

from dataclasses import dataclass
from pathlib import Path

from pipeline.common.script import StepError

COMPRESSIONS = ("", ".zst", ".gz", ".xz")


@dataclass(frozen=True, order=True)
class Corpus:
    """One parallel dataset; `paths` are its sides, source first."""

    name: str
    paths: tuple[Path, Path]


def find_corpora(folder: Path, src: str, trg: str) -> list[Corpus]:
    """The datasets of a folder by name; raises StepError where there is none, or where a side misses its other."""
    if not folder.is_dir():
        raise StepError(f"{folder}: no such folder")
    sides = [find_sides(folder, language) for language in (src, trg)]
    for own, other, language in ((sides[0], sides[1], trg), (sides[1], sides[0], src)):
        if alone := sorted(set(own) - set(other)):
            raise StepError(f"{own[alone[0]]}: its other side {folder / alone[0]}.{language}.zst is missing")
    if not sides[0]:
        raise StepError(f"{folder}: no dataset in it; expected NAME.{src}.zst and NAME.{trg}.zst")
    return [Corpus(name, (sides[0][name], sides[1][name])) for name in sorted(sides[0])]


def find_sides(folder: Path, language: str) -> dict[str, Path]:
    """Files of one language by the name of their dataset; hidden files, such as unfinished ones, do not count."""
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        for compression in COMPRESSIONS:
            name = path.name.removesuffix(f".{language}{compression}")
            if name and name != path.name and not name.startswith("."):
                if name in found:
                    raise StepError(f"{path}: the same side of the same dataset as {found[name]}")
                found[name] = path
    return found
