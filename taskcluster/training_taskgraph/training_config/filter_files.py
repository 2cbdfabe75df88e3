"""Files that say which filters a dataset is cleaned with, for `experiment.opuscleaner-mode: custom`.

They lie in configs/filters/. The first of these is the dataset's, where PAIR is SRC-TRG, and for monolingual text its language:

    PAIR/SLUG   SLUG   PAIR/default

with one of the endings `.yml`, a mapping from our filters to what they do differently (docs/filters.md), and `.filters.json`, which
OpusCleaner makes (docs/opuscleaner.md). Of the former everything is checked, by the schema that `python -m pipeline.clean.filter_schema`
makes; of the latter only that it is such a file.
"""

import json
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from functools import cache
from pathlib import Path as FilePath
from typing import Any

from .datasets import Dataset
from .errors import ConfigErrors, Finding, Path, Problem, nearest, phrase
from .source import read_bytes

FOLDER = FilePath(__file__).resolve().parents[3] / "configs/filters"
SCHEMA = FOLDER / "schema.json"
OURS, OPUSCLEANERS = ".yml", ".filters.json"
DEFAULT = "default"
ALIKE = 0.85  # a mistake in a slug; slugs of different datasets have their provider, and often their version, in common


def filters_of(dataset: Dataset, pair: str) -> str | None:
    """The content of the dataset's filter file as compact JSON, in the file's order; None where it has none.

    `pair` is SRC-TRG, or the language of monolingual text. Raises ConfigErrors with all that is wrong with the file.
    """
    file = find_file(dataset.slug, pair)
    return None if file is None else json.dumps(read_file(file), ensure_ascii=False, separators=(",", ":"))


def find_file(slug: str, pair: str) -> FilePath | None:
    for name in (f"{pair}/{slug}", slug, f"{pair}/{DEFAULT}"):
        files = [file for ending in (OURS, OPUSCLEANERS) if (file := FOLDER / f"{name}{ending}").is_file()]
        if len(files) > 1:
            raise refusal(files[0], phrase("two files for the same datasets", found=files[1].name, allowed="one of them"))
        if files:
            return files[0]
    return None


def misnamed_files(pair: str, slugs: Iterable[str]) -> Iterator[str]:
    """What is odd in the folder of a pair: files that none of these datasets is cleaned by, but which are named much like one."""
    folder, names = FOLDER / pair, {*slugs, DEFAULT}
    for file in sorted(folder.iterdir()) if folder.is_dir() else ():
        ending = next(filter(file.name.endswith, (OPUSCLEANERS, OURS)), None)
        name = file.name.removesuffix(ending or file.suffix)
        if ending and name in names:
            continue
        for meant in get_close_matches(name, names, 1, ALIKE):
            allowed = f"the slug of a dataset, with the ending {OURS} or {OPUSCLEANERS}"
            yield phrase("a filter file that cleans no dataset", found=shown(file), allowed=allowed, suggestion=meant + (ending or OURS))


def read_file(file: FilePath) -> dict[str, Any]:
    content = file.read_bytes()
    if file.name.endswith(OPUSCLEANERS):
        return read_opuscleaners(content, file)
    source = read_bytes(content, shown(file), "a mapping, such as {}")
    findings = [*source.findings, *wrong_filters(source.data)]
    if findings:
        raise ConfigErrors(map(source.problem, findings))
    return source.data


def read_opuscleaners(content: bytes, file: FilePath) -> dict[str, Any]:
    try:
        filters = json.loads(content.decode("utf-8-sig"))
        # Half of a surrogate pair may be escaped in JSON, and cannot be written.
        json.dumps(filters, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise refusal(file, f"not JSON: {error.msg}", error.lineno) from error
    except UnicodeError as error:
        raise refusal(file, f"not UTF-8: {error}") from error
    if not (isinstance(filters, dict) and isinstance(filters.get("filters"), list)):
        allowed = f"an object with the list `filters`; filters of ours are in files that end in {OURS}"
        raise refusal(file, phrase("not a filter file of OpusCleaner", found=filters, allowed=allowed))
    return filters


def wrong_filters(content: Any) -> Iterator[Finding]:
    """What a file of our own filters says that cleaning would refuse."""
    known = known_filters()
    if not isinstance(content, dict):
        yield Finding((), phrase("not a filter file", found=content, allowed="a mapping from filters to false or their parameters"))
        return
    if isinstance(content.get("filters"), list):
        yield Finding(("filters",), f"a filter file of OpusCleaner (allowed: in a file that ends in {OPUSCLEANERS})")
        return
    for name, change in content.items():
        if name not in known:
            allowed = "the filters of docs/filters.md"
            yield Finding((name,), phrase("an unknown filter", found=name, allowed=allowed, suggestion=nearest(name, known)))
        elif isinstance(change, dict):
            for parameter, value in change.items():
                yield from wrong_parameter((name, parameter), value, known[name]["properties"])
        elif not isinstance(change, bool):
            allowed = "false, true, or a mapping of parameters"
            yield Finding((name,), phrase("not what a filter is given", found=change, allowed=allowed))


def wrong_parameter(path: Path, value: Any, known: dict[str, Any]) -> Iterator[Finding]:
    filter_name, name = path
    if name not in known:
        allowed = ", ".join(known) or f"none: {filter_name} is on or off"
        yield Finding(path, phrase("an unknown parameter", found=name, allowed=allowed, suggestion=nearest(name, known)))
        return
    minimum, maximum = known[name]["minimum"], known[name]["maximum"]
    types, kind = {"integer": (int, "a whole number"), "number": (int | float, "a number")}[known[name]["type"]]
    if isinstance(value, bool) or not isinstance(value, types):
        yield Finding(path, phrase(f"not {kind}", found=value, allowed=f"{kind} from {minimum} to {maximum}"))
    elif not minimum <= value <= maximum:
        yield Finding(path, phrase("out of range", found=value, allowed=f"{kind} from {minimum} to {maximum}"))


@cache
def known_filters() -> dict[str, Any]:
    """By name, the JSON schema of what a file may say of a filter."""
    return json.loads(SCHEMA.read_text(encoding="utf-8"))["properties"]


def refusal(file: FilePath, message: str, line: int = 0) -> ConfigErrors:
    return ConfigErrors([Problem(shown(file), line, "", message)])


def shown(file: FilePath) -> str:
    """A file's path as messages name it."""
    return str(file.relative_to(FOLDER.parents[1]))
