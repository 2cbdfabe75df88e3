"""Text with placeholders, as kinds use it: `{src}`, `{experiment.spm-vocab-size}`, `{chunk}`, `{inputs}/corpus.{src}.zst`.

- A placeholder stands for a language, a key of the training config by its dotted path, or a binding of the task.
- One for an axis that the task is not bound to ranges over all its values: the task that splits a corpus has the outputs
  `chunk.{chunk}.zst`, all of them, and the task for chunk 3 has that one.
- `{config}` is the whole training config as JSON, with its defaults.
- `{inputs}`, `{outputs}` and `{work}` are the folders of the running task, the only words that a shell expands.
"""

import json
import re
import shlex
from collections.abc import Mapping

from training_taskgraph.bindings import AXES, Binding

PLACEHOLDER = re.compile(r"\{([a-z][\w.-]*)\}")

# Folders are variables of the task's environment; a NUL on both sides cannot occur in a command line, so nothing else is taken for one.
FOLDERS = {"inputs": "\0MOZ_FETCHES_DIR\0", "outputs": "\0UPLOAD_DIR\0", "work": "\0WORK_DIR\0"}
FOLDER = re.compile("\0([A-Z_]+)\0")

NUMBERED_AXES = ("chunk", "teacher")


class UnknownPlaceholderError(Exception):
    pass


class Placeholders:
    """What placeholders stand for in one task."""

    def __init__(self, config: dict, bindings: Mapping[str, object]):
        self.config = config
        self.bindings = bindings

    def value(self, name: str) -> object:
        """What a placeholder stands for, with its type; None for a key that the config leaves out."""
        if name in FOLDERS:
            return FOLDERS[name]
        if name in self.bindings:
            return self.bindings[name]
        if name in ("src", "trg"):
            return self.config["experiment"][name]
        if name == "config":
            return json.dumps(self.config, sort_keys=True, ensure_ascii=False)
        value: object = self.config
        for key in name.split("."):
            if not isinstance(value, dict) or key not in value:
                bound = ", ".join(self.bindings) or "none"
                raise UnknownPlaceholderError(f"{{{name}}} is neither a binding of this task ({bound}) nor a key of the config")
            value = value[key]
        return value

    def also(self, bindings: Binding) -> "Placeholders":
        return Placeholders(self.config, {**self.bindings, **bindings})

    def texts(self, template: str) -> list[str]:
        """The template with its placeholders replaced, once for every value of the axes that the task is not bound to."""
        for axis in NUMBERED_AXES:
            if f"{{{axis}}}" in template and axis not in self.bindings:
                return [text for binding in AXES[axis](self.config) for text in self.also(binding).texts(template)]
        return [PLACEHOLDER.sub(lambda match: str(self.value(match[1])), template)]

    def words(self, argument: object) -> list[str] | None:
        """The words of a command line's argument; None where there is none because the config leaves the key out or says false.

        A template that is one placeholder keeps its value's type: a list becomes several words, a mapping options (`--key value`), true a
        bare flag (no words).
        """
        if isinstance(argument, list):
            return [word for item in argument for word in self.words(item) or []]
        if isinstance(argument, str):
            match = PLACEHOLDER.fullmatch(argument)
            if not match or match[1] in NUMBERED_AXES:
                return self.texts(argument)
            argument = self.value(match[1])
        if argument is None or argument is False:
            return None
        if argument is True:
            return []
        if isinstance(argument, dict):
            return [word for option, value in argument.items() for word in option_words(option, value)]
        if isinstance(argument, list):
            return [str(item) for item in argument]
        return [str(argument)]


def option_words(option: str, value: object) -> list[str]:
    """`--option value`, where true has no value, false says so (a step's own default may be true), and a list gives several values."""
    if value is False:
        return [f"--{option}", "false"]
    values = [] if value is True or value is None else value if isinstance(value, list) else [value]
    return [f"--{option}", *map(str, values)]


def quote(word: str) -> str:
    """One word of a shell's command line: all of it literal, except the folders of the running task."""
    literal, *rest = FOLDER.split(word)
    quoted = shlex.quote(literal) if literal or not rest else ""
    for variable, literal in zip(rest[::2], rest[1::2], strict=True):
        quoted += f'"${variable}"' + (shlex.quote(literal) if literal else "")
    return quoted
