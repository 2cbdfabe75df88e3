"""`existing_tasks`: finished tasks in place of those of this graph, as Taskgraph's own optimization puts them there."""

import pytest
from taskgraph.optimize.base import OptimizationStrategy
from training_taskgraph.local_graph import generator
from training_taskgraph.parameters import existing_tasks, local_parameters

from .every_stage import ancestry, every_stage

FINISHED = "F" * 22


class RunAll(OptimizationStrategy):
    """Every task that is not replaced is created: nothing asks the index, which is on the network."""


STRATEGIES = dict.fromkeys(("index-search", "skip-unless-changed"), RunAll())


def optimized(*labels):
    """The tasks that would be created, by label, the full graph, and the id of every label, where finished tasks stand in for `labels`."""
    config = every_stage({"existing_tasks": dict.fromkeys(labels, FINISHED)})
    parameters = {
        **local_parameters(config),
        "existing_tasks": existing_tasks(config),
        "optimize_strategies": f"{__name__}:STRATEGIES",
    }
    graphs = generator(parameters)
    created = {task.label: task for task in graphs.optimized_task_graph.tasks.values()}
    return created, graphs.full_task_graph, graphs.label_to_taskid


@pytest.fixture(scope="module")
def original():
    """The tasks by label where nothing is replaced."""
    return generator(local_parameters(every_stage())).full_task_graph.tasks


@pytest.mark.parametrize(
    "labels",
    [
        [],
        ["train-teacher-model-en-it-1"],
        ["corpus-merge-parallel-en-it"],
        ["train-teacher-model-en-it-1", "backtranslations-train-backwards-model-en-it"],
        ["distillation-corpus-final-filtering-en-it", "build-vocab-en-it"],
        ["dataset-opus-Books_v1-en-it"],
        ["all-pipeline-en-it"],
    ],
)
def test_exactly_the_named_tasks_are_replaced(labels, original):
    """And what only they needed is gone."""
    created, _, ids = optimized(*labels)
    assert {label for label, task_id in ids.items() if task_id == FINISHED} == set(labels)
    assert created.keys() == ancestry(original, {"all-pipeline-en-it"}, without=labels)


def test_consumers_fetch_from_the_finished_task(original):
    label = "corpus-merge-parallel-en-it"
    created, _, _ = optimized(label)
    consumers = {other for other, task in original.items() if label in task.dependencies.values()}
    assert consumers <= created.keys()
    for consumer in consumers:
        assert FINISHED in created[consumer].task["dependencies"]
        assert f'"task": "{FINISHED}"' in created[consumer].task["payload"]["env"]["MOZ_FETCHES"]


def test_what_comes_after_a_replaced_task_keeps_its_digest(original):
    _, full, _ = optimized("train-teacher-model-en-it-1")
    for label, task in original.items():
        assert task.attributes.get("cached_task") == full.tasks[label].attributes.get("cached_task"), label


def test_new_tasks_never_run_in_an_old_image():
    images = {"docker-image-train", "docker-image-base", "docker-image-data"}
    created, _, ids = optimized("train-teacher-model-en-it-1", *images)
    assert [label for label, task_id in ids.items() if task_id == FINISHED] == ["train-teacher-model-en-it-1"]
    assert images <= created.keys()
