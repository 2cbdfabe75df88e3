"""Configs of earlier formats, each with the config that it becomes and with all that is said about it, through the command itself."""

from pathlib import Path

import pytest
import yaml
from training_taskgraph.migrate_config import main
from training_taskgraph.training_config.errors import ConfigErrors
from training_taskgraph.training_config.loading import load_file
from training_taskgraph.training_config.migration import forms_in
from training_taskgraph.training_config.yaml_text import comments

DATA = Path(__file__).parents[1] / "data"
OLDER = sorted(DATA.glob("older-configs/*.yml"))
NAMES = [path.stem for path in OLDER]
# Configs with something that no program can decide.
UNFINISHED = {"for-a-person", "shared-model"}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Files are named from here, so that what is said is the same everywhere."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def migrated(path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, bytes, str]:
    """The exit status, the file that was written, and everything that was said."""
    old, new = Path(path.name), Path(f"new-{path.name}")
    old.write_bytes(path.read_bytes())
    status = main([str(old), str(new)])
    out, err = capsys.readouterr()
    return status, new.read_bytes(), out + err


@pytest.mark.parametrize("path", OLDER, ids=NAMES)
def test_an_older_config_becomes_what_stands_beside_it(path, capsys):
    status, written, said = migrated(path, capsys)
    assert written.decode() == path.with_suffix(".migrated").read_text()
    assert said == path.with_suffix(".output").read_text()
    assert status == (1 if path.stem in UNFINISHED else 0)


@pytest.mark.parametrize("path", OLDER, ids=NAMES)
def test_what_was_migrated_is_not_changed_again(path, capsys):
    Path("once.yml").write_bytes(migrated(path, capsys)[1])
    status, written, said = migrated(Path("once.yml"), capsys)
    assert written == Path("once.yml").read_bytes()
    assert status or "changed:" not in said


@pytest.mark.parametrize("path", [path for path in OLDER if path.stem not in UNFINISHED], ids=lambda path: path.stem)
def test_no_older_form_and_no_unsaid_loss_remains(path, capsys):
    assert forms_in(yaml.safe_load(path.read_text()))
    _, written, said = migrated(path, capsys)
    assert forms_in(yaml.safe_load(written)) == []
    load_file(f"new-{path.name}")
    kept = [comment for _, comment in comments(written.decode())]
    for line, comment in comments(path.read_text()):
        assert comment in kept or f"{path.name}:{line}: a comment that has no place any more: {comment}" in said


@pytest.mark.parametrize(
    "path", sorted([*DATA.glob("good-configs/*.yml"), *DATA.parents[1].glob("configs/*.yml")]), ids=lambda path: path.stem
)
def test_a_config_of_todays_form_is_copied(path, capsys):
    status, written, said = migrated(path, capsys)
    assert (status, written) == (0, path.read_bytes())
    assert "changed:" not in said


@pytest.mark.parametrize("path", sorted(DATA.glob("bad-configs/*.yml")), ids=lambda path: path.stem)
def test_a_config_that_is_wrong_in_other_ways_stays_wrong_in_those(path, capsys):
    """Whatever stands in a file, it is either migrated or copied, with its errors told; or nothing is written where it is no YAML."""
    old, new = Path(path.name), Path("new.yml")
    old.write_bytes(path.read_bytes())
    status = main([str(old), str(new)])
    with pytest.raises(ConfigErrors) as before:
        load_file(old)
    if status == 0:
        assert load_file(new)
        assert all("an older form" in problem.message or problem.key == "experiment" for problem in before.value.problems)
    else:
        assert capsys.readouterr().err
        assert new.exists() != any(
            "not YAML" in p.message or "not UTF-8" in p.message or "file is empty" in p.message for p in before.value.problems
        )


def test_an_existing_file_is_not_overwritten(capsys):
    Path("old.yml").write_bytes(OLDER[0].read_bytes())
    Path("new.yml").write_text("precious")
    assert main(["old.yml", "new.yml"]) == 1
    assert Path("new.yml").read_text() == "precious"
    assert capsys.readouterr().err == "new.yml: exists already, and is not overwritten; name another file\n"


def test_a_config_that_is_missing_is_named(capsys):
    assert main(["old.yml", "new.yml"]) == 1
    assert capsys.readouterr().err == "old.yml: no such file or directory\n"
    assert not Path("new.yml").exists()


@pytest.mark.parametrize("path", OLDER, ids=NAMES)
def test_line_ends_of_other_systems_make_no_difference(path, tmp_path, capsys):
    other = tmp_path / "other.yml"
    other.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    _, written, _ = migrated(other, capsys)
    assert yaml.safe_load(written) == yaml.safe_load(path.with_suffix(".migrated").read_text())
