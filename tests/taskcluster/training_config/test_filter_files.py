"""Filter files of datasets: where they are looked for, how they reach a command, and what is said of wrong ones."""

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from training_taskgraph.training_config import ConfigErrors, filter_files, load
from training_taskgraph.training_config.__main__ import main
from training_taskgraph.training_config.datasets import parse_dataset
from training_taskgraph.training_config.filter_files import SCHEMA, filters_of, read_file, wrong_filters

Write = Callable[..., Path]

BOOKS = parse_dataset("opus_Books/v1")
PLACES = [
    "en-it/opus-Books_v1.yml",
    "en-it/opus-Books_v1.filters.json",
    "opus-Books_v1.yml",
    "opus-Books_v1.filters.json",
    "en-it/default.yml",
    "en-it/default.filters.json",
]
OPUSCLEANERS = {"version": 1, "files": [], "filters": [{"filter": "regexp", "parameters": {"PATTERN": "s/a{2}'\"/b\n/"}, "language": "it"}]}


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes a file of a configs/filters that is empty before."""
    folder = tmp_path / "configs/filters"
    folder.mkdir(parents=True)
    monkeypatch.setattr(filter_files, "FOLDER", folder)

    def write(name: str, text: str | bytes) -> Path:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
        return folder / name

    return write


def content_for(place: str) -> str:
    """A file that says where it is."""
    words = PLACES.index(place) + 1
    if place.endswith(".yml"):
        return f"too-long: {{max_words: {words}}}\n"
    return json.dumps({"version": 1, "filters": [{"filter": "max_length", "parameters": {"MAXLENGTH": words}, "language": None}]})


def compact(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


@pytest.mark.parametrize("first", range(len(PLACES)), ids=PLACES.__getitem__)
def test_the_nearest_file_is_the_dataset_s(write: Write, first: int):
    """Of all files but a second one at the same level, those before `first` are not there."""
    for place in [PLACES[first], *PLACES[first + 2 - first % 2 :: 2]]:
        write(place, content_for(place))
    filters = filters_of(BOOKS, "en-it")
    assert filters is not None and f":{first + 1}}}" in filters


def test_without_a_file_there_are_the_default_filters(write: Write):
    for place in ("en-it/opus-QED_v2.0a.yml", "it-en/opus-Books_v1.yml", "it-en/default.yml", "en/default.yml", "default.yml"):
        write(place, "numbers: false\n")
    assert filters_of(BOOKS, "en-it") is None


def test_monolingual_text_has_the_files_of_its_language(write: Write):
    write("it/default.yml", "sentences: false\n")
    write("it/opus-Books_v1.yml", "quotes: false\n")
    assert filters_of(BOOKS, "it") == '{"quotes":false}'
    assert filters_of(parse_dataset("news-crawl_news.2021"), "it") == '{"sentences":false}'
    assert filters_of(BOOKS, "en") is None


@pytest.mark.parametrize("level", [0, 2, 4])
def test_two_files_at_one_level_are_an_error(write: Write, level: int):
    for place in PLACES[level : level + 2]:
        write(place, content_for(place))
    with pytest.raises(ConfigErrors) as caught:
        filters_of(BOOKS, "en-it")
    first, second = PLACES[level : level + 2]
    assert str(caught.value) == (
        f"configs/filters/{first}: two files for the same datasets (found '{Path(second).name}', allowed: one of them)"
    )


def test_the_slug_is_that_of_labels(write: Write):
    dataset = parse_dataset("url_https://example.org/corpus.[LANG].zst")
    write(f"{dataset.slug}.yml", "language: {min_letters: 40}\n")
    assert filters_of(dataset, "en-it") == '{"language":{"min_letters":40}}'


def test_filters_stay_in_the_order_of_the_file(write: Write):
    write("opus-Books_v1.yml", "numbers: true\nempty: false\ntoo-long:\n  max_words: 9\n  max_characters: 80\n")
    assert filters_of(BOOKS, "en-it") == '{"numbers":true,"empty":false,"too-long":{"max_words":9,"max_characters":80}}'


def test_opuscleaner_s_files_are_taken_as_they_are(write: Write):
    content = {**OPUSCLEANERS, "_": "caffè \U0001f600 {src} <src> \u2028"}
    write("opus-Books_v1.filters.json", "\ufeff" + json.dumps(content, indent="\t"))
    assert filters_of(BOOKS, "en-it") == compact(content)


WRONG = [
    ("en-it/opus-Books_v1.yml", "numbers: [\n", ":2: not YAML: while parsing a flow node"),
    ("en-it/opus-Books_v1.yml", "", ":1: the file is empty (found nothing, allowed: a mapping, such as {})"),
    ("en-it/opus-Books_v1.yml", b"numbers: \xff\n", ":1: not UTF-8 (found byte 0xff"),
    ("en-it/opus-Books_v1.yml", "numbers: false\nnumbers: true\n", ":1: numbers: the key is given twice"),
    ("en-it/opus-Books_v1.yml", "- numbers\n", ":1: not a filter file (found a list of 1 item"),
    (
        "en-it/opus-Books_v1.yml",
        "# too strict\nnumers: false\n",
        ":2: numers: an unknown filter (found 'numers', allowed: the filters of docs/filters.md; did you mean numbers?)",
    ),
    ("opus-Books_v1.yml", json.dumps(OPUSCLEANERS), ":1: filters: a filter file of OpusCleaner (allowed: in a file that"),
    ("opus-Books_v1.yml", "numbers:\n", ":1: numbers: not what a filter is given (found nothing, allowed: false, true, or a mapping"),
    (
        "en-it/default.yml",
        "too-long:\n  max_word: 3\n",
        ":2: too-long.max_word: an unknown parameter (found 'max_word', allowed: max_words, max_characters; did you mean max_words?)",
    ),
    ("opus-Books_v1.yml", "empty: {strict: true}\n", ":1: empty.strict: an unknown parameter (found 'strict', allowed: none: empty is on"),
    ("opus-Books_v1.yml", "too-long: {max_words: 0}\n", ":1: too-long.max_words: out of range (found 0, allowed: a whole number from 1 to"),
    ("opus-Books_v1.yml", "too-long: {max_words: 2.5}\n", ":1: too-long.max_words: not a whole number (found 2.5"),
    ("opus-Books_v1.yml", "few-letters: {min_share: 1.5}\n", ":1: few-letters.min_share: out of range (found 1.5, allowed: a number from"),
    ("opus-Books_v1.yml", "few-letters: {min_share: .nan}\n", ":1: few-letters.min_share: out of range (found NaN"),
    ("opus-Books_v1.yml", "few-letters: {min_share: true}\n", ":1: few-letters.min_share: not a number (found true"),
    ("opus-Books_v1.yml", "few-letters: {min_share: [1]}\n", ":1: few-letters.min_share: not a number (found a list of 1 item"),
    ("opus-Books_v1.filters.json", '{\n"filters": [}', ":2: not JSON: Expecting value"),
    ("opus-Books_v1.filters.json", b'{"filters": ["\xe9"]}', ": not UTF-8: "),
    ("opus-Books_v1.filters.json", '{"filters": ["\\ud800"]}', ": not UTF-8: "),
    ("opus-Books_v1.filters.json", '{"numbers": false}', ": not a filter file of OpusCleaner (found a mapping of 1 key, allowed: an"),
    ("opus-Books_v1.filters.json", '{"filters": {}}', ": not a filter file of OpusCleaner"),
    ("opus-Books_v1.filters.json", "[]", ": not a filter file of OpusCleaner (found a list of 0 items"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "message"), WRONG)
def test_what_is_wrong_with_a_file_is_said_with_its_place(write: Write, name: str, text: str | bytes, message: str):
    write(name, text)
    with pytest.raises(ConfigErrors) as caught:
        filters_of(BOOKS, "en-it")
    assert str(caught.value).startswith(f"configs/filters/{name}{message}")
    assert len(str(caught.value).splitlines()) == 1


def test_all_that_is_wrong_is_said_at_once(write: Write):
    write("opus-Books_v1.yml", "numers: false\ntoo-long: {max_words: 0, max_chars: 3}\n")
    with pytest.raises(ConfigErrors) as caught:
        filters_of(BOOKS, "en-it")
    assert {problem.key for problem in caught.value.problems} == {"numers", "too-long.max_words", "too-long.max_chars"}


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"numbers": False, "empty": True},
        {"too-long": {"max_words": 1, "max_characters": 1_000_000}},
        {"few-letters": {"min_share": 0}},
        {"numers": False},
        {"numbers": None},
        {"numbers": 0},
        {"empty": {"strict": True}},
        {"too-long": {"max_words": 0}},
        {"too-long": {"max_words": 1_000_001}},
        {"too-long": {"max_words": "9"}},
        {"few-letters": {"min_share": 1.01}},
        {"few-letters": {"min_share": None}},
        [],
    ],
)
def test_the_check_and_the_schema_agree(content: object):
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    valid = jsonschema.Draft7Validator(schema).is_valid(content)
    assert (not list(wrong_filters(content))) == valid


def test_the_files_of_the_project_are_right():
    files = [file for ending in ("*.yml", "*.filters.json") for file in filter_files.FOLDER.rglob(ending)]
    assert files
    for file in files:
        assert read_file(file)


def config_of(minimal: str, mode: str) -> str:
    return minimal.replace("  best-model:", f"  opuscleaner-mode: {mode}\n  best-model:").replace(
        "  train:\n", "  mono-trg: [news-crawl_news.2021]\n  train:\n    - opus_Books/v1\n    - opus_QED/v2.0a\n"
    )


def test_a_config_with_a_wrong_filter_file_is_refused(write: Write, minimal: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Once, for however many datasets the file is, and with what is wrong in other files."""
    write("en-it/default.yml", "\nnumers: false\n")
    write("it/news-crawl-news.2021.filters.json", "[")
    config = tmp_path / "c.yml"
    config.write_text(config_of(minimal, "custom"))
    line = config.read_text().splitlines().index("  opuscleaner-mode: custom") + 1
    assert main([str(config)]) == 1
    assert [text.removeprefix(f"{config}:{line}: experiment.opuscleaner-mode: ") for text in capsys.readouterr().err.splitlines()] == [
        "a filter file is wrong: configs/filters/en-it/default.yml:2: numers: an unknown filter (found 'numers', "
        "allowed: the filters of docs/filters.md; did you mean numbers?)",
        "a filter file is wrong: configs/filters/it/news-crawl-news.2021.filters.json:1: not JSON: Expecting value",
    ]


