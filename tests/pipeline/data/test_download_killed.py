"""A download that is killed in the middle, and run again."""

import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from tests.pipeline.data.test_provider_faults import LAYOUTS, Layout, random_lines
from tests.pipeline.web_server import WebServer, send_file
from tests.working_tree import ROOT


def start(layout: Layout, server: WebServer, folder: Path) -> subprocess.Popen:
    folder.mkdir(exist_ok=True)
    languages = layout.languages
    asked = ["--language", languages[0]] if len(languages) == 1 else ["--src", languages[0], "--trg", languages[1]]
    words = ["--dataset", layout.dataset.replace("{address}", server.address), *asked, "--max-sentences", "900"]
    words += ["--output", *(str(folder / f"out.{language}.zst") for language in languages), "--statistics", str(folder / "s.json")]
    environment = os.environ | {variable: server.address + path for variable, path in layout.environment.items()}
    return subprocess.Popen([sys.executable, "-m", "pipeline.data.download", *words], cwd=ROOT, env=environment, stderr=subprocess.PIPE)


def finish(process: subprocess.Popen) -> None:
    _, log = process.communicate(timeout=120)
    assert process.returncode == 0, log.decode()


def wait_for_part(folder: Path, path: str) -> Path:
    """The file that is being downloaded, once something of it is on the disk."""
    for _ in range(1200):
        for part in folder.rglob(f"*{Path(path).name.partition('?')[0]}.partial"):
            if part.stat().st_size:
                return part
        time.sleep(0.05)
    raise TimeoutError(f"nothing of {path} came")


@pytest.mark.parametrize("name", ["opus", "url", "hplt", "flores", "tmx-pontoon"])
def test_a_run_after_a_kill_goes_on_and_makes_the_same_bytes(name: str, web_server: WebServer, tmp_path: Path):
    layout = LAYOUTS[name]
    web_server.files = layout.files(random_lines(layout.languages, 6000))
    path = max(web_server.files, key=lambda path: len(web_server.files[path]))
    web_server.fault(path, partial(send_file, content=web_server.files[path], pieces=500, pause=0.02))

    process = start(layout, web_server, tmp_path / "killed")
    part = wait_for_part(tmp_path / "killed", path)
    process.kill()
    process.communicate()
    came = part.stat().st_size
    assert 0 < came < len(web_server.files[path])
    assert not list((tmp_path / "killed").glob("out.*"))

    before = len(web_server.paths)
    finish(start(layout, web_server, tmp_path / "killed"))
    requests = list(zip(web_server.paths, web_server.ranges, strict=True))[before:]
    assert [asked for requested, asked in requests if requested == path] == [f"bytes={came}-"]
    finish(start(layout, web_server, tmp_path / "whole"))
    made = [{file.name: file.read_bytes() for file in (tmp_path / folder).iterdir()} for folder in ("killed", "whole")]
    assert made[0] == made[1]
