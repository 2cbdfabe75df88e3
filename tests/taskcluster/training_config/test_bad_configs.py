"""Every config in tests/data/bad-configs gives exactly the errors that stand beside it, as the command prints them."""

from pathlib import Path

import pytest
from training_taskgraph.training_config.__main__ import main

BAD_CONFIGS = Path(__file__).parents[2] / "data/bad-configs"


def test_there_are_bad_configs_and_each_has_its_errors() -> None:
    names = {path.stem for path in BAD_CONFIGS.glob("*.yml")}
    assert len(names) >= 30
    assert names == {path.stem for path in BAD_CONFIGS.glob("*.errors")}


def test_no_two_bad_configs_are_bad_in_the_same_way() -> None:
    def errors(path: Path) -> str:
        return path.read_text(encoding="utf-8").replace(f"{path.stem}.yml", "")

    assert len({errors(path) for path in BAD_CONFIGS.glob("*.errors")}) >= 30


@pytest.mark.parametrize("name", sorted(path.stem for path in BAD_CONFIGS.glob("*.yml")))
def test_bad_config(name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(BAD_CONFIGS)
    assert main([f"{name}.yml"]) == 1
    errors = capsys.readouterr().err
    assert errors == Path(f"{name}.errors").read_text(encoding="utf-8")
    assert all(line.startswith(f"{name}.yml:") for line in errors.splitlines())
