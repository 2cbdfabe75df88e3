"""What configs of earlier formats said, and how it is said now: for messages, and for migrating a config."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from .errors import Finding, Path, dotted, show
from .stages import RENAMED_KINDS


@dataclass(frozen=True)
class OlderForm:
    """A value at `key` for which `is_old` holds is written at `new_key` now, as `convert` makes it; `new` says that to people."""

    key: Path
    new_key: Path
    new: str
    is_old: Callable[[Any], bool] = lambda value: True
    convert: Callable[[Any], Any] = lambda value: value
    old: str = ""  # says to people what the value was, where the key does not say enough
    superseded: bool = False  # where `new_key` is in the config too, as in the formats between, the old key had no effect any more
    note: str = ""  # what a person should look at once it is converted

    def in_config(self, config: Any) -> bool:
        return present(config, self.key) and self.is_old(value_at(config, self.key))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _both_caps(number: int) -> dict[str, int]:
    return {"total": number, "per-dataset": number}


def _model(old: Any) -> Any:
    """A model of the ensemble's form (`urls`) as a single one (`url`). What is no single URL stays, for the validation to name it."""
    if not isinstance(old, dict) or "urls" not in old:
        return old
    urls = old["urls"]
    url = urls[0] if isinstance(urls, list) and len(urls) == 1 else urls
    return {"url": url, **{key: value for key, value in old.items() if key != "urls"}}


_PRETRAINED = ("experiment", "pretrained-models")
_MODELS = ("continuation", "models")
_PRETRAINED_NAMES = {
    "train-backwards": "backwards",
    "backwards": "backwards",
    "backtranslations-train-backwards-model": "backwards",
    "train-teacher": "teacher",
    "train-teacher-model": "teacher",
}

_STAGE_KEYS = (("target-stage", "target-stage"), ("start-task-prefix", "start-task-prefix"), ("start-stage", "start-task-prefix"))

OLDER_FORMS: tuple[OlderForm, ...] = (
    OlderForm(
        ("experiment", "use-opuscleaner"),
        ("experiment", "opuscleaner-mode"),
        "`experiment.opuscleaner-mode`: custom or defaults",
        convert=lambda value: "defaults",
        superseded=True,
        note="`custom` where datasets shall have filters of their own; cleaning without filters is no longer possible",
    ),
    *(
        OlderForm(
            ("experiment", f"mono-max-sentences-{side}"),
            ("experiment", f"mono-max-sentences-{side}"),
            "a mapping of `total` and `per-dataset`, both that number",
            is_old=_is_number,
            convert=_both_caps,
            old=f"`experiment.mono-max-sentences-{side}`: a number",
        )
        for side in ("src", "trg")
    ),
    *(
        OlderForm(
            (*_PRETRAINED, old),
            (*_MODELS, new),
            f"`continuation.models.{new}` with " + ("`url`" if new == "backwards" else "`urls`"),
            convert=_model if new == "backwards" else lambda value: value,
        )
        for old, new in _PRETRAINED_NAMES.items()
    ),
    OlderForm(
        _PRETRAINED,
        _MODELS,
        "`continuation.models`",
        is_old=lambda value: not (isinstance(value, dict) and set(value) & set(_PRETRAINED_NAMES)),
        convert=lambda value: value or {},
        old="`experiment.pretrained-models`, empty",
    ),
    OlderForm(("start-stage",), ("start-task-prefix",), "`start-task-prefix`", is_old=lambda value: value not in list(RENAMED_KINDS)),
    OlderForm(("previous_group_ids",), ("previous-group-ids",), "`previous-group-ids`"),
    *(
        OlderForm(
            (key,),
            (new_key,),
            f"`{new}`" if key == new_key else f"`{new_key}: {new}`",
            is_old=lambda value, old=old: value == old,  # type: ignore[misc]
            convert=lambda value, new=new: new,  # type: ignore[misc]
            old="`start-stage`" if key == "start-stage" else f"stage or kind `{old}`",
        )
        for key, new_key in _STAGE_KEYS
        for old, new in RENAMED_KINDS.items()
    ),
    *(
        OlderForm(("taskcluster", "worker-classes", old), ("taskcluster", "worker-classes", new), f"`{new}`", old=f"stage or kind `{old}`")
        for old, new in RENAMED_KINDS.items()
    ),
)


# Keys that the format requires now, with the value that earlier formats took without saying so.
ADDED_KEYS: dict[Path, Any] = {("experiment", "student-model"): "tiny"}


def older_forms(config: Any) -> Iterator[Finding]:
    """An error for every older form in a config."""
    for form in OLDER_FORMS:
        if form.in_config(config):
            yield Finding(form.key, f"an older form (found {show(value_at(config, form.key))}, now {form.new})")


def present(config: Any, path: Path) -> bool:
    for key in path:
        if not isinstance(config, dict) or key not in config:
            return False
        config = config[key]
    return True


def value_at(config: Any, path: Path) -> Any:
    """The value at a path, or None."""
    for key in path:
        if not isinstance(config, dict):
            return None
        config = config.get(key)
    return config


def described_forms() -> Iterator[tuple[str, str]]:
    """Old and new form as people write them; one row where several are written alike."""
    rows: dict[str, str] = {}
    for form in OLDER_FORMS:
        rows.setdefault(form.old or f"`{dotted(form.key)}`", form.new)
    yield from rows.items()
    for key, value in ADDED_KEYS.items():
        yield f"`{dotted(key)}`, left out", f"`{dotted(key)}: {value}`"
