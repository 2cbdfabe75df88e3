"""Which tasks there are: what a config leaves out, or takes from earlier runs, and the tasks that are gone and new then."""

import pytest
from training_taskgraph import training_config
from training_taskgraph.facts import FACTS
from training_taskgraph.local_graph import generate
from training_taskgraph.parameter_sets import changed

from .every_stage import ALIGNED, CORPUS, VOCAB


def made_from(text: str, sections: str, merged: str) -> set[str]:
    """The steps from the datasets of some sections to the merged corpus."""
    side = "parallel" if text == "parallel" else "mono"
    return {*(f"{kind} {text} ['{sections}']" for kind in ("dataset", f"corpus-analyze-{side}", f"corpus-clean-{side}")), merged}


MAKE_PARALLEL = made_from("parallel", "train", "corpus-merge-parallel")
MAKE_MONO_SRC, MAKE_MONO_TRG = (made_from(text, text, f"corpus-merge-mono {text}") for text in ("mono-src", "mono-trg"))
TRANSLATE_MONO = {f"distillation-mono-src-{step}" for step in ("chunk", "translate", "dechunk-translations")}
BACKTRANSLATE = {f"backtranslations-mono-trg-{step}" for step in ("chunk", "translate", "dechunk-translations")} | MAKE_MONO_TRG
DISTILL = {
    *(f"distillation-parallel-src-{step}" for step in ("chunk", "translate", "extract-best", "dechunk-translations", "translations-score")),
    *TRANSLATE_MONO,
    *MAKE_MONO_SRC,
    "corpus-merge-distillation",
    "distillation-corpus-final-filtering",
}
BACKWARDS = {"backtranslations-train-backwards-model", "evaluate-backwards parallel ['test']"}
TEACHERS = {"train-teacher-model", "evaluate-teacher parallel ['test']"}

