from pathlib import Path

import pytest
import yaml

from workflow.errors import WorkflowError
from workflow.workers import Worker, read_workers

PROFILES = Path(__file__).resolve().parents[2] / "workflow" / "profiles"


@pytest.mark.parametrize("profile", sorted(PROFILES.iterdir()), ids=lambda path: path.name)
def test_every_profile_knows_the_worker_aliases_of_the_graph(profile):
    aliases = yaml.safe_load((PROFILES.parents[1] / "taskcluster" / "config.yml").read_text())["step-workers"]
    workers = read_workers(profile / "workers.yml")
    assert set(workers) == set(aliases)
    assert {alias for alias, worker in workers.items() if worker.resources.get("gpu")} == {alias for alias in aliases if "gpu" in alias}


def test_table(tmp_path):
    (tmp_path / "workers.yml").write_text("cpu: {threads: 1}\ngpu: {threads: all, resources: {gpu: 1}}\n")
    assert read_workers(tmp_path / "workers.yml") == {"cpu": Worker(1, {}), "gpu": Worker("all", {"gpu": 1})}


@pytest.mark.parametrize("content", ["", "cpu: 1", "cpu: {cores: 1}", "cpu: [", "- cpu"])
def test_file_that_is_no_table(tmp_path, content):
    (tmp_path / "workers.yml").write_text(content)
    with pytest.raises(WorkflowError, match=r"workers\.yml: no table of ALIAS"):
        read_workers(tmp_path / "workers.yml")
