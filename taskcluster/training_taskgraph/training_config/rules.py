"""What has to fit together in a config. Each rule's docstring is its line in the reference.

Rules get a config in which every key is present; what the schema refused is None there, so that all errors are found at once.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from .datasets import Dataset, parse_dataset
from .errors import ConfigErrors, Finding, Path, Problem, dotted, nearest, phrase
from .filter_files import filters_of, misnamed_files
from .languages import same_language
from .older_forms import value_at
from .stages import KINDS, RENAMED_KINDS

Rule = Callable[[dict[str, Any]], Iterator[Finding]]
Item = tuple[Path, Dataset]

DATASET_KEYS = ("train", "devtest", "test", "mono-src", "mono-trg")

# The thresholds of each key hold for the datasets of the other.
THRESHOLDS: dict[Path, str] = {
    ("experiment", "bicleaner"): "train",
    ("experiment", "monocleaner", "mono-src"): "mono-src",
    ("experiment", "monocleaner", "mono-trg"): "mono-trg",
}

# The keys of the languages whose tags, with a hyphen between them, name the folder with the filter files of datasets.
CLEANED: dict[str, tuple[str, ...]] = {"train": ("src", "trg"), "mono-src": ("src",), "mono-trg": ("trg",)}

HPLT_WITHOUT_SCORES = "mono/v1.2"


def datasets(config: dict[str, Any], *keys: str) -> Iterator[Item]:
    """The datasets of these lists with their paths."""
    for key in keys:
        for index, name in enumerate(value_at(config, ("datasets", key)) or []):
            if name is not None:
                yield ("datasets", key, index), parse_dataset(name)


def languages(config: dict[str, Any]) -> Iterator[Finding]:
    """Source and target language differ."""
    src, trg = config["experiment"]["src"], config["experiment"]["trg"]
    if src and trg and same_language(src, trg):
        yield Finding(("experiment", "trg"), phrase("the same language as `experiment.src`", found=trg, allowed="another language"))


def training_data(config: dict[str, Any]) -> Iterator[Finding]:
    """There is something to train on: `datasets.train`, or a parallel or distillation corpus to continue from; and teachers that are
    trained have parallel text even where the student's corpus is given."""
    corpora = config["continuation"]["corpora"]
    teacher = config["continuation"]["models"]["teacher"]
    trains_teachers = bool(teacher and teacher["mode"] in ("init", "continue"))
    if not (config["datasets"]["train"] or corpora["parallel"] or (corpora["distillation"] and not trains_teachers)):
        allowed = "at least one dataset, or `continuation.corpora.parallel`"
        yield Finding(("datasets", "train"), phrase("nothing to train on", found=None, allowed=allowed))


def vocabulary(config: dict[str, Any]) -> Iterator[Finding]:
    """Where only a distillation corpus is given, its vocabulary is given too: there is no parallel corpus to train one on."""
    continuation = config["continuation"]
    corpora = continuation["corpora"]
    trained = config["datasets"]["train"] or corpora["parallel"]
    if corpora["distillation"] and not trained and not continuation["vocab"]:
        allowed = "`continuation.vocab`, or parallel data to train a vocabulary on"
        yield Finding(("continuation", "corpora", "distillation"), phrase("a corpus without vocabulary", found=None, allowed=allowed))


def held_out(config: dict[str, Any]) -> Iterator[Finding]:
    """No evaluation set is part of the training data: augmented copies, and slices that overlap, count as the same set."""
    training = list(datasets(config, "train"))
    for path, dataset in datasets(config, "devtest", "test"):
        for other_path, other in training:
            if dataset.extent.overlaps(other.extent):
                what = f"also training data: {dotted(other_path)} is '{other.full}'"
                yield Finding(path, phrase(what, found=dataset.full, allowed="what is not trained on"))


def held_out_of_mono(config: dict[str, Any]) -> Iterator[Finding]:
    """Warns of an evaluation set whose text is among the monolingual text."""
    mono = list(datasets(config, "mono-src", "mono-trg"))
    for path, dataset in datasets(config, "devtest", "test"):
        for other_path, other in mono:
            if dataset.extent.overlaps(other.extent):
                what = f"its text is in the monolingual text too: {dotted(other_path)} is '{other.full}'"
                yield Finding(path, phrase(what, found=dataset.full, allowed="what is not trained on"), warning=True)


