"""From the text of a config of an earlier format to today's form, one older form at a time.

Each is converted as plain data, and then in the text. Only where the new text says exactly what the data says is the edit kept: what
cannot be edited safely, such as an alias, is left to a person.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from .errors import ConfigErrors, Finding, Path, Problem, dotted, nearest, show
from .older_forms import ADDED_KEYS, OLDER_FORMS, OlderForm, present, value_at
from .source import Source, read
from .stages import KINDS, RENAMED_KINDS
from .yaml_text import NotEditableError, YamlText, comments, scalar


@dataclass
class Migration:
    """A config on its way to today's form, what was changed, and what is left for a person; both with their place in the old config."""

    source: Source
    text: str
    data: Any
    changed: list[Problem] = field(default_factory=list)
    left: list[Problem] = field(default_factory=list)

    def step(self, path: Path, what: str, expected: Any, edit: Callable[[YamlText], YamlText]) -> bool:
        """Makes one edit, if the text that comes out says what is expected."""
        try:
            text = edit(YamlText(self.text)).text
            edited = read(text, "")
            sound = edited.data == expected and len(edited.findings) <= len(read(self.text, "").findings)
            done, why = sound, "as its text is shared with other values, or on one line with them"
        except NotEditableError as error:
            done, why = False, f"as {error}"
        except (ConfigErrors, yaml.YAMLError):
            done, why = False, "as it cannot be written in place"
        if done:
            self.text, self.data = text, expected
            self.changed.append(self.source.problem(Finding(path, what)))
        else:
            self.leave(path, f"to be changed by hand, {why}: {what}")
        return done

    def leave(self, path: Path, message: str) -> None:
        self.left.append(self.source.problem(Finding(path, message)))


def migrate(source: Source, text: str) -> Migration:
    """Today's form of a config; `source` is what was read from `text`. A config without older forms is left as it is."""
    migration = Migration(source, text, source.data)
    for place, form in forms_in(source.data):
        _apply(form, place, migration)
    for path, value in ADDED_KEYS.items():
        if isinstance(value_at(migration.data, path[:-1]), dict) and not present(migration.data, path):
            _add(path, value, migration)
    for label, message in _unknown_labels(migration.data):
        migration.leave(("existing_tasks", label), message)
    kept = Counter(comment for _, comment in comments(migration.text))
    for line, comment in comments(text):
        kept[comment] -= 1
        if kept[comment] < 0:
            migration.left.append(Problem(source.file, line, "", f"a comment that has no place any more: {comment}"))
    return migration


def forms_in(config: Any) -> list[tuple[Path, OlderForm]]:
    """What has to be done to a config, in order, with the place it is found at. Models move together, with what stands between them."""
    moved: dict[Path, OlderForm] = {}
    within = []
    for form in [*OLDER_FORMS, *_label_forms(config)]:
        if not form.in_config(config):
            continue
        here, there = form.key[:-1], form.new_key[:-1]
        is_model = here != there and len(form.key) > 2
        if is_model and not value_at(config, there):
            moved[here] = OlderForm(here, there, f"`{dotted(there)}`")
            within.append((form.key, replace(form, key=(*there, form.key[-1]))))
        else:
            within.append((form.key, form))
    return [*moved.items(), *within]


def _apply(form: OlderForm, place: Path, migration: Migration) -> None:
    data, key, new_key = migration.data, form.key, form.new_key
    if not present(data, key):  # it is in a section that could not be moved
        return
    old, there = value_at(data, key), value_at(data, new_key)
    new = form.convert(old)
    name, was = dotted(new_key), "" if new == old else f": {scalar(new)} (was {show(old)})"
    if key == new_key:
        what = f"now {scalar(new)} (was {show(old)})"
        done = migration.step(place, what, with_value(data, key, new), lambda doc: _converted(doc, key, old, new))
    elif new == {}:
        done = migration.step(place, "gone, it was empty", without(data, key), lambda doc: doc.remove(key))
    elif there is not None and (form.superseded or there == new):
        migration.step(place, f"gone (was {show(old)}), since there is `{name}` already", without(data, key), lambda doc: doc.remove(key))
        return
    elif there:
        message = f"an older form (found {show(old)}) beside `{name}` (found {show(there)}): keep the right one, in the new form"
        migration.leave(place, message)
        return
    else:
        expected = with_value(without(data, key), new_key, new)
        done = migration.step(place, f"now `{name}`{was}", expected, lambda doc: _converted(_moved(doc, key, new_key), new_key, old, new))
    if done and form.note:
        migration.leave(place, form.note)


def _moved(doc: YamlText, key: Path, new_key: Path) -> YamlText:
    if doc.has(new_key):  # without a value, or the two would have been compared
        doc = doc.remove(new_key)
    return doc.rename(key, str(new_key[-1])) if key[:-1] == new_key[:-1] else doc.move(key, new_key)


def _add(path: Path, value: Any, migration: Migration) -> None:
    what = f"added, with the value that earlier formats took for granted: {scalar(value)}"
    block = f"{path[-1]}: {scalar(value)}\n"
    migration.step(path, what, with_value(migration.data, path, value), lambda doc: doc.append(path[:-1], block))


def _converted(doc: YamlText, path: Path, old: Any, new: Any) -> YamlText:
    """A value in its new form. Where only one key of a mapping differs, only that one is touched."""
    if old == new:
        return doc
    if isinstance(old, dict) and isinstance(new, dict):
        gone, came = [key for key in old if key not in new], [key for key in new if key not in old]
        if len(gone) == len(came) == 1:
            return _converted(doc.rename((*path, gone[0]), came[0]), (*path, came[0]), old[gone[0]], new[came[0]])
    return doc.replace(path, new)


def _label_forms(config: Any) -> Iterator[OlderForm]:
    """Labels of `existing_tasks` that begin with an older kind, and go on with the language pair as they do now."""
    pair = f"-{value_at(config, ('experiment', 'src'))}-{value_at(config, ('experiment', 'trg'))}"
    labels = value_at(config, ("existing_tasks",))
    for label in labels if isinstance(labels, dict) else ():
        for old, new in RENAMED_KINDS.items():
            rest = label.removeprefix(old + pair)
            if rest != label and (not rest or rest.removeprefix("-").isdigit()):
                yield OlderForm(("existing_tasks", label), ("existing_tasks", new + pair + rest), f"`{new}{pair}{rest}`")


def _unknown_labels(config: Any) -> Iterator[tuple[str, str]]:
    """Labels of `existing_tasks` that no kind of today can have, with what to say of them."""
    labels = value_at(config, ("existing_tasks",))
    for label in labels if isinstance(labels, dict) else ():
        if not any(label.startswith(f"{kind}-") for kind in KINDS):
            near = nearest(label, (f"{kind}-" for kind in KINDS))
            hint = f"; did you mean one that begins with {near}?" if near else ""
            yield label, f"a label of no kind: it replaces no task{hint}"


def with_value(data: Any, path: Path, value: Any) -> Any:
    """A copy with another value at a path, whose mappings are made where there are none."""
    copy = deepcopy(data)
    mapping = copy
    for key in path[:-1]:
        if not isinstance(mapping.get(key), dict):
            mapping[key] = {}
        mapping = mapping[key]
    mapping[path[-1]] = value
    return copy


def without(data: Any, path: Path) -> Any:
    copy = deepcopy(data)
    del value_at(copy, path[:-1])[path[-1]]
    return copy
