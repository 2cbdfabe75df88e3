import json
from types import SimpleNamespace

import pytest
from pytest_taskgraph import make_graph, make_task
from training_taskgraph import verifications
from training_taskgraph.training_config import ConfigErrors


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


def verify(graph, existing_tasks=()):
    parameters = {"existing_tasks": dict.fromkeys(existing_tasks, "F" * 22)}
    graph.for_each_task(verifications.fetched_artifacts_are_declared, scratch_pad={}, graph_config=None, parameters=parameters)


def test_a_fetch_must_be_declared_upstream():
    verify(graph_with_fetch("vocab.spm"))
    with pytest.raises(Exception, match=r"train fetches model\.npz of vocab, which declares vocab\.spm"):
        verify(graph_with_fetch("model.npz"))
    verify(graph_with_fetch("model.npz"), existing_tasks=["train"])


@pytest.mark.parametrize(
    ("command", "variable", "message"),
    [
        ("ä" * 65536, "", r"train: the command line has 131,072 bytes, more than the 131,071"),
        ("", "x" * (131_072 - len("CONFIG=")), r"train: CONFIG has 131,072 bytes"),
        ("ä" * 65535 + "x", "x" * (131_071 - len("CONFIG=")), None),
    ],
)
def test_a_program_can_be_started_with_so_much(command, variable, message):
    env = {"CONFIG": variable, "MOZ_FETCHES": {"task-reference": "<a label that is longer than the id of a task>" * 5000}}
    task = make_task(
        "train", attributes={"script": "s"}, task_def={"payload": {"command": ["run-task", "--", "bash", "-c", command], "env": env}}
    )
    if not message:
        verifications.every_step_can_be_started(task, None, {}, None, {})
        return
    with pytest.raises(Exception, match=message):
        verifications.every_step_can_be_started(task, None, {}, None, {})


def test_a_kind_depends_on_what_stands_in_for_its_inputs():
    given = SimpleNamespace(config={"kind-dependencies": ["docker-image"], "tasks": {"t": {"step": {"replaces": ["build-vocab"]}}}})
    built = SimpleNamespace(config={"kind-dependencies": ["docker-image"], "tasks": {"t": {"step": {}}}})
    step = {"inputs": {"build-vocab": ["vocab.spm"]}}

    def all_kinds(*listed):
        return {**kinds(["docker-image", *listed], step), "given-vocab": given, "build-vocab": built}

    verifications.kind_dependencies_are_those_of_the_inputs(all_kinds("build-vocab", "given-vocab"))
    with pytest.raises(Exception, match=r"kind train: kind-dependencies lacks \['given-vocab'\]"):
        verifications.kind_dependencies_are_those_of_the_inputs(all_kinds("build-vocab"))


def test_the_inputs_of_some_configs_count_too():
    step = {"also-when": {"backtranslated": {"inputs": {"build-vocab": ["vocab.spm"]}}}}
    with pytest.raises(Exception, match=r"kind train: kind-dependencies lacks \['build-vocab'\]"):
        verifications.kind_dependencies_are_those_of_the_inputs(kinds(["docker-image"], step))


def test_a_script_must_exist():
    with pytest.raises(Exception, match=r"there is no script pipeline/nowhere\.py"):
        verifications.every_script_can_be_read(kinds([], {"script": "pipeline/nowhere.py"}))


def test_a_wrong_config_in_the_parameters_is_an_error(config):
    verifications.the_training_config_is_right({"training_config": config})
    with pytest.raises(ConfigErrors, match="experiment"):
        verifications.the_training_config_is_right({"training_config": {**config, "experiment": {}}})


def test_an_existing_task_that_the_graph_lacks_is_a_warning(parameters, config, caplog):
    config["existing_tasks"] = {"vocab": "a" * 22, "nowhere": "b" * 22}
    verifications.existing_tasks_are_in_the_graph(None, graph_with_fetch("vocab.spm"), {}, None, parameters)
    assert [record.getMessage() for record in caplog.records] == ["existing_tasks: the graph has no task nowhere"]
