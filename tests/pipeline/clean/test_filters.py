"""The table of filters: its generated pages, and filter files of ours."""

import json
import re
from pathlib import Path

import jsonschema
import pytest

from pipeline.clean.filter_reference import reference_page
from pipeline.clean.filter_schema import filter_schema
from pipeline.clean.filters import FILTERS, read_filters
from pipeline.common.languages import parse_language
from pipeline.common.script import StepError

ROOT = Path(__file__).resolve().parents[3]
MONO, PAIR = ([parse_language(tag) for tag in tags] for tags in (["en"], ["en", "it"]))


def test_the_schema_is_current():
    """Otherwise: `make fix-all`, or `python -m pipeline.clean.filter_schema > configs/filters/schema.json`."""
    assert json.loads((ROOT / "configs/filters/schema.json").read_text(encoding="utf-8")) == filter_schema()
    jsonschema.Draft7Validator.check_schema(filter_schema())


def test_the_page_is_current():
    """Otherwise: `make fix-all`, or `python -m pipeline.clean.filter_reference > docs/filters.md`."""
    assert (ROOT / "docs/filters.md").read_text(encoding="utf-8") == reference_page()


def test_every_filter_and_parameter_is_on_the_page():
    rows = re.findall(r"^\| `([\w-]+)` \| (?:`(\w+)`)?", reference_page(), re.MULTILINE)
    assert rows == [
        *((name, "") for name in FILTERS),
        *((name, parameter) for name, each in FILTERS.items() for parameter in each.parameters),
    ]
    assert "| `too-long` | `max_words` | 150 | 1 | 1,000,000 |" in reference_page()
    assert "| `numbers` | parallel text |" in reference_page()


CONTENTS = [
    {},
    *({name: value} for name in FILTERS for value in (True, False, {}, None, {"strict": 1})),
    *(
        {name: {parameter: value}}
        for name, each in FILTERS.items()
        for parameter, one in each.parameters.items()
        for value in (one.default, one.minimum, one.maximum, one.minimum - 1, one.maximum + 1, True, "1", None)
    ),
    {"numers": False},
]


@pytest.mark.parametrize("sides", [MONO, PAIR], ids=["mono", "pair"])
def test_cleaning_takes_what_the_schema_allows_and_nothing_else(sides):
    validator = jsonschema.Draft7Validator(filter_schema())
    for content in CONTENTS:
        try:
            read_filters(json.dumps(content), sides)
            taken = True
        except StepError:
            taken = False
        assert taken == validator.is_valid(content), content


def test_what_looks_at_other_text_has_no_effect():
    """So that a corpus can be used as pairs and as monolingual text with one file."""
    content = json.dumps({"numbers": {"tolerated": 2}, "sentences": {"min_characters": 50}, "long-word": {"max_characters": 40}})
    mono, pair = read_filters(content, MONO), read_filters(content, PAIR)
    assert mono.values["sentences"] == {"min_characters": 50} and "numbers" not in mono.values
    assert pair.values["numbers"] == {"min_shared": 0.5, "tolerated": 2} and "sentences" not in pair.values
    assert mono.values["long-word"] == pair.values["long-word"] == {"max_characters": 40}
    assert read_filters(None, PAIR).values["long-word"] == {"max_characters": 80}