def validated_and_tested(config: dict[str, Any]) -> Iterator[Finding]:
    """Warns of a set that is in both devtest and test: its lines are removed from the validation set."""
    validation = list(datasets(config, "devtest"))
    for path, dataset in datasets(config, "test"):
        for other_path, other in validation:
            if dataset.extent.overlaps(other.extent):
                what = f"also a validation set, which loses these lines: {dotted(other_path)} is '{other.full}'"
                yield Finding(path, phrase(what, found=dataset.full, allowed="a set of its own"), warning=True)


def duplicates(config: dict[str, Any]) -> Iterator[Finding]:
    """Warns of a dataset that is listed twice; it is used once."""
    for key in DATASET_KEYS:
        first: dict[str, Path] = {}
        for path, dataset in datasets(config, key):
            if dataset.full in first:
                what = f"listed twice and used once: {dotted(first[dataset.full])} is the same"
                yield Finding(path, phrase(what, found=dataset.full, allowed="each dataset once"), warning=True)
            first.setdefault(dataset.full, path)


def thresholds(config: dict[str, Any]) -> Iterator[Finding]:
    """Warns of a threshold for a dataset that is not in the config."""
    for path, list_key in THRESHOLDS.items():
        known = {dataset.threshold_key for _, dataset in datasets(config, list_key)}
        for name in value_at(config, (*path, "dataset-thresholds")) or {}:
            if name not in known:
                allowed = f"those in `datasets.{list_key}`"
                message = phrase("a threshold of no dataset", found=name, allowed=allowed, suggestion=nearest(name, known))
                yield Finding((*path, "dataset-thresholds", name), message, warning=True)


def ensemble(config: dict[str, Any]) -> Iterator[Finding]:
    """Continued teachers are as many as `experiment.teacher-ensemble`."""
    size = config["experiment"]["teacher-ensemble"]
    path = ("continuation", "models", "teacher", "urls")
    urls = value_at(config, path)
    if size and urls and len(urls) != size:
        allowed = f"{size}, one for each teacher of `experiment.teacher-ensemble`"
        yield Finding(path, phrase("not one URL for each teacher", found=len(urls), allowed=allowed))


def decoder(config: dict[str, Any]) -> Iterator[Finding]:
    """CTranslate2 decodes with one teacher: an ensemble is Marian's."""
    experiment = config["experiment"]
    if experiment["teacher-decoder"] == "ctranslate2" and (experiment["teacher-ensemble"] or 1) > 1:
        allowed = "marian, or `experiment.teacher-ensemble: 1`"
        message = phrase("no decoder of ensembles", found="ctranslate2", allowed=allowed)
        yield Finding(("experiment", "teacher-decoder"), message)


def training_state(config: dict[str, Any]) -> Iterator[Finding]:
    """A release of OPUS-MT has no training state to `continue` from."""
    for name, model in config["continuation"]["models"].items():
        if model and model["mode"] == "continue" and model["type"] == "opusmt":
            message = phrase("a release of OPUS-MT has no training state", found="continue", allowed="use or init")
            yield Finding(("continuation", "models", name, "mode"), message)


def vocabulary_of_models(config: dict[str, Any]) -> Iterator[Finding]:
    """A model that is trained further comes with its vocabulary, since weights do not fit another one. A model that is only used has it
    in its own folder, which is worth a warning."""
    if config["continuation"]["vocab"]:
        return
    for name, model in config["continuation"]["models"].items():
        mode = model and model["mode"]
        path = ("continuation", "models", name, "mode")
        if mode in ("init", "continue"):
            yield Finding(path, phrase("a model without its vocabulary", found=mode, allowed="use, or `continuation.vocab` besides"))
        elif mode == "use":
            allowed = "a folder with its vocabulary, or `continuation.vocab` besides"
            yield Finding(path, phrase("a model without `continuation.vocab`", found=mode, allowed=allowed), warning=True)


def shared_vocabulary(config: dict[str, Any]) -> Iterator[Finding]:
    """Warns where `continuation.vocab` has two vocabularies and `experiment.spm-vocab-split` is false."""
    vocab = config["continuation"]["vocab"]
    if vocab and vocab["src"] and vocab["trg"] and vocab["src"] != vocab["trg"] and config["experiment"]["spm-vocab-split"] is False:
        allowed = "the URL of `src`, or `experiment.spm-vocab-split: true`"
        message = phrase("two vocabularies where the languages share one", found=vocab["trg"], allowed=allowed)
        yield Finding(("continuation", "vocab", "trg"), message, warning=True)


