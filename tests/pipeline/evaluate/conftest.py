from pathlib import Path

import pytest

from tests.pipeline.evaluate.comet_model import comet_files
from tests.pipeline.export.exported_model import exported_model, quantized_model, shortlist

__all__ = ["comet_files", "exported_model", "quantized_model", "shortlist"]


@pytest.fixture(autouse=True)
def comet_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where COMET is looked for: an empty folder, whatever the machine has."""
    folder = tmp_path_factory.mktemp("comet-folder")
    monkeypatch.setenv("COMET_MODEL_DIR", str(folder))
    return folder


@pytest.fixture
def comet(comet_folder: Path, comet_files: tuple[Path, Path]) -> Path:
    """A tiny COMET in that folder; returns its model."""
    folder = comet_folder / "wmt22-comet-da"
    folder.mkdir()
    model, vocab = folder / "model.wmt22-comet-da.bin", folder / "vocab.spm"
    for path, original in zip((model, vocab), comet_files, strict=True):
        path.write_bytes(original.read_bytes())
    return model
