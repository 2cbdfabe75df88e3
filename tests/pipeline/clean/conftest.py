"""Stand-ins for the commands of Bicleaner AI and Monocleaner: what they are told and what they answer, without their models."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Puts a command of a name on PATH that runs the Python code; it appends its arguments to NAME.log in the current folder."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    monkeypatch.chdir(tmp_path)

    def put(name: str, code: str) -> None:
        log = f"import sys\nwith open('{name}.log', 'a') as log:\n    print(*sys.argv[1:], file=log)\n"
        (folder / name).write_text(f"#!{sys.executable}\n{log}{code}")
        (folder / name).chmod(0o755)

    return put
