"""The project's own graph configuration and parameters, instead of pytest-taskgraph's made-up ones."""

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from taskgraph.config import load_graph_config
from taskgraph.parameters import Parameters
from taskgraph.transforms import run
from training_taskgraph import training_config
from training_taskgraph.parameters import local_parameters

from tests.taskcluster.containers import containers  # noqa: F401, a fixture
from tests.taskcluster.loopback_client import client, queue  # noqa: F401, fixtures
from tests.taskcluster.loopback_taskcluster import taskcluster_server  # noqa: F401, a fixture

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True, scope="session")
def builders_are_imported_once():
    """Taskgraph imports what builds the payloads of tasks anew for every kind, and to find out for whom, looks through all the modules that
    there are, for each frame of the stack. With a process full of tests, making a graph would take ten times as long."""
    for module in iter_modules(run.__path__, f"{run.__name__}."):
        import_module(module.name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "import_sibling_modules", lambda exceptions: None)
        yield


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
