import pytest

from workflow.environment import WorkFolder, resolve, step_command, step_environment, visible_gpus
from workflow.errors import WorkflowError
from workflow.graph import read_graph


@pytest.fixture
def task(graph_file):
    graph_file.add("dataset-a", "true")
    graph_file.add("merge-a", "echo {braces} <angles>", inputs=["dataset-a"], environment={"WORKSPACE": "12000", "OWN": "payload"})
    return read_graph(graph_file.write())["merge-a"]


def test_command_is_what_follows_the_dashes(task):
    assert step_command(task) == ["bash", "-cx", "echo {braces} <angles>"]


def test_command_without_dashes(task):
    task.payload["command"] = ["echo", "hello"]
    with pytest.raises(WorkflowError, match=r"no '--' in payload\.command"):
        step_command(task)


def test_task_reference(task):
    assert resolve({"task-reference": "<input-0>/x"}, task) == "dataset-a/x"
    with pytest.raises(WorkflowError, match="refers to <decision>, which is none of its dependencies"):
        resolve({"task-reference": "<decision>"}, task)
    with pytest.raises(WorkflowError, match="artifact-reference in the payload"):
        resolve({"artifact-reference": "<input-0/x>"}, task)


def test_payload_goes_before_the_host_and_the_grant_before_both(task, tmp_path):
    environment = step_environment(task, WorkFolder(tmp_path), 2, [], {"OWN": "host", "THREADS": "64", "HOME": "/home", "GPUS": "7"})
    assert (environment["OWN"], environment["HOME"], environment["THREADS"]) == ("payload", "/home", "2")
    assert environment["MOZ_FETCHES_DIR"] == f"{tmp_path}/fetches"


def test_a_worker_s_gpus_are_not_the_host_s(task, tmp_path):
    without = step_environment(task, WorkFolder(tmp_path), 2, [], {"WORKSPACE": "500"})
    assert "GPUS" not in without and "WORKSPACE" not in without
    granted = step_environment(task, WorkFolder(tmp_path), 2, ["0"], {})
    assert (granted["GPUS"], granted["WORKSPACE"]) == ("0", "12000")
    assert step_environment(task, WorkFolder(tmp_path), 2, ["0"], {"WORKSPACE": "500"})["WORKSPACE"] == "500"


@pytest.mark.parametrize(
    ("host", "gpus"),
    [
        ({"GPUS": "0 2"}, ["0", "2"]),
        ({"GPUS": "", "CUDA_VISIBLE_DEVICES": "0"}, []),
        ({"CUDA_VISIBLE_DEVICES": "3,5"}, ["0", "1"]),
        ({"CUDA_VISIBLE_DEVICES": ""}, []),
        ({"PATH": "/nonexistent"}, []),
    ],
)
def test_visible_gpus(host, gpus):
    assert visible_gpus(host) == gpus


def test_gpus_that_the_driver_lists(tmp_path):
    driver = tmp_path / "nvidia-smi"
    driver.write_text("#!/bin/sh\nprintf '0\\n1\\n'\n")
    driver.chmod(0o755)
    assert visible_gpus({"PATH": str(tmp_path)}) == ["0", "1"]
