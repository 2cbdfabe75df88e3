"""The index of the package mtdata, https://github.com/thammegowda/mtdata: which files an id stands for, and in which languages they are.

The index comes with the package; it is put together, in some ten seconds and without the network, whenever the package is first used.
"""

import gc
import logging
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.common.languages import Language, parse_language
from pipeline.common.script import StepError

if TYPE_CHECKING:
    from mtdata.entry import Entry


def find_entry(name: str, folder: Path) -> "Entry":
    """The entry of an id; raises StepError with ids like it where there is none. `folder` is the package's for its own files."""
    # The package reads the variable when it is imported, and then trusts a file of the index that a killed run left half written.
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ["MTDATA"] = str(folder)
    with quiet(), uncollected():
        from mtdata.entry import DatasetId
        from mtdata.index import INDEX

        try:
            entry = INDEX.entries.get(DatasetId.parse(name))
        except Exception:  # of many kinds, for whatever is wrong with the id
            entry = None
    shutil.rmtree(folder)
    if entry is None:
        known = ", ".join(similar_ids(name, map(str, INDEX.entries)))
        raise StepError(f"mtdata_{name}: mtdata has no such dataset" + (f"; it has {known}" if known else ""))
    return entry


@contextmanager
def quiet() -> Iterator[None]:
    """The package reports each part of its index, and every code that it does not know."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)


@contextmanager
def uncollected() -> Iterator[None]:
    """The index is a million objects that all stay: to look among them for garbage, again and again, would take as long as to make them."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def similar_ids(name: str, ids: Iterable[str]) -> list[str]:
    """The ids most like `name`, among those that have its languages or its name in the middle."""
    wanted = name.split("-")
    corpus, pair = wanted[1:2], set(wanted[-2:])
    candidates = []
    for known in ids:
        parts = known.split("-")
        if len(parts) == 5 and (parts[1:2] == corpus or pair == set(parts[-2:])):
            candidates.append(known)
    return get_close_matches(name, candidates, n=5, cutoff=0.6)


def sides_of(entry: "Entry", languages: tuple[str, ...]) -> list[int]:
    """For each language asked for the entry's side that it is; raises StepError that names the entry's languages where it is not so."""
    named = [str(tag) for tag in entry.did.langs]
    if len(named) == 2 and len(languages) == 2:
        asked, there = [parse_language(tag) for tag in languages], [standard_language(tag) for tag in named]
        orders = [order for order in ([0, 1], [1, 0]) if all(same_language(asked[side], there[order[side]]) for side in (0, 1))]
        if orders:
            # Two varieties of one language may fit both ways: then the one by which more of the tags are the very same.
            return max(orders, key=lambda order: sum(asked[side].mtdata == named[order[side]] for side in (0, 1)))
    raise StepError(f"mtdata_{entry.did} is in {' and '.join(named)}, not in {' and '.join(languages)}")


def standard_language(tag: str) -> Language | None:
    """mtdata's tag, which has the ISO 639-3 code for every language: `zho_TW` is zh-TW. None for one that names no language we know."""
    from langcodes import standardize_tag

    try:
        return parse_language(standardize_tag(tag.replace("_", "-")))
    except (StepError, ValueError):
        return None


def same_language(asked: Language, there: Language | None) -> bool:
    """Whether both may be the same: script and region count where both tags name one."""
    if there is None or not codes(asked) & codes(there):
        return False
    return all(one == other or not (one and other) for one, other in zip(variety(asked), variety(there), strict=True))


@cache
def tag_distance(tag: str, there: str) -> int | None:
    """How far the language of a text is from the index's tag for it: 0 where both name the same variety; None where it is another."""
    found, language = standard_language(tag), standard_language(there)
    if found is None or language is None or not same_language(found, language):
        return None
    return 0 if variety(found) == variety(language) else 1


def codes(language: Language) -> set[str]:
    """A macrolanguage goes by its principal member too: `lv` and `lvs` are the same."""
    return {language.sacrebleu, language.flores.partition("_")[0]}


def variety(language: Language) -> tuple[str, str]:
    """What the tag says of script and region; a region that tells the script, as in zh-TW, says that too."""
    from langcodes import Language as Tag

    tag = Tag.get(language.tag, normalize=False)
    return tag.script or (language.writing if tag.territory else ""), tag.territory or ""
