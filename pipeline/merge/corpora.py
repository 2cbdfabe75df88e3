"""Folders of datasets: NAME.en.zst, of parallel ones NAME.it.zst beside it, and NAME.scores.zst where its rows are scored."""

from dataclasses import dataclass
from pathlib import Path

from pipeline.common.script import StepError

COMPRESSIONS = ("", ".zst", ".gz", ".xz")


@dataclass(frozen=True, order=True)
class Corpus:
    """One dataset; `paths` are its sides, of a parallel one the source first. `scores`, where it has any, is one file: a score a line."""

    name: str
    paths: tuple[Path, ...]
    scores: tuple[Path, ...] = ()


def find_corpora(folder: Path, *languages: str) -> list[Corpus]:
    """The datasets of a folder by name, a file for each language; raises StepError where none is, or where a side misses its other."""
    if not folder.is_dir():
        raise StepError(f"{folder}: no such folder")
    sides = {language: find_sides(folder, language) for language in languages}
    found = {name: path for side in sides.values() for name, path in side.items()}
    for name, path in sorted(found.items()):
        for language, side in sides.items():
            if name not in side:
                raise StepError(f"{path}: its other side {folder / name}.{language}.zst is missing")
    if not found:
        raise StepError(f"{folder}: no dataset in it; expected {' and '.join(f'NAME.{language}.zst' for language in languages)}")
    scores = find_sides(folder, "scores")
    return [Corpus(name, tuple(side[name] for side in sides.values()), tuple(filter(None, [scores.get(name)]))) for name in sorted(found)]


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