def alignments(config: dict[str, Any]) -> Iterator[Finding]:
    """A continued corpus has all of `alignments`, `tok-src` and `tok-trg`, or none of them."""
    together = ("alignments", "tok-src", "tok-trg")
    for name, corpus in config["continuation"]["corpora"].items():
        given = [key for key in together if corpus and corpus[key]]
        if given and len(given) < len(together):
            missing = " and ".join(f"`{key}`" for key in together if key not in given)
            allowed = "all of alignments, tok-src and tok-trg, or none"
            message = phrase(f"the corpus lacks {missing}", found=", ".join(given), allowed=allowed)
            yield Finding(("continuation", "corpora", name), message)


def restart(config: dict[str, Any]) -> Iterator[Finding]:
    """Warns of `start-task-prefix` without `previous-group-ids`: there is nothing that could run again."""
    if config["start-task-prefix"] and not config["previous-group-ids"]:
        message = phrase("has no effect", found=config["start-task-prefix"], allowed="`previous-group-ids` besides")
        yield Finding(("start-task-prefix",), message, warning=True)


def filter_files(config: dict[str, Any]) -> Iterator[Finding]:
    """With `experiment.opuscleaner-mode: custom`, the datasets' files in `configs/filters/` can be read, and name filters and parameters
    that there are. Warns of files that are named like a dataset's, and are not."""
    experiment, mode = config["experiment"], ("experiment", "opuscleaner-mode")
    if experiment["opuscleaner-mode"] != "custom":
        return
    problems: set[Problem] = set()
    for key, sides in CLEANED.items():
        tags = [experiment[side] for side in sides if experiment[side]]
        if len(tags) < len(sides):
            continue
        cleaned, pair = [dataset for _, dataset in datasets(config, key)], "-".join(tags)
        for dataset in cleaned:
            try:
                filters_of(dataset, pair)
            except ConfigErrors as errors:
                problems.update(errors.problems)
        for message in misnamed_files(pair, (dataset.slug for dataset in cleaned)):
            yield Finding(mode, message, warning=True)
    for problem in sorted(problems):
        yield Finding(mode, f"a filter file is wrong: {problem}")


def document_scores(config: dict[str, Any]) -> Iterator[Finding]:
    """`experiment.hplt-min-doc-score` has scores to look at."""
    for key, least in config["experiment"]["hplt-min-doc-score"].items():
        for path, dataset in datasets(config, key) if least else ():
            if (dataset.provider, dataset.name) == ("hplt", HPLT_WITHOUT_SCORES):
                allowed = f"a later release, or no `experiment.hplt-min-doc-score.{key}`"
                yield Finding(path, phrase("a release without scores of its documents", found=dataset.full, allowed=allowed))


def uploads(config: dict[str, Any]) -> Iterator[Finding]:
    """With `taskcluster.upload-bucket`, `experiment.name` can be a folder's. Warns of `experiment.archive-corpora` without it."""
    experiment, bucket = config["experiment"], config["taskcluster"]["upload-bucket"]
    name = experiment["name"]
    if bucket and name and (name in (".", "..") or re.search(r"[/\x00-\x1f\x7f]", name)):
        yield Finding(("experiment", "name"), phrase("no name for a folder of the bucket", found=name, allowed="a name without `/`"))
    if experiment["archive-corpora"] and not bucket:
        message = phrase("has no effect", found=True, allowed="`taskcluster.upload-bucket` besides")
        yield Finding(("experiment", "archive-corpora"), message, warning=True)


def worker_classes(config: dict[str, Any]) -> Iterator[Finding]:
    """Warns of a kind in `taskcluster.worker-classes` that does not exist."""
    for kind in config["taskcluster"]["worker-classes"] or {}:
        if kind not in (*KINDS, *RENAMED_KINDS, "default"):
            allowed = "a kind of docs/training-config.md or default"
            message = phrase("an unknown kind", found=kind, allowed=allowed, suggestion=nearest(kind, KINDS))
            yield Finding(("taskcluster", "worker-classes", kind), message, warning=True)


RULES: tuple[Rule, ...] = (
    languages,
    training_data,
    vocabulary,
    held_out,
    ensemble,
    decoder,
    training_state,
    vocabulary_of_models,
    alignments,
    validated_and_tested,
    held_out_of_mono,
    duplicates,
    thresholds,
    shared_vocabulary,
    restart,
    filter_files,
    document_scores,
    uploads,
    worker_classes,
)


def findings(config: dict[str, Any]) -> Iterator[Finding]:
    for rule in RULES:
        yield from rule(config)
