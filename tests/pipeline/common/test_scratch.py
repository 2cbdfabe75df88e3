from pathlib import Path

import pytest

from pipeline.common.scratch import scratch_folder


def test_what_a_failed_run_leaves_is_there_for_the_next(tmp_path: Path):
    output = tmp_path / "out" / "corpus.zst"
    with pytest.raises(RuntimeError), scratch_folder(output, "merge") as folder:
        (folder / "part").write_text("half")
        raise RuntimeError
    with scratch_folder(output, "merge") as folder:
        assert (folder / "part").read_text() == "half"
    assert not folder.exists()


def test_in_a_work_dir(tmp_path: Path):
    with scratch_folder(tmp_path / "corpus.zst", "merge", tmp_path / "work") as folder:
        assert folder.parent == tmp_path / "work"
