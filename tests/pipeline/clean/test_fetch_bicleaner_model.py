"""With a downloader that has the models which AVAILABLE names, each with one file of weights."""

import hashlib
import io
import json
import tarfile
from pathlib import Path

import pytest

from pipeline.clean import model_download
from pipeline.clean.fetch_bicleaner_model import main
from pipeline.common.lines import open_input
from pipeline.common.script import RetryableError, StepError

DOWNLOADER = """
import os
from pathlib import Path
first, second, _, folder = sys.argv[2:]
if f"{first}-{second}" not in os.environ["AVAILABLE"].split():
    sys.exit("language pack does not exist")
(Path(folder) / ".cache").mkdir()
(Path(folder) / ".cache" / "when").write_text("now")
(Path(folder) / "metadata.yaml").write_text(f"source_lang: {first}\\ntarget_lang: {second}\\n")
(Path(folder) / "weights.h5").write_bytes(f"weights of {first}-{second}".encode())
"""


@pytest.fixture
def fetch(command, tmp_path, monkeypatch):
    """Fetches a model for fr-en or another pair; returns the files of the archive."""
    command("bicleaner-ai-download", DOWNLOADER)
    monkeypatch.setattr(model_download, "WAIT", 0)

    def run(available: str, src: str = "fr", trg: str = "en") -> dict[str, bytes]:
        monkeypatch.setenv("AVAILABLE", available)
        main(["--src", src, "--trg", trg, "--work-dir", "work", "--output", "out/model.tar.zst", "--statistics", "statistics.json"])
        assert list((tmp_path / "work").iterdir()) == []
        return unpacked(tmp_path / "out" / "model.tar.zst")

    return run


def unpacked(path: Path) -> dict[str, bytes]:
    with open_input(path) as stream, tarfile.open(fileobj=io.BytesIO(stream.read())) as archive:
        return {name: archive.extractfile(name).read() for name in archive.getnames()}


@pytest.mark.parametrize(
    ("available", "name", "swapped"),
    [
        pytest.param("fr-en en-fr en-xx", "fr-en", False, id="the pair's own"),
        pytest.param("en-fr en-xx", "en-fr", True, id="that of the reversed pair"),
        pytest.param("en-xx", "en-xx", True, id="English and any other"),
    ],
)
def test_the_best_model_there_is(fetch, tmp_path, available, name, swapped):
    files = fetch(available)
    description = {"name": name, "src": "fr", "trg": "en", "swapped": swapped}
    weights, (source, target) = f"weights of {name}".encode(), name.split("-")
    metadata = f"source_lang: {source}\ntarget_lang: {target}\n".encode()
    assert json.loads(files.pop("model.json")) == description
    assert files == {"model/metadata.yaml": metadata, "model/weights.h5": weights}
    hashes = {"metadata.yaml": hashlib.sha256(metadata).hexdigest(), "weights.h5": hashlib.sha256(weights).hexdigest()}
    assert json.loads((tmp_path / "statistics.json").read_text()) == {"model": description, "files": hashes}


def test_the_same_model_gives_the_same_bytes(fetch, tmp_path):
    fetch("en-fr")
    first = (tmp_path / "out" / "model.tar.zst").read_bytes()
    fetch("en-fr")
    assert (tmp_path / "out" / "model.tar.zst").read_bytes() == first


def test_a_pair_without_a_model(fetch, tmp_path):
    message = r"Bicleaner AI has no full model for fr-it \(tried: fr-it, it-fr, fr-xx, it-xx\); set its thresholds to 0 to do without"
    with pytest.raises(StepError, match=message):
        fetch("en-xx", "fr", "it")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("answer", "message"), [("sys.exit('no route')", "ended with exit code 1"), ("", "brought no metadata.yaml")])
def test_a_download_that_fails_may_be_tried_again(fetch, command, tmp_path, answer, message):
    command("bicleaner-ai-download", answer)
    with pytest.raises(RetryableError, match=f"fr-en: bicleaner-ai-download {message}; gave up after 4 attempts"):
        fetch("fr-en")
    assert len((tmp_path / "bicleaner-ai-download.log").read_text().splitlines()) == 4
