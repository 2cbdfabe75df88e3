"""The config's check of datasets' names and the steps' providers know nothing of each other, and must not disagree."""

import re

import pytest
from training_taskgraph.training_config.datasets import PROVIDERS, Kind
from training_taskgraph.training_config.rules import HPLT_WITHOUT_SCORES

from pipeline.common.data_files import PIPELINE
from pipeline.data.providers import find_provider
from pipeline.data.providers.hplt import RELEASES

COLUMNS: dict[Kind, int] = {"parallel": 2, "evaluation": 2, "mono": 1}
MODULES = {path.stem for path in (PIPELINE / "data" / "providers").glob("*.py")} - {"__init__"}


def test_every_provider_is_known_to_both() -> None:
    assert {prefix.replace("-", "_") for prefix in PROVIDERS} == MODULES


@pytest.mark.parametrize("prefix", PROVIDERS)
def test_what_a_config_may_ask_a_provider_for_is_what_it_has(prefix: str) -> None:
    provider, _ = find_provider(PROVIDERS[prefix].example)
    assert provider.prefix == prefix
    assert set(provider.columns) == {COLUMNS[kind] for kind in PROVIDERS[prefix].forms}


def test_hplt_has_these_releases() -> None:
    form = PROVIDERS["hplt"].forms["mono"]
    names = [f"mono/{version}" for version in RELEASES]
    assert form.text == f"{', '.join(names[:-1])} or {names[-1]}"
    assert all(re.fullmatch(form.pattern, name) for name in names) and not re.fullmatch(form.pattern, "mono/v9.9")
    assert [f"mono/{version}" for version, release in RELEASES.items() if not release.scores] == [HPLT_WITHOUT_SCORES]
