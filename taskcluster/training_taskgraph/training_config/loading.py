"""From the text of a training config to a config with its defaults, or to everything that is wrong with it."""

from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

import voluptuous as vol

from . import rules
from .errors import ConfigErrors, Finding, Path, Problem
from .older_forms import older_forms
from .schema import TRAINING_CONFIG
from .source import Source, read, read_bytes


@dataclass(frozen=True)
class Loaded:
    """A config that can run. Every key of the format is in `config`; what has no default is None where it was left out."""

    config: dict[str, Any]
    warnings: list[Problem]


def load(text: str, filename: str) -> Loaded:
    """Loads a training config from YAML. Raises ConfigErrors with all its errors, each with file, line and key."""
    return _load(read(text, filename))


def load_file(path: FilePath | str) -> Loaded:
    """As `load`, from a file; a file that cannot be read is a ConfigErrors too."""
    try:
        content = FilePath(path).read_bytes()
    except OSError as error:
        message = f"cannot be read (found {(error.strerror or str(error)).lower()}, allowed: a YAML file)"
        raise ConfigErrors([Problem(str(path), 0, "", message)]) from error
    return _load(read_bytes(content, str(path)))


def check(config: Any, name: str = "training config") -> Loaded:
    """As `load`, for a config that is no text: parameters of a graph, input of an action. `config` is left as it is; checking a
    config that `load` or `check` returned changes nothing."""
    return _load(Source(name, config))


def _load(source: Source) -> Loaded:
    found = _findings(source)
    errors = [source.problem(finding) for finding in found if not finding.warning]
    warnings = sorted(source.problem(finding) for finding in found if finding.warning)
    if errors:
        raise ConfigErrors(errors, warnings)
    return Loaded(_without_duplicates(TRAINING_CONFIG.validator()(source.data)), warnings)


def _findings(source: Source) -> list[Finding]:
    """Everything that is wrong or odd. Where several errors have one cause, the one that explains it is given."""
    errors = [*source.findings, *older_forms(source.data)]
    refused = _refused(source.data)
    errors += [finding for finding in refused if not any(_is_within(error.path, finding.path) for error in errors)]
    sound = source.data
    for finding in sorted([*errors, *refused], key=lambda finding: len(finding.path), reverse=True):
        sound = _without(sound, finding.path)
    fits = [finding for finding in rules.findings(TRAINING_CONFIG.validator(lenient=True)(sound)) if not _follows(finding, errors)]
    return errors + fits


def _refused(data: Any) -> list[Finding]:
    """What the schema says of the data."""
    try:
        TRAINING_CONFIG.validator()(data)
    except vol.MultipleInvalid as several:
        return [_finding(error) for error in several.errors]
    except vol.Invalid as error:
        return [_finding(error)]
    return []


def _finding(error: vol.Invalid) -> Finding:
    return Finding(tuple(step.schema if isinstance(step, vol.Marker) else step for step in error.path), error.msg)


def _follows(finding: Finding, errors: list[Finding]) -> bool:
    """Whether a rule complains about a value, or the lack of one, that has an error of its own."""
    return any(_is_within(finding.path, error.path) or _is_within(error.path, finding.path) for error in errors)


def _is_within(path: Path, outer: Path) -> bool:
    return path[: len(outer)] == outer


def _without(data: Any, path: Path) -> Any:
    """A copy in which the value at a path is gone; items of lists become None, so that the others keep their places."""
    if not path:
        return {}
    first, rest = path[0], path[1:]
    if isinstance(data, dict) and first in data:
        kept = {key: value for key, value in data.items() if key != first}
        return {**kept, first: _without(data[first], rest)} if rest else kept
    if isinstance(data, list) and isinstance(first, int):
        return [(_without(item, rest) if rest else None) if index == first else item for index, item in enumerate(data)]
    return data


def _without_duplicates(config: dict[str, Any]) -> dict[str, Any]:
    """The config with each dataset once in its list."""
    return {**config, "datasets": {key: list(dict.fromkeys(names)) for key, names in config["datasets"].items()}}
