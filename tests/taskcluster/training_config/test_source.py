import pytest
from training_taskgraph.training_config.errors import ConfigErrors
from training_taskgraph.training_config.source import read

ANCHORS = """\
base: &base
  one: 1
  two: [a,
    b]
merged:
  <<: *base
  one: 11
alias: *base
flow: {x: 1,
  y: {z: 2}}
"""


def test_lines() -> None:
    source = read(ANCHORS, "f")
    assert source.data == {
        "base": {"one": 1, "two": ["a", "b"]},
        "merged": {"two": ["a", "b"], "one": 11},
        "alias": {"one": 1, "two": ["a", "b"]},
        "flow": {"x": 1, "y": {"z": 2}},
    }
    places = {
        ("base", "two"): 3,
        ("base", "two", 1): 4,
        ("merged", "two"): 3,
        ("merged", "one"): 7,
        ("alias",): 8,
        ("alias", "one"): 2,
        ("flow", "y", "z"): 10,
        ("flow", "missing"): 9,
        ("missing",): 1,
    }
    assert {path: source.line(path) for path in places} == places


def test_the_first_of_several_merged_mappings_wins() -> None:
    assert read("a: &a {k: 1}\nb: &b {k: 2, l: 3}\nc: {<<: [*a, *b]}", "f").data["c"] == {"k": 1, "l": 3}


def test_a_key_is_what_was_written() -> None:
    assert read("no: 1\n2: 2\n2021-01-01: 3", "f").data == {"no": 1, "2": 2, "2021-01-01": 3}


def test_a_key_that_a_mapping_has_and_merges_is_no_duplicate() -> None:
    assert read(ANCHORS, "f").findings == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: 1\nb: {a: 1, a: 2}\na: 3", [(("b", "a"), "twice (found again on line 2"), (("a",), "twice (found again on line 3")]),
        ("? [a]\n: 1", [(("?",), "not a key")]),
        ("a: !!python/object:os.system {}", [(("a",), "a YAML tag")]),
        ("a: !!set {x, y}", [(("a",), "a YAML tag")]),
        ("a: {<<: 3}", [(("a", "<<"), "nothing to merge")]),
        ("a: &a {b: *a}", [(("a", "b"), "contains itself")]),
        ("a: &a {<<: *a}", [(("a",), "contains itself"), (("a", "<<"), "nothing to merge")]),
        ("a: 2024-02-31", [(("a",), "cannot be read")]),
    ],
)
def test_what_pyyaml_would_swallow(text: str, found: list) -> None:
    findings = read(text, "f").findings
    assert [finding.path for finding in findings] == [path for path, _ in found]
    assert all(part in finding.message for finding, (_, part) in zip(findings, found, strict=True))


@pytest.mark.parametrize(
    ("text", "line"), [("a:\n  b: 'c\n", 2), ("a:\n\tb: 1", 2), ("a: 1\nb\n", 2), ("a: *b", 1), ("a: 1\n---\nb: 1", 2)]
)
def test_lines_of_text_that_is_no_yaml(text: str, line: int) -> None:
    with pytest.raises(ConfigErrors) as caught:
        read(text, "f")
    assert [problem.line for problem in caught.value.problems] == [line]
