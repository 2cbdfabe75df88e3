import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
KEY = "0" * 40


@pytest.fixture
def environment(tmp_path):
    """Real wandb that writes to this disk only."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("WANDB_")}
    return ours | {
        "PYTHONPATH": str(ROOT),
        "WANDB_API_KEY": KEY,
        "WANDB_MODE": "offline",
        "WANDB_PROJECT": "en-it",
        "WANDB_RUN_GROUP": "spring",
        "WANDB_NAME": "teacher-1",
        "WANDB_RUN_ID": "spring-teacher-1",
        "WANDB_CACHE_DIR": str(tmp_path / "cache"),
        "WANDB_CONFIG_DIR": str(tmp_path / "config"),
        "WANDB_DATA_DIR": str(tmp_path / "data"),
        # On loopback nobody listens there, whatever is asked of the network.
        "WANDB_BASE_URL": "http://127.0.0.1:9",
        "WANDB_ERROR_REPORTING": "false",
    }


@pytest.fixture
def start(tmp_path, environment):
    """Starts a module of ours with constants of it changed, and leaves none running."""
    started = []

    def start(module, *words, changed=(), **variables):
        code = f"import sys, {module} as module\nfor name, value in {dict(changed)!r}.items(): setattr(module, name, value)\nmodule.main()"
        process = subprocess.Popen(
            [sys.executable, "-c", code, *map(str, words)],
            cwd=tmp_path,
            env={**environment, **variables},
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()