UPLOAD = {"taskcluster": {"upload-bucket": "development"}}
CASES = {
    "an upload": (UPLOAD, set(), {"upload"}),
    "an upload of corpora too": ({**UPLOAD, "experiment": {"archive-corpora": True}}, set(), {"upload"}),
    "corpora that are uploaded nowhere": ({"experiment": {"archive-corpora": True}}, set(), set()),
    "without monolingual source text": ({"datasets": {"mono-src": []}}, MAKE_MONO_SRC | TRANSLATE_MONO, set()),
    "without monolingual target text": ({"datasets": {"mono-trg": []}}, BACKTRANSLATE | {"corpus-align-backtranslations"}, set()),
    "unmodified text": ({"experiment": {"modify-training-text": False}}, {"corpus-align-backtranslations"}, set()),
    "an ensemble": ({"experiment": {"teacher-ensemble": 2}}, set(), {"evaluate-teacher-ensemble parallel ['test']"}),
    "Bicleaner": (
        {"experiment": {"bicleaner": {"default-threshold": 0.5}}},
        set(),
        {"corpus-clean-parallel-fetch-bicleaner-model", "corpus-clean-parallel-bicleaner-ai parallel ['train']"},
    ),
    "Bicleaner for no dataset": (
        {"experiment": {"bicleaner": {"default-threshold": 0.0, "dataset-thresholds": {"opus_other_v1": 0.5}}}},
        set(),
        set(),
    ),
    "Monocleaner for one side": (
        {"experiment": {"monocleaner": {"mono-trg": {"default-threshold": 0.5}}}},
        set(),
        {"corpus-clean-mono-monocleaner mono-trg ['mono-trg']"},
    ),
    "a vocabulary": ({"continuation": {"vocab": VOCAB}}, {"build-vocab"}, {"continuation-vocab"}),
    "a backwards model to use": (
        {"continuation": {"models": {"backwards": {"url": "https://example.com/b", "mode": "use"}}}},
        {"backtranslations-train-backwards-model"},
        {"continuation-model backwards"},
    ),
    "a backwards model to train on": (
        {"continuation": {"vocab": VOCAB, "models": {"backwards": {"url": "https://example.com/b", "mode": "continue"}}}},
        {"build-vocab"},
        {"continuation-model backwards", "continuation-vocab"},
    ),
    "a teacher to use": (
        {"continuation": {"models": {"teacher": {"urls": ["https://example.com/t"], "mode": "use"}}}},
        {"train-teacher-model", "corpus-align-backtranslations"} | BACKTRANSLATE,
        {"continuation-model teacher"},
    ),
    "a teacher to begin with": (
        {"continuation": {"vocab": VOCAB, "models": {"teacher": {"urls": ["https://example.com/t"], "mode": "init"}}}},
        {"build-vocab"},
        {"continuation-model teacher", "continuation-vocab"},
    ),
    "a teacher to train on": (
        {"continuation": {"vocab": VOCAB, "models": {"teacher": {"urls": ["https://example.com/t"], "mode": "continue"}}}},
        {"build-vocab"},
        {"continuation-model teacher", "continuation-vocab"},
    ),
    "a parallel corpus": ({"continuation": {"corpora": {"parallel": CORPUS}}}, MAKE_PARALLEL, {"continuation-corpus parallel"}),
    "an aligned parallel corpus": (
        {"continuation": {"corpora": {"parallel": ALIGNED}}},
        MAKE_PARALLEL | {"corpus-align-parallel"},
        {"continuation-corpus parallel"},
    ),
    "back-translations": (
        {"continuation": {"corpora": {"backtranslations": CORPUS}}},
        BACKTRANSLATE,
        {"continuation-corpus backtranslations"},
    ),
    "aligned back-translations, and no monolingual text": (
        {"datasets": {"mono-trg": []}, "continuation": {"corpora": {"backtranslations": ALIGNED}}},
        BACKTRANSLATE | {"corpus-align-backtranslations"},
        {"continuation-corpus backtranslations"},
    ),
    "a distillation corpus": (
        {"continuation": {"corpora": {"distillation": CORPUS}}},
        DISTILL | BACKTRANSLATE | BACKWARDS | TEACHERS | {"corpus-align-parallel", "corpus-align-backtranslations"},
        {"continuation-corpus distillation"},
    ),
    "an aligned distillation corpus and its vocabulary": (
        {"continuation": {"vocab": VOCAB, "corpora": {"distillation": ALIGNED}}},
        DISTILL
        | BACKTRANSLATE
        | BACKWARDS
        | TEACHERS
        | MAKE_PARALLEL
        | {"corpus-align-parallel", "corpus-align-backtranslations", "corpus-align-distillation", "build-vocab"},
        {"continuation-corpus distillation", "continuation-vocab"},
    ),
}


@pytest.fixture(scope="module")
def every_stage():
    config = training_config.load_file("configs/ci.yml").config
    datasets = {
        "train": ["opus_train/v1"],
        "devtest": ["flores_dev"],
        "test": ["flores_devtest"],
        "mono-src": ["opus_mono/v1"],
        "mono-trg": ["opus_mono/v1"],
    }
    return changed(config, {"experiment": {"teacher-ensemble": 1, "modify-training-text": True}, "datasets": datasets})


def steps(config):
    """The steps of a config's graph, as stage and what tells its tasks apart but for datasets, chunks and teachers."""
    graph = generate(training_config.check(config).config)
    tasks = [task.attributes for task in graph.tasks.values() if "script" in task.attributes]
    parts = ("text", "corpus", "model", "categories")
    return {" ".join([task["stage"], *(str(task["bindings"][part]) for part in parts if part in task["bindings"])]) for task in tasks}


@pytest.fixture(scope="module")
def all_steps(every_stage):
    return steps(every_stage)


@pytest.mark.parametrize("case", CASES)
def test_the_tasks_that_are_not_needed_do_not_exist_and_nothing_else_changes(case, every_stage, all_steps):
    changes, gone, new = CASES[case]
    now = steps(changed(every_stage, changes))
    assert all_steps - now == gone
    assert now - all_steps == new


def test_every_fact_decides_something_somewhere(every_stage):
    """A fact that is always true, or always false, is no fact."""
    seen = {name: set() for name in FACTS}
    for changes in [{}, *(changes for changes, _, _ in CASES.values())]:
        config = training_config.check(changed(every_stage, changes)).config
        for name, holds in FACTS.items():
            seen[name].add(holds(config))
    assert {name for name, values in seen.items() if values != {True, False}} == set()
