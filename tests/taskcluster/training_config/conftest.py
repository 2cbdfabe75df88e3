from pathlib import Path

import pytest

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture
def good_configs() -> Path:
    return DATA / "good-configs"


@pytest.fixture
def minimal(good_configs: Path) -> str:
    """The text of a config that says only what is required."""
    return (good_configs / "minimal.yml").read_text(encoding="utf-8")
