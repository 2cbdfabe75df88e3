import pytest
from pytest_taskgraph import make_task
from training_taskgraph.inputs import Upstream
from training_taskgraph.placeholders import Placeholders


def upstream(*tasks, replaces=()):
    """Of (kind, label, bindings); `replaces` are the kinds that the last of them stands in for."""
    made = [make_task(label, kind, attributes={"bindings": bindings, "replaces": []}) for kind, label, bindings in tasks]
    if replaces:
        made[-1].attributes["replaces"] = list(replaces)
    return Upstream(made)


def labels(tasks, kind, bindings):
    return [task.label for task in tasks.belonging_to(kind, bindings)]


def test_a_task_belongs_to_those_that_share_its_bindings():
    tasks = upstream(
        ("clean", "clean-a", {"dataset": "opus_a"}),
        ("clean", "clean-b", {"dataset": "opus_b"}),
        ("translate", "translate-1-2", {"chunk": 1, "teacher": 2}),
        ("merge", "merge", {}),
    )
    assert labels(tasks, "clean", {"dataset": "opus_b"}) == ["clean-b"]
    assert labels(tasks, "clean", {}) == ["clean-a", "clean-b"]
    assert labels(tasks, "clean", {"chunk": 7}) == ["clean-a", "clean-b"]
    assert labels(tasks, "translate", {"chunk": 1}) == ["translate-1-2"]
    assert labels(tasks, "translate", {"chunk": 2}) == []
    assert labels(tasks, "merge", {"dataset": "opus_b", "chunk": 3}) == ["merge"]


def test_fetches_carry_the_upstream_names_and_the_folder(config):
    tasks = upstream(
        ("dataset", "dataset-a", {"dataset": "flores_dev", "dataset-slug": "flores-dev", "categories": ["devtest"]}),
        ("dataset", "dataset-b", {"dataset": "flores_devtest", "dataset-slug": "flores-devtest", "categories": ["test"]}),
    )
    inputs = {"dataset": [{"artifacts": ["{dataset-slug}.{src}.zst"], "where": {"categories": "test"}, "into": "held-out"}]}
    assert tasks.fetches("merge", inputs, {}, Placeholders(config, {})) == [
        {
            "label": "dataset-b",
            "fetch": {
                "artifact": "public/build/flores-devtest.en.zst",
                "dest": "held-out",
                "extract": False,
                "task": "<dataset-b>",
                "verify-hash": True,
            },
        }
    ]


def test_an_input_that_no_task_makes_is_an_error(config):
    with pytest.raises(Exception, match="merge: no task of kind clean belongs to"):
        upstream().fetches("merge", {"clean": ["corpus.zst"]}, {}, Placeholders(config, {}))


def test_two_artifacts_in_one_place_are_an_error(config):
    tasks = upstream(("train", "train-1", {"teacher": 1}), ("train", "train-2", {"teacher": 2}))
    with pytest.raises(Exception, match=r"public/build/model\.npz of train-2 and of train-1 would be the same file"):
        tasks.fetches("translate", {"train": ["model.npz"]}, {}, Placeholders(config, {}))
    inputs = {"train": [{"artifacts": ["model.npz"], "into": "teacher-{teacher}"}]}
    places = [fetch["fetch"]["dest"] for fetch in tasks.fetches("translate", inputs, {}, Placeholders(config, {}))]
    assert places == ["teacher-1", "teacher-2"]


def test_a_task_that_replaces_another_stands_in_its_place():
    tasks = upstream(
        ("clean", "clean-a", {"dataset": "opus_a"}),
        ("clean", "clean-b", {"dataset": "opus_b"}),
        ("filter", "filter-b", {"dataset": "opus_b", "threshold": 0.5}),
        replaces=["clean"],
    )
    assert labels(tasks, "clean", {}) == ["clean-a", "filter-b"]
    assert labels(tasks, "clean", {"dataset": "opus_b"}) == ["filter-b"]
    assert labels(tasks, "filter", {}) == ["filter-b"]


def test_a_task_may_stand_in_for_a_kind_without_tasks():
    given = upstream(("given-corpus", "given", {"corpus": "parallel"}), replaces=["merge", "align"])
    assert labels(given, "merge", {}) == labels(given, "align", {"chunk": 1}) == ["given"]


def test_datasets_of_one_name_in_two_texts_are_two(config):
    tasks = upstream(
        ("dataset", "dataset-mono-src", {"text": "mono-src", "dataset": "opus_a"}),
        ("dataset", "dataset-parallel", {"text": "parallel", "dataset": "opus_a", "categories": ["test"]}),
    )
    assert labels(tasks, "dataset", {"text": "mono-src", "dataset": "opus_a"}) == ["dataset-mono-src"]
    inputs = {"dataset": [{"artifacts": ["a.{src}.zst"], "where": {"text": "parallel", "categories": "test"}}]}
    fetches = tasks.fetches("merge", inputs, {"text": "mono-src"}, Placeholders(config, {}))
    assert [fetch["label"] for fetch in fetches] == ["dataset-parallel"]
