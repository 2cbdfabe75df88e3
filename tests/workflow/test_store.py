import json

import pytest

from workflow.errors import WorkflowError
from workflow.graph import read_graph
from workflow.store import Store


@pytest.fixture
def published(graph_file, tmp_path):
    """(store, graph, task, folder of artifacts) of a task with two outputs, not yet published."""
    graph_file.add("dataset-a", "true", outputs=["out.txt", "sub/size.json"])
    graph = read_graph(graph_file.write())
    artifacts = tmp_path / "artifacts"
    (artifacts / "sub").mkdir(parents=True)
    (artifacts / "out.txt").write_text("text")
    (artifacts / "sub/size.json").write_text("{}")
    (artifacts / "not-declared.txt").write_text("left behind")
    return Store(tmp_path / "store"), graph, graph["dataset-a"], artifacts


def test_entry_has_the_declared_outputs_and_the_manifest(published):
    store, graph, task, artifacts = published
    entry = store.publish(task, graph, artifacts, 1.26)
    assert sorted(str(path.relative_to(entry)) for path in entry.rglob("*") if path.is_file()) == [
        "manifest.json",
        "out.txt",
        "sub/size.json",
        "timing.json",
    ]
    assert store.has(task)
    assert json.loads((entry / "timing.json").read_text()) == {"seconds": 1.3}
    assert store.manifest(task)["artifacts"]["sub/size.json"]["size"] == 2


def test_same_work_gives_the_same_manifest(published, tmp_path):
    store, graph, task, artifacts = published
    first = (store.publish(task, graph, artifacts, 1.0) / "manifest.json").read_bytes()
    again = (Store(tmp_path / "again").publish(task, graph, artifacts, 2.0) / "manifest.json").read_bytes()
    assert first == again


def test_nothing_is_there_when_publishing_is_cut_off(published, monkeypatch):
    store, graph, task, artifacts = published
    with monkeypatch.context() as context:
        context.setattr("pathlib.Path.rename", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            store.publish(task, graph, artifacts, 1.0)
    assert not store.has(task)
    assert store.newest() == {}
    store.publish(task, graph, artifacts, 1.0)
    assert [entry.name for entry in (store.root / "dataset").iterdir()] == [task.folder.name]


def test_artifact_that_is_gone(published):
    store, graph, task, artifacts = published
    entry = store.publish(task, graph, artifacts, 1.0)
    (entry / "out.txt").unlink()
    with pytest.raises(WorkflowError, match=r"out\.txt: sha256 is unreadable .* delete the folder"):
        store.verified(task, "out.txt")


def test_artifact_that_was_never_declared(published):
    store, graph, task, artifacts = published
    store.publish(task, graph, artifacts, 1.0)
    with pytest.raises(WorkflowError, match=r"dataset-a has no artifact 'not-declared\.txt'"):
        store.verified(task, "not-declared.txt")


def test_name_that_the_store_keeps_for_itself(graph_file, tmp_path):
    graph_file.add("dataset-a", "true", outputs=["manifest.json"])
    graph = read_graph(graph_file.write())
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(WorkflowError, match=r"declares manifest\.json"):
        Store(tmp_path / "store").publish(graph["dataset-a"], graph, tmp_path, 1.0)
