"""`target-stage`: the tasks of that stage, all of them, and what they need."""

import json
from functools import cache

import pytest
from training_taskgraph.local_graph import generate
from training_taskgraph.training_config.stages import STAGES

from .every_stage import ALIGNED, DATASETS, MODEL, VOCAB, ancestry, every_stage

# Stages that a config has only where it takes work from earlier runs, or has several teachers.
OTHER_CONFIGS = {
    "continuation-vocab": {"continuation": {"vocab": VOCAB}},
    "continuation-model": {"continuation": {"models": {"backwards": {"url": MODEL, "mode": "use"}}}},
    "continuation-corpus": {"continuation": {"corpora": {"parallel": ALIGNED}}},
    "evaluate-teacher-ensemble": {"experiment": {"teacher-ensemble": 2}},
    "upload": {"experiment": {"archive-corpora": True}, "taskcluster": {"upload-bucket": "development"}},
}
# Stages of the format whose kinds are not there yet.
MISSING = {"report"}

# The datasets of which a stage has a task each.
DATASETS_OF = {
    "dataset": [("parallel", key) for key in ("train", "devtest", "test")] + [("mono-src", "mono-src"), ("mono-trg", "mono-trg")],
    "corpus-analyze-parallel": [("parallel", "train")],
    "corpus-clean-parallel": [("parallel", "train")],
    "corpus-clean-parallel-bicleaner-ai": [("parallel", "train")],
    **{
        stage: [("mono-src", "mono-src"), ("mono-trg", "mono-trg")]
        for stage in ("corpus-analyze-mono", "corpus-clean-mono", "corpus-clean-mono-monocleaner")
    },
    **{
        f"evaluate-{model}": [("parallel", "test")]
        for model in ("backwards", "teacher", "teacher-ensemble", "student", "finetuned-student", "quantized")
    },
}
CHUNKED = {
    "backtranslations-mono-trg-translate",
    "distillation-mono-src-translate",
    "distillation-parallel-src-translate",
    "distillation-parallel-src-extract-best",
}


@cache
def all_tasks(changes: str):
    return generate(every_stage(json.loads(changes))).tasks


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage not in MISSING])
def test_a_stage_is_all_of_its_tasks_and_what_they_need(stage):
    changes = OTHER_CONFIGS.get(stage, {})
    full = all_tasks(json.dumps(changes))
    target = generate(every_stage(changes, {"target-stage": stage}), "target_task_graph").tasks
    of_stage = {label for label, task in full.items() if task.attributes.get("stage") == stage}
    assert of_stage
    assert set(target) == ancestry(full, of_stage)
    if stage not in {"all-pipeline", "upload"}:
        assert "all-pipeline-en-it" not in target


def test_everything_has_the_uploads_in_it():
    uploads = generate(every_stage(OTHER_CONFIGS["upload"], {"target-stage": "upload"}), "target_task_graph").tasks
    everything = generate(every_stage(OTHER_CONFIGS["upload"]), "target_task_graph").tasks
    assert set(everything) == set(uploads)
    assert {label for label in everything if label.startswith("upload-")} == {
        "upload-en-it",
        *(f"upload-corpora-{corpus}-en-it" for corpus in ("parallel", "backtranslations", "distillation")),
    }


@pytest.mark.parametrize("stage", DATASETS_OF)
def test_a_stage_has_a_task_for_each_of_its_datasets(stage):
    target = generate(every_stage(OTHER_CONFIGS.get(stage, {}), {"target-stage": stage}), "target_task_graph").tasks
    bound = [task.attributes["bindings"] for task in target.values() if task.attributes.get("stage") == stage]
    found = sorted((binding["text"], binding["dataset"]) for binding in bound)
    assert found == sorted((text, dataset) for text, key in DATASETS_OF[stage] for dataset in DATASETS[key])


@pytest.mark.parametrize("stage", sorted(CHUNKED))
def test_a_stage_has_a_task_for_each_chunk(stage):
    changes = {"target-stage": stage, "taskcluster": {"split-chunks": 11}}
    target = generate(every_stage(changes), "target_task_graph").tasks
    assert [f"{stage}-en-it-{chunk}" in target for chunk in range(13)] == [False, *([True] * 11), False]


@pytest.mark.parametrize("stage", sorted(MISSING))
def test_a_stage_without_tasks_is_an_error(stage):
    with pytest.raises(Exception, match=f"no task of this config belongs to the stage '{stage}'"):
        _ = generate(every_stage({"target-stage": stage}), "target_task_graph").tasks
