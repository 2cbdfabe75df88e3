"""The project's own graph configuration and parameters, instead of pytest-taskgraph's made-up ones."""

from pathlib import Path

import pytest
from taskgraph.config import load_graph_config
from taskgraph.parameters import Parameters
from training_taskgraph import training_config
from training_taskgraph.parameters import local_parameters

from tests.taskcluster.containers import containers  # noqa: F401, a fixture
from tests.taskcluster.loopback_client import client, queue  # noqa: F401, fixtures
from tests.taskcluster.loopback_taskcluster import taskcluster_server  # noqa: F401, a fixture

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def graph_config():
    return load_graph_config(str(ROOT / "taskcluster"))


@pytest.fixture
def config():
    """The training config of pull requests, checked and with its defaults; a test may change it."""
    return training_config.load_file(ROOT / "configs/ci.yml").config


@pytest.fixture
def parameters(config):
    return dict(Parameters(**local_parameters(config)))
