"""Which of the datasets on offer a new training config lists, and as what.

Training takes all parallel sets but duplicates. Validation and test sets are different ones: of FLORES the `dev` and the `devtest` part, of
WMT's test sets an older and the newest, and NTREX to test on. Where there are none of these, other evaluation sets stand in, then slices
of Debian's descriptions, then the smallest training sets.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from training_taskgraph.training_config.datasets import DatasetNameError, Kind, parse_dataset

WMT = re.compile(r"sacrebleu_wmt(\d\d)(/dev)?")
# NTREX has the English sentences of this year's test set.
NTREX_YEAR = 19
VALIDATION = re.compile(r"(^|[_/])(dev|valid|val)\b|_(dev|val|valid)-")
# Rows of Debian's descriptions, when they are what there is to evaluate with.
DDTP_DEVTEST, DDTP_TEST, DDTP_TRAIN = "[0:500]", "[500:1500]", "[1500:]"
LEAST_TO_EVALUATE = 500  # sentences
KINDS: dict[str, tuple[Kind, ...]] = {
    "parallel": ("parallel",),
    "evaluation": ("parallel", "evaluation"),
    "mono-src": ("mono",),
    "mono-trg": ("mono",),
}


class ChoiceError(Exception):
    """There is no config to write; the message says in one line what is missing."""


@dataclass(frozen=True)
class Offered:
    """A dataset as find-corpus lists it; `duplicate_of` names another one that has its text."""

    name: str
    kind: str
    sentences: int | None = None
    bytes: int | None = None
    duplicate_of: str | None = None

    @classmethod
    def of(cls, listed: dict[str, Any]) -> "Offered":
        return cls(listed["name"], listed["kind"], listed["sentences"], listed["bytes"], listed["duplicate-of"])

    @property
    def provider(self) -> str:
        return self.name.partition("_")[0]

    def sliced(self, part: str) -> "Offered":
        return replace(self, name=self.name + part, sentences=None, bytes=None)


@dataclass
class Choice:
    train: list[Offered]
    devtest: list[Offered]
    test: list[Offered]
    mono_src: list[Offered]
    mono_trg: list[Offered]
    duplicates: int
    evaluation_comment: str


def choose(offered: Iterable[Offered], pair: str) -> Choice:
    """The datasets of a new config, in the order in which they are offered. Raises ChoiceError where there is nothing to train on, or
    nothing to validate with or to test on."""
    usable = [dataset for dataset in offered if is_accepted(dataset)]
    own = [dataset for dataset in usable if not dataset.duplicate_of]
    train = [dataset for dataset in own if dataset.kind == "parallel"]
    duplicates = sum(1 for dataset in usable if dataset.kind == "parallel" and dataset.duplicate_of)
    devtest, test = evaluation_sets([dataset for dataset in own if dataset.kind == "evaluation"])
    comment = "Validation while training, and the final test, on sets that have nothing in common."
    if not (devtest and test):
        train, devtest, test, comment = evaluation_of_training_sets(train, devtest, test)
    for what, sets in (("train on", train), ("evaluate with", devtest and test)):
        if not sets:
            raise ChoiceError(f"{pair}: no set to {what} is listed; a config can name files of your own, see `url` in docs/find-corpus.md")
    held_out = any("[" in dataset.name for dataset in (*devtest, *test))
    mono_src, mono_trg = (mono_sets([dataset for dataset in own if dataset.kind == key], held_out) for key in ("mono-src", "mono-trg"))
    return Choice(train, devtest, test, mono_src, mono_trg, duplicates, comment)


def is_accepted(dataset: Offered) -> bool:
    """Whether a config may list the dataset as what it is offered as: a catalogue may have names that the format has not."""
    try:
        forms = parse_dataset(dataset.name).forms(*KINDS[dataset.kind])
    except (DatasetNameError, KeyError):
        return False
    return any(re.fullmatch(form.pattern, dataset.name.partition("_")[2]) for form in forms)


def evaluation_sets(offered: list[Offered]) -> tuple[list[Offered], list[Offered]]:
    """Sets to validate with, and sets to test on; either may be empty."""
    named = {dataset.name: dataset for dataset in offered}
    devtest = [named[name] for name in ("flores_dev",) if name in named]
    test = [named[name] for name in ("flores_devtest",) if name in named]
    older, newest = wmt_sets(named)
    devtest += older
    test += newest
    test += [named[name] for name in ("ntrex_test",) if name in named]
    taken = {dataset.name for dataset in (*devtest, *test)}
    # OPUS's are collections of test sets, and of WMT's sets many are the same documents with other references.
    rest = [dataset for dataset in offered if dataset.provider != "opus" and not WMT.match(dataset.name) and dataset.name not in taken]
    # sacreBLEU's other sets fill in where WMT has nothing, those of mtdata where nobody has.
    if not newest:
        test += [dataset for dataset in rest if dataset.provider == "sacrebleu" and dataset.name.endswith("/test")]
    if not older:
        devtest += [dataset for dataset in rest if dataset.provider == "sacrebleu" and dataset.name.endswith("/valid")]
    if not devtest:
        devtest = [dataset for dataset in rest if VALIDATION.search(dataset.name) and dataset not in test][:1]
    if not test:
        test = [dataset for dataset in rest if not VALIDATION.search(dataset.name) and dataset not in devtest][:1]
    return devtest, test


def wmt_sets(named: dict[str, Offered]) -> tuple[list[Offered], list[Offered]]:
    """One of WMT's sets to validate with, and the newest test set. To validate with, the newest of the others: of test sets none that NTREX
    repeats; where there is only one, the set of its kind for development."""
    found = [(int(match[1]), bool(match[2]), dataset) for name, dataset in named.items() if (match := WMT.fullmatch(name))]
    tests = sorted(((year, dataset) for year, is_dev, dataset in found if not is_dev), key=lambda entry: entry[0], reverse=True)
    development = sorted(((year, dataset) for year, is_dev, dataset in found if is_dev), key=lambda entry: entry[0], reverse=True)
    others = [dataset for year, dataset in tests[1:] if not ("ntrex_test" in named and year == NTREX_YEAR)]
    older = [*others, *(dataset for _, dataset in development)][:1]
    return older, [dataset for _, dataset in tests[:1]]


def evaluation_of_training_sets(
    train: list[Offered], devtest: list[Offered], test: list[Offered]
) -> tuple[list[Offered], list[Offered], list[Offered], str]:
    """Training sets without what is taken from them for evaluation, and the sets to evaluate with; the comment says what was taken."""
    ddtp = next((dataset for dataset in train if dataset.provider == "ddtp"), None)
    if ddtp:
        devtest = devtest or [ddtp.sliced(DDTP_DEVTEST)]
        test = test or [ddtp.sliced(DDTP_TEST)]
        train = [dataset.sliced(DDTP_TRAIN) if dataset == ddtp else dataset for dataset in train]
        return train, devtest, test, "There are too few sets for evaluation: slices of Debian's descriptions that do not overlap stand in."
    smallest = sorted(
        (dataset for dataset in train if (dataset.sentences or 0) >= LEAST_TO_EVALUATE),
        key=lambda dataset: (dataset.sentences or 0, dataset.name),
    )
    taken = smallest[: min(len(train) - 1, (not devtest) + (not test))]
    devtest = devtest or taken[:1]
    test = test or [dataset for dataset in taken if dataset not in devtest][:1]
    train = [dataset for dataset in train if dataset not in taken]
    return train, devtest, test, "There are too few sets for evaluation: the smallest training sets stand in."


def mono_sets(offered: list[Offered], held_out: bool) -> list[Offered]:
    """News crawl and HPLT; where there is neither, OPUS's text, or else Debian's descriptions, but for what evaluation takes of them."""
    for providers in ({"news-crawl", "hplt"}, {"opus"}, {"ddtp"}):
        if found := [dataset for dataset in offered if dataset.provider in providers]:
            return [dataset.sliced(DDTP_TRAIN) if held_out and dataset.provider == "ddtp" else dataset for dataset in found]
    return []
