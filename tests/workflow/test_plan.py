import pytest

from workflow.graph import read_graph
from workflow.plan import reason, unfinished
from workflow.store import Store


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


def chain(graph_file):
    graph_file.add("dataset-a", "true")
    graph_file.add("merge-a", "true", inputs=["dataset-a"])
    graph_file.add("train-a", "true", inputs=["merge-a"])
    return read_graph(graph_file.write())


def publish(store, graph, label, tmp_path):
    artifacts = tmp_path / "artifacts" / label
    artifacts.mkdir(parents=True)
    (artifacts / "out.txt").write_text(label)
    store.publish(graph[label], graph, artifacts, 1.0)


def labels(tasks):
    return [task.label for task in tasks]


def test_everything_in_order_at_first(graph_file, store):
    graph = chain(graph_file)
    assert labels(unfinished(graph, graph.goals(), store)) == ["dataset-a", "merge-a", "train-a"]


def test_what_only_finished_tasks_needed_is_not_made_again(graph_file, store, tmp_path):
    graph = chain(graph_file)
    publish(store, graph, "merge-a", tmp_path)
    assert labels(unfinished(graph, graph.goals(), store)) == ["train-a"]


def test_reasons(graph_file, store, tmp_path):
    graph = chain(graph_file)
    for label in graph_file.content:
        if label != "train-a":
            publish(store, graph, label, tmp_path)
    graph_file.content.clear()
    graph_file.add("dataset-b", "true")
    graph_file.add("dataset-a", "echo other arguments", version="2")
    graph_file.add("merge-a", "true", inputs=["dataset-a", "dataset-b"])
    graph_file.add("train-a", "true", inputs=["merge-a"])
    changed = read_graph(graph_file.write())
    newest = store.newest()
    assert {task.label: reason(task, changed, newest.get(task.label)) for task in changed.runnable()} == {
        "dataset-a": "arguments changed, script changed",
        "dataset-b": "never run",
        "merge-a": "input dataset-a changed, new input dataset-b",
        "train-a": "never run",
    }
    without = {**newest["merge-a"], "inputs": {**newest["merge-a"]["inputs"], "dataset-z": "0"}}
    assert "input dataset-z is gone" in reason(changed["merge-a"], changed, without)


def test_digest_that_nothing_explains(graph_file, store, tmp_path):
    graph = chain(graph_file)
    publish(store, graph, "dataset-a", tmp_path)
    last = {**store.newest()["dataset-a"], "digest": "f" * 64}
    assert reason(graph["dataset-a"], graph, last) == f"its digest changed from {'f' * 12} to {graph['dataset-a'].digest[:12]}"
