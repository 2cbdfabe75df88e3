from dataclasses import replace

import pytest

from workflow.errors import WorkflowError
from workflow.graph import Graph, Task, read_graph


def task(label, *needed, kind=None, digest="0" * 64, command=("run-task", "--", "true")):
    return Task(
        label=label,
        kind=kind or label.split("-")[0],
        attributes={"cached_task": {"digest": digest}},
        dependencies={f"edge-{number}": name for number, name in enumerate(needed)},
        payload={"command": list(command)} if command else {},
        retries=5,
    )


def labels(tasks):
    return [task.label for task in tasks]


def test_goals_are_what_nobody_with_a_command_waits_for():
    graph = Graph([task("a"), task("b", "a"), task("c", "a"), task("all", "b", "c", command=())])
    assert labels(graph.goals()) == ["b", "c"]


def test_ancestry_has_each_task_once_after_what_it_needs():
    graph = Graph([task("d", "b", "c"), task("c", "a"), task("b", "a"), task("a")])
    assert labels(graph.ancestry([graph["d"]])) == ["a", "b", "c", "d"]


def test_ancestry_of_a_long_chain():
    graph = Graph([task("0"), *(task(str(number), str(number - 1)) for number in range(1, 3000))])
    assert len(labels(graph.ancestry([graph["2999"]]))) == 3000


def test_images_are_nothing_to_run():
    graph = Graph([task("docker-image-base", kind="docker-image"), task("a", "docker-image-base")])
    assert labels(graph.upstream(graph["a"])) == []
    with pytest.raises(WorkflowError, match="nothing to run on a host"):
        graph.goal("docker-image-base")


@pytest.mark.parametrize(
    ("label", "kind", "folder"),
    [
        ("train-teacher-en-it-1", "train-teacher", "train-teacher/en-it-1-0123456789ab"),
        ("all-pipeline", "all-pipeline", "all-pipeline/all-pipeline-0123456789ab"),
        ("dataset-opus-ä/../b {c}", "dataset", "dataset/opus-__.._b__c_-0123456789ab"),
        ("dataset-" + "x" * 240, "dataset", "dataset/" + "x" * 80 + "-0123456789ab"),
    ],
)
def test_folder(label, kind, folder):
    assert str(task(label, kind=kind, digest="0123456789abcdef").folder) == folder


def test_task_without_a_digest():
    with pytest.raises(WorkflowError, match=r"^a: no attributes\.cached_task\.digest"):
        _ = replace(task("a"), attributes={"cached_task": False}).digest


def test_dependency_that_is_not_in_the_graph():
    graph = Graph([task("a", "b")])
    with pytest.raises(WorkflowError, match="no task 'b' in the graph"):
        graph.upstream(graph["a"])


def test_retries_default_to_the_queue_s(tmp_path):
    path = tmp_path / "g.json"
    path.write_text('{"a": {"kind": "a", "attributes": {}, "dependencies": {}, "task": {"payload": {}}}}')
    assert read_graph(path)["a"].retries == 5