def test_a_file_that_is_named_like_a_dataset_s_is_warned_of(write: Write, minimal: str):
    write("en-it/opus-Books_v1.yml", "numbers: false\n")
    write("en-it/opus-QED_v2.0b.filters.json", "{")
    write("en-it/opus-QED_v2.0a.yaml", "{}")
    write("it/defaults.yml", "{}")
    allowed = "allowed: the slug of a dataset, with the ending .yml or .filters.json"
    assert [problem.message for problem in load(config_of(minimal, "custom"), "f").warnings] == [
        f"a filter file that cleans no dataset (found 'configs/filters/{found}', {allowed}; did you mean {meant}?)"
        for found, meant in [
            ("en-it/opus-QED_v2.0a.yaml", "opus-QED_v2.0a.yml"),
            ("en-it/opus-QED_v2.0b.filters.json", "opus-QED_v2.0a.filters.json"),
            ("it/defaults.yml", "default.yml"),
        ]
    ]
    assert load(config_of(minimal, "defaults"), "f").warnings == []


def test_files_of_other_datasets_and_of_no_use_are_not_looked_at(write: Write, minimal: str):
    write("en-it/opus-GNOME_v1.yml", "numers: false\n")
    assert load(config_of(minimal, "custom"), "f").warnings == []
    write("en-it/default.yml", "numers: false\n")
    assert load(config_of(minimal, "defaults"), "f").warnings == []


def test_a_config_whose_language_is_wrong_has_that_error_alone(write: Write, minimal: str):
    write("it/default.yml", "numers: false\n")
    with pytest.raises(ConfigErrors) as caught:
        load(config_of(minimal, "custom").replace("trg: it", "trg: [it]"), "f")
    assert [problem.key for problem in caught.value.problems] == ["experiment.trg"]
