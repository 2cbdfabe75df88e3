"""Which filters a dataset is cleaned with, as data: the defaults, and what a filter file says differently.

A filter file is a mapping, in YAML or JSON, from the names of filters to `false` (off) or to the parameters that are not the default:

    too-long: {max_words: 80}
    numbers: false

A file that OpusCleaner made (`filters.json`, a mapping with the key `filters`) stands in place of all the rules of ours: opuscleaner/ reads
it. After it only blanks and invisible characters are normalised, and rows with an empty side and repeated ones are dropped.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.clean.language_id import LETTERS, PROBABILITY
from pipeline.clean.normalise import REWRITINGS
from pipeline.clean.rules import MANY, RULES, Check, Number, Parameter, Side
from pipeline.common.columns import Mask
from pipeline.common.languages import Language
from pipeline.common.script import StepError

if TYPE_CHECKING:
    from pipeline.clean.opuscleaner.filters import Filter as RowFilter

LANGUAGE, DUPLICATE, SENTENCES = "language", "duplicate", "sentences"
Values = dict[str, Number]
SidesCheck = Callable[[Sequence[Side], Mask], Mask]


@dataclass(frozen=True)
class Filter:
    """A filter as people see it. `sides` is 2 where it looks at pairs, 1 where at each line by itself; `mono` where at monolingual text."""

    name: str
    does: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    sides: int = 1
    mono: bool = False

    def looks_at(self, sides: int) -> bool:
        return self.sides <= sides and not (self.mono and sides > 1)


FILTERS = {
    each.name: each
    for each in (
        *(Filter(name, does) for name, does in REWRITINGS.items()),
        Filter(
            SENTENCES,
            "splits lines of several sentences, in monolingual text",
            {"min_characters": Parameter(200, 0, MANY, "a line of no more stays as it is")},
            mono=True,
        ),
        *(Filter(rule.name, f"drops {rule.drops}", rule.parameters, rule.sides) for rule in RULES),
        Filter(
            LANGUAGE,
            "drops a line that the model lid.176 is sure, for a line so long, to be in another language",
            {
                "min_letters": Parameter(LETTERS, LETTERS, MANY, "of a line with fewer the model is never sure"),
                "min_probability": Parameter(
                    PROBABILITY, PROBABILITY, 1.0, "of the other language; more is asked of lines of fewer than 120 letters"
                ),
            },
        ),
        Filter(DUPLICATE, "drops a row that stood in the dataset before"),
    )
}


@dataclass(frozen=True)
class Filters:
    """What rows in `languages` go through: the filters of an OpusCleaner file, then those of FILTERS that are on.

    `values` are the parameters of the latter; `opuscleaner` is a file's content and path, from which each process makes the former anew.
    """

    languages: Sequence[Language]
    values: Mapping[str, Values]
    opuscleaner: tuple[dict[str, Any], Path] | None = None

    @property
    def description(self) -> list[object]:
        ours = [{"name": name, "parameters": parameters} for name, parameters in self.values.items()]
        return [*(self.opuscleaner[0]["filters"] if self.opuscleaner else []), *ours]

    def row_filters(self) -> "list[RowFilter]":
        if not self.opuscleaner:
            return []
        from pipeline.clean.opuscleaner.filter_file import read_content

        return read_content(*self.opuscleaner, self.languages)

    @property
    def may_split(self) -> bool:
        """Whether a row may become several."""
        return bool(self.opuscleaner) or SENTENCES in self.values

    @property
    def rewritings(self) -> list[str]:
        return [name for name in REWRITINGS if name in self.values]

    @property
    def drops_duplicates(self) -> bool:
        return DUPLICATE in self.values

    def checks(self) -> list[tuple[str, SidesCheck]]:
        """The rules by name, each with what it says of the given sides and the rows that are left: which of these are dropped."""
        rules = [rule for rule in RULES if rule.name in self.values]
        return [(rule.name, (each_side if rule.sides == 1 else both_sides)(rule.make(**self.values[rule.name]))) for rule in rules]


def each_side(check: Check) -> SidesCheck:
    """Drops a row where the check drops any of its sides."""
    return lambda sides, rows: np.logical_or.reduce([check(side, rows) for side in sides])


def both_sides(check: Check) -> SidesCheck:
    return lambda sides, rows: check(*sides, rows)


def read_filters(argument: str | None, languages: Sequence[Language]) -> Filters:
    """`argument` is a filter file's path or, if it begins with "{", its content; raises StepError that says what is wrong where."""
    content, origin = load(argument) if argument else ({}, "")
    if "filters" in content:
        filters = Filters(languages, {"characters": {}, "empty": {}, DUPLICATE: {}}, (content, Path(origin)))
        filters.row_filters()  # what is wrong with them is said here and not in a process
        return filters
    values = {name: defaults(name) for name, each in FILTERS.items() if each.looks_at(len(languages))}
    for name, change in content.items():
        if name not in FILTERS:
            raise StepError(f"{origin}: there is no filter {name!r}{hint(name, FILTERS)}")
        if change is False:
            values.pop(name, None)
        elif change is not True:
            parameters = checked(name, change, origin)
            # A corpus may be used as pairs and as monolingual text, with one file.
            if name in values:
                values[name] |= parameters
    return Filters(languages, values)


def load(argument: str) -> tuple[dict[str, Any], str]:
    """The content of a filter file, and what to call it in messages."""
    import yaml

    inline = argument.lstrip().startswith("{")
    origin = "the filters" if inline else argument
    try:
        text = argument if inline else Path(argument).read_text(encoding="utf-8")
        content = json.loads(text) if inline else yaml.safe_load(text)
    except OSError as error:
        raise StepError(f"{origin}: cannot be read ({error.strerror})") from error
    except (ValueError, yaml.YAMLError) as error:
        raise StepError(f"{origin}: not a filter file ({error})") from error
    if content is not None and not isinstance(content, dict):
        raise StepError(f"{origin}: a mapping from filters to their parameters is expected, found {type(content).__name__}")
    return content or {}, origin


def defaults(name: str) -> Values:
    return {parameter: each.default for parameter, each in FILTERS[name].parameters.items()}


def checked(name: str, change: Any, origin: str) -> Values:
    """The parameters that a file gives a filter; raises StepError unless the filter has them, and the values are in their range."""
    known = FILTERS[name].parameters
    if not isinstance(change, dict):
        raise StepError(f"{origin}: {name}: false, true, or a mapping of parameters is expected, found {change!r}")
    for parameter, value in change.items():
        if parameter not in known:
            raise StepError(f"{origin}: {name} has no parameter {parameter!r}{hint(parameter, known)}")
        each = known[parameter]
        whole = isinstance(each.default, int)
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float) or not each.minimum <= value <= each.maximum:
            kind = "a whole number" if whole else "a number"
            raise StepError(f"{origin}: {name}.{parameter}: {kind} from {each.minimum} to {each.maximum} is expected, found {value!r}")
    return change


def hint(name: object, known: Mapping[str, object]) -> str:
    near = get_close_matches(str(name), known, 1)
    return f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(known)}"
