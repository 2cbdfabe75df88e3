"""What a config asks for, as yes or no: which parts of the pipeline are needed, and which are taken from earlier runs.

A kind says `when: [distills]`, and its tasks exist only where that holds; a step says `also-when: {backtranslated: …}`, and has that input
or argument only then. What nobody needs is not in the graph: a distillation corpus of an earlier run spares the teachers, and with them the
back-translations that they would learn from.
"""

from collections.abc import Callable, Mapping
from typing import Any

from training_taskgraph.training_config.datasets import parse_dataset

Config = Mapping[str, Any]

# By the names that kinds use: `distills-mono`.
FACTS: dict[str, Callable[[Config], bool]] = {}


def fact(holds: Callable[[Config], bool]) -> Callable[[Config], bool]:
    FACTS[holds.__name__.replace("_", "-")] = holds
    return holds


def facts(config: Config) -> dict[str, bool]:
    """Every fact by name, and whether it holds."""
    return {name: holds(config) for name, holds in FACTS.items()}


def model_mode(config: Config, name: str) -> str | None:
    """What is done with a given model: use, init or continue; None where none is given."""
    model = config["continuation"]["models"][name]
    return model["mode"] if model else None


def given_corpus(config: Config, name: str) -> Any:
    return config["continuation"]["corpora"][name]


@fact
def distills(config: Config) -> bool:
    """Teachers translate the student's corpus."""
    return not given_corpus(config, "distillation")


@fact
def given_distillation(config: Config) -> bool:
    """The student's corpus is that of an earlier run."""
    return not distills(config)


@fact
def distills_mono(config: Config) -> bool:
    """Teachers translate monolingual text for the student, too."""
    return bool(distills(config) and config["datasets"]["mono-src"])


@fact
def trains_teachers(config: Config) -> bool:
    """Teachers are trained: from nothing, or from the weights of given ones."""
    mode = model_mode(config, "teacher")
    return mode in ("init", "continue") if mode else distills(config)


@fact
def uses_teachers(config: Config) -> bool:
    """Finished teachers are used as they are."""
    return model_mode(config, "teacher") == "use"


@fact
def has_teachers(config: Config) -> bool:
    """There are teachers, trained here or given."""
    return trains_teachers(config) or uses_teachers(config)


@fact
def has_ensemble(config: Config) -> bool:
    """There are several teachers."""
    return has_teachers(config) and config["experiment"]["teacher-ensemble"] > 1


@fact
def backtranslated(config: Config) -> bool:
    """Teachers learn from back-translations, made here or given."""
    return bool(trains_teachers(config) and (given_corpus(config, "backtranslations") or config["datasets"]["mono-trg"]))


@fact
def given_backtranslations(config: Config) -> bool:
    """The back-translations are those of an earlier run."""
    return bool(backtranslated(config) and given_corpus(config, "backtranslations"))


@fact
def makes_backtranslations(config: Config) -> bool:
    """The back-translations are made here."""
    return backtranslated(config) and not given_backtranslations(config)


@fact
def has_backwards(config: Config) -> bool:
    """There is a model of the other direction: to back-translate, and to score what the teachers translate."""
    return makes_backtranslations(config) or distills(config)


@fact
def uses_backwards(config: Config) -> bool:
    """The backwards model is one of an earlier run."""
    return has_backwards(config) and model_mode(config, "backwards") == "use"


@fact
def trains_backwards(config: Config) -> bool:
    """The backwards model is trained here."""
    return has_backwards(config) and not uses_backwards(config)


@fact
def given_vocab(config: Config) -> bool:
    """The vocabularies are those of an earlier run."""
    return bool(config["continuation"]["vocab"])


@fact
def builds_vocab(config: Config) -> bool:
    """The vocabularies are trained here."""
    return not given_vocab(config)


@fact
def has_parallel(config: Config) -> bool:
    """Anything is learnt from the parallel corpus."""
    return builds_vocab(config) or trains_teachers(config) or trains_backwards(config) or distills(config)


@fact
def given_parallel(config: Config) -> bool:
    """The parallel corpus is that of an earlier run."""
    return bool(has_parallel(config) and given_corpus(config, "parallel"))


@fact
def makes_parallel(config: Config) -> bool:
    """The parallel corpus is made here, of the training sets."""
    return has_parallel(config) and not given_parallel(config)


@fact
def filters_parallel(config: Config) -> bool:
    """Bicleaner AI has a threshold for some of the training sets."""
    thresholds = config["experiment"]["bicleaner"]
    return makes_parallel(config) and any(parse_dataset(name).threshold(thresholds) for name in config["datasets"]["train"])


@fact
def teachers_aligned(config: Config) -> bool:
    """Teachers need alignments of their corpora, because some of the text is modified on both sides."""
    return bool(trains_teachers(config) and config["experiment"]["modify-training-text"])


def given_alignments(config: Config, corpus: str) -> bool:
    corpus_given = given_corpus(config, corpus)
    return bool(corpus_given and corpus_given["alignments"])


@fact
def aligns_parallel(config: Config) -> bool:
    """The parallel corpus is aligned here, for teachers, and for the priors that make the alignments of synthetic text better."""
    return has_parallel(config) and (teachers_aligned(config) or distills(config)) and not given_alignments(config, "parallel")


@fact
def backtranslated_aligned(config: Config) -> bool:
    """Teachers need alignments of their back-translations."""
    return teachers_aligned(config) and backtranslated(config)


@fact
def aligns_backtranslations(config: Config) -> bool:
    """The alignments of the back-translations are made here."""
    return backtranslated_aligned(config) and not given_alignments(config, "backtranslations")


@fact
def aligns_distillation(config: Config) -> bool:
    """The student's corpus is aligned here."""
    return not given_alignments(config, "distillation")


@fact
def has_mono(config: Config) -> bool:
    """There is monolingual text, of either language."""
    return makes_backtranslations(config) or distills_mono(config)


@fact
def uploads(config: Config) -> bool:
    """The finished model is uploaded."""
    return bool(config["taskcluster"]["upload-bucket"])


@fact
def archives_corpora(config: Config) -> bool:
    """The corpora that are aligned here are uploaded."""
    return uploads(config) and bool(config["experiment"]["archive-corpora"])


@fact
def pretrains_teachers(config: Config) -> bool:
    """Teachers begin with given weights."""
    return model_mode(config, "teacher") in ("init", "continue")


@fact
def continues_teachers(config: Config) -> bool:
    """Teachers go on with the whole state of a given training."""
    return model_mode(config, "teacher") == "continue"


@fact
def pretrains_backwards(config: Config) -> bool:
    """The backwards model begins with given weights."""
    return trains_backwards(config) and model_mode(config, "backwards") in ("init", "continue")


@fact
def continues_backwards(config: Config) -> bool:
    """The backwards model goes on with the whole state of a given training."""
    return trains_backwards(config) and model_mode(config, "backwards") == "continue"
