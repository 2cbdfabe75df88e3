import json
from types import SimpleNamespace

import pytest
from pytest_taskgraph import make_graph, make_task
from training_taskgraph import verifications


def kinds(listed, step):
    return {"train": SimpleNamespace(config={"kind-dependencies": listed, "tasks": {"t": {"step": step}}})}


def test_kind_dependencies_must_be_those_of_the_inputs():
    step = {"inputs": {"build-vocab": ["vocab.spm"]}}
    verifications.kind_dependencies_are_those_of_the_inputs(kinds(["docker-image", "build-vocab"], step))
    with pytest.raises(Exception, match=r"kind train: kind-dependencies lacks \['build-vocab'\]"):
        verifications.kind_dependencies_are_those_of_the_inputs(kinds(["docker-image"], step))
    with pytest.raises(Exception, match=r"needlessly \['dataset'\]"):
        verifications.kind_dependencies_are_those_of_the_inputs(kinds(["docker-image", "build-vocab", "dataset"], step))


def step(label, outputs, *fetches):
    definition = {"payload": {"env": {"MOZ_FETCHES": {"task-reference": json.dumps(fetches)}}}}
    return make_task(label, attributes={"outputs": outputs}, task_def=definition)


def graph_with_fetch(artifact):
    fetch = {"artifact": f"public/build/{artifact}", "task": "<vocab>"}
    return make_graph(step("vocab", ["vocab.spm"]), step("train", [], fetch), ("train", "vocab", "vocab"))


def verify(graph):
    graph.for_each_task(verifications.fetched_artifacts_are_declared, scratch_pad={}, graph_config=None, parameters=None)


def test_a_fetch_must_be_declared_upstream():
    verify(graph_with_fetch("vocab.spm"))
    with pytest.raises(Exception, match=r"train fetches model\.npz of vocab, which declares vocab\.spm"):
        verify(graph_with_fetch("model.npz"))


def test_an_existing_task_that_the_graph_lacks_is_a_warning(parameters, config, caplog):
    config["existing_tasks"] = {"vocab": "a" * 22, "nowhere": "b" * 22}
    verifications.existing_tasks_are_in_the_graph(None, graph_with_fetch("vocab.spm"), {}, None, parameters)
    assert [record.getMessage() for record in caplog.records] == ["existing_tasks: the graph has no task nowhere"]
