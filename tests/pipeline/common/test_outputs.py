import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.common.outputs import atomic_output, write_json


def test_a_file_appears_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "new/folder/file"
    with atomic_output(path) as partial:
        partial.write_text("content")
        assert not path.exists()
        assert partial.parent == path.parent
    assert path.read_text() == "content"
    assert list(path.parent.iterdir()) == [path]


def test_an_earlier_file_stays_where_writing_fails(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("earlier")
    with pytest.raises(RuntimeError), atomic_output(path) as partial:
        partial.write_text("half")
        raise RuntimeError
    assert path.read_text() == "earlier"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_run_left_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "file"
    code = (
        "import os, signal, pathlib, sys\nfrom pipeline.common.outputs import atomic_output\n"
        "with atomic_output(pathlib.Path(sys.argv[1])) as p:\n    p.write_text('half'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", code, str(path)], env={**os.environ, "PYTHONPATH": str(Path.cwd())})
    assert killed.returncode == -signal.SIGKILL
    assert not path.exists()
    with atomic_output(path) as partial:
        partial.write_text("whole")
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_equal_data_give_equal_json(tmp_path: Path) -> None:
    write_json(tmp_path / "a", {"b": 1, "a": "ü"})
    write_json(tmp_path / "b", {"a": "ü", "b": 1})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert json.loads((tmp_path / "a").read_text()) == {"a": "ü", "b": 1}
    write_json(None, {"nowhere": "to go"})
