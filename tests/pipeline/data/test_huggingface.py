"""The packages themselves against a hub on the loopback interface, and the formats of files read without one."""

import gzip
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.common.lines import read_lines
from pipeline.common.script import RETRYABLE_EXIT_CODE, StepError
from pipeline.data.hub_dataset import HubName, parse_name
from pipeline.data.record_files import read_columns
from tests.pipeline.hub_server import TOKEN, Handler, Hub, Repository
from tests.pipeline.web_server import send_file

PROGRAM = Path(__file__).with_name("loopback_download.py")
COMMIT = "c" * 40


def parquet(folder: Path, rows: list[dict], **options: object) -> bytes:
    pq.write_table(pa.Table.from_pylist(rows), folder / "written.parquet", **options)
    return (folder / "written.parquet").read_bytes()


def json_lines(*rows: object) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def run(server: Hub, folder: Path, *datasets: str, **environment: str) -> list[tuple[int, str]]:
    """Downloads in a process of its own, whose home is not to be written to; returns exit codes and logs."""
    command = [sys.executable, str(PROGRAM)]
    for number, dataset in enumerate(datasets):
        languages = ["--src", "en", "--trg", "it"] if dataset.startswith("hfp") else ["--language", "en"]
        place = folder / str(number)
        outputs = [str(place / "out.en"), str(place / "out.it")][: len(languages) // 2]
        command += ["--dataset", dataset, *languages, "--output", *outputs, "--statistics", str(place / "s.json"), "--"]
    home = folder / "home"
    home.mkdir(parents=True, exist_ok=True)
    variables = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    variables |= {"HF_ENDPOINT": server.address, "HOME": str(home), "NO_PROXY": "127.0.0.1", **environment}
    result = subprocess.run(command, capture_output=True, text=True, env=variables)
    assert result.returncode == 0, result.stderr
    assert TOKEN not in result.stdout + result.stderr
    assert not list(home.iterdir())
    return [tuple(json.loads(line)) for line in result.stdout.splitlines()]


def written(folder: Path) -> tuple[list[tuple[str, ...]], dict]:
    """The lines and the statistics of one download; nothing else is left of it."""
    paths = sorted(folder.glob("out.*"))
    assert sorted(folder.iterdir()) == [*paths, folder / "s.json"]
    return list(zip(*map(read_lines, paths), strict=True)), json.loads((folder / "s.json").read_text())


def download(server: Hub, folder: Path, dataset: str, **environment: str) -> tuple[list[tuple[str, ...]], dict]:
    ((code, log),) = run(server, folder, dataset, **environment)
    assert code == 0, log
    return written(folder / "0")


CARD = b"""---
configs:
- config_name: en-it
  data_files:
  - split: train
    path: en-it/train-*
  - split: test
    path: en-it/test.parquet
- config_name: en-fr
  data_files: en-fr/train.parquet
---
Text.
"""


@pytest.fixture
def books(hub: Hub, tmp_path: Path) -> Repository:
    """Parallel text in a subset of two shards, as large datasets of the hub are."""
    first = [
        {"id": 1, "translation": {"en": "one\u2028half", "it": "uno"}},
        {"id": 2, "translation": {"en": "two\nlines", "it": None}},
        {"id": 3, "translation": None},
        {"id": 4, "translation": {"en": "three\r\nlines\0", "it": "tre\rrighe"}},
    ]
    second = [{"id": 5, "translation": {"en": "w" * (1 << 20), "it": "lunga"}}]
    files = {
        "README.md": CARD,
        "en-it/train-00000-of-00002.parquet": parquet(tmp_path, first),
        "en-it/train-00001-of-00002.parquet": parquet(tmp_path, second),
        "en-it/test.parquet": parquet(tmp_path, first[:1]),
        "en-fr/train.parquet": parquet(tmp_path, first[:1]),
    }
    hub.repositories["org/books"] = Repository(files, licence="cc0-1.0", revisions={"main": COMMIT, "v1": COMMIT})
    return hub.repositories["org/books"]


BOOKS = "hfp_org/books:en-it:train:translation.en:translation.it"


def test_parallel_text_of_a_subset_and_a_split(hub: Hub, books: Repository, tmp_path: Path):
    pairs, statistics = download(hub, tmp_path, f"{BOOKS}@v1")
    assert pairs == [("one\u2028half", "uno"), ("three lines", "tre\rrighe"), ("w" * (1 << 20), "lunga")]
    assert {key: statistics[key] for key in ("commit", "subset", "licence", "rows-without-both-sides")} == {
        "commit": COMMIT,
        "subset": "en-it",
        "licence": "cc0-1.0",
        "rows-without-both-sides": 2,
    }
    paths = ["en-it/train-00000-of-00002.parquet", "en-it/train-00001-of-00002.parquet"]
    assert statistics["sources"] == [
        {
            "url": f"{hub.address}/datasets/org/books/resolve/{COMMIT}/{path}",
            "bytes": len(books.files[path]),
            "sha256": hashlib.sha256(books.files[path]).hexdigest(),
        }
        for path in paths
    ]


def test_monolingual_text_of_a_dataset_without_a_card(hub: Hub, tmp_path: Path):
    rows = json_lines({"text": "One.\nTwo.\r\n\n  \nThree\u2028half."}, {"text": None}, {"text": "Four."})
    content = gzip.compress(rows)
    hub.repositories["org/plain"] = Repository({"data/train.jsonl.gz": content, "data/test.jsonl.gz": content})
    ((code, log),) = run(hub, tmp_path, "hf_org/plain:::text")
    assert code == 0, log
    lines, statistics = written(tmp_path / "0")
    assert lines == [("One.",), ("Two.",), ("Three\u2028half.",), ("Four.",)]
    assert (statistics["rows-without-text"], statistics["commit"], statistics["licence"]) == (1, COMMIT, None)
    assert f"no revision is named; this is {COMMIT}" in log


def test_passing_trouble(hub: Hub, books: Repository, tmp_path: Path):
    """Of every request that the packages send, and of the download itself."""
    shard = books.files["en-it/test.parquet"]
    hub.failures = dict.fromkeys(["/revision/", "README.md", "books.py", "/tree/", ".yaml", "infos.json", "test.parquet"], 1)
    hub.answers += [redirect, lambda handler: send_file(handler, shard, 300)]
    ((code, log),) = run(hub, tmp_path, f"{BOOKS.replace('train', 'test')}@v1")
    assert code == 0, log
    assert not [words for words, number in hub.failures.items() if number] and not hub.answers
    assert "from byte 300" in log
    assert len(written(tmp_path / "0")[0]) == 1


def redirect(handler: Handler) -> None:
    handler.resolve("org/books", COMMIT, "en-it/test.parquet", token=False)


def test_what_the_hub_does_not_have_or_does_not_give(hub: Hub, books: Repository, tmp_path: Path):
    text = {"train.jsonl": json_lines({"text": "One."}), "README.md": b"Text.\n"}
    cut = parquet(tmp_path, [{"text": f"line {number}"} for number in range(10_000)])[:-1000]
    hub.repositories |= {
        "org/gated": Repository(text, gated=True),
        "org/private": Repository(text, private=True),
        "org/old": Repository({"old.py": b"import datasets\n", "README.md": b"Old.\n"}),
        "org/empty": Repository({"README.md": b"Empty.\n"}),
        "org/cut": Repository({"train.parquet": cut}),
    }
    expected = {
        "hfp_org/books:en-de:train:a:b": "BuilderConfig 'en-de' not found. Available: ['en-it', 'en-fr']",
        "hfp_org/books::train:a:b": "['en-it', 'en-fr']",
        "hfp_org/books:en-it:dev:a:b@v1": "has no split 'dev' in the subset 'en-it'; it has train, test",
        "hfp_org/books:en-it:test:translation.en:it@v1": "there is no field 'it'; there are id, translation.en, translation.it",
        "hfp_org/books:en-it:test:id:translation.it@v1": "the field 'id' is int64, not text",
        "hf_org/books:en-it:test:text@v9": "the hub has no such revision",
        "hf_org/nothing:::text": "the hub has no such dataset, or it is private: set HF_TOKEN",
        "hf_org/private:::text": "or it is private: set HF_TOKEN",
        "hf_org/gated:::text": "ask there, and set HF_TOKEN",
        "hf_org/old:::text": "no script is run here",
        "hf_org/empty:::text": "org/empty",
        "hf_org/cut:::text": "train.parquet: broken or cut off",
    }
    for (dataset, message), (code, log) in zip(expected.items(), run(hub, tmp_path, *expected), strict=True):
        assert code == 1 and message in log and "Traceback" not in log, (dataset, log)
    hub.answers.append(lambda handler: handler.reply(200, b"<html>log in</html>", Content_Type="text/html"))
    ((code, log),) = run(hub, tmp_path / "html", "hf_org/cut:::text")
    assert code == 1 and "HTML page" in log


def test_datasets_that_a_token_opens(hub: Hub, tmp_path: Path):
    files = {"train.jsonl": json_lines({"text": "One."}), "README.md": b"Text.\n"}
    hub.repositories |= {"org/gated": Repository(files, gated=True), "org/private": Repository(files, private=True)}
    for name in ("gated", "private"):
        lines, statistics = download(hub, tmp_path / name, f"hf_org/{name}:::text@main", HF_TOKEN=TOKEN)
        assert lines == [("One.",)]
        assert statistics["sources"][0]["sha256"] == hashlib.sha256(files["train.jsonl"]).hexdigest()


def test_a_hub_that_is_down_may_be_tried_again(hub: Hub, books: Repository, tmp_path: Path):
    hub.failures = {"/revision/": 10, "README.md": 10**9}
    for code, log in run(hub, tmp_path, f"{BOOKS}@v1", f"{BOOKS}@v1"):
        assert code == RETRYABLE_EXIT_CODE and "gave up after" in log, log


# The formats, read as the packages would: options are theirs.

JSON = SimpleNamespace(field=None, encoding="utf-8")
CSV = SimpleNamespace(
    sep=",",
    quotechar='"',
    quoting=0,
    escapechar=None,
    doublequote=True,
    skipinitialspace=False,
    skiprows=None,
    names=None,
    header="infer",
    encoding=None,
)


def columns(reader: str, content: bytes, fields: list[str], folder: Path, options: object = JSON, suffix: str = "") -> list[tuple]:
    """The rows of a file."""
    path = folder / f"file{suffix}"
    path.write_bytes(content)
    return [row for batch in read_columns(reader, path, options, fields) for row in zip(*batch, strict=True)]


def test_the_options_are_those_of_the_package():
    from datasets.packaged_modules.csv.csv import CsvConfig
    from datasets.packaged_modules.json.json import JsonConfig
    from datasets.packaged_modules.text.text import TextConfig

    for ours, theirs in ((JSON, JsonConfig()), (CSV, CsvConfig())):
        assert vars(ours).items() <= vars(theirs).items()
    assert TextConfig().sample_by == "line"


def test_parquet_of_many_kinds_of_text(tmp_path: Path):
    words = ["one", None, "two\n\u2028\0"]
    kinds = [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())]
    table = pa.table({f"a.{number}": pa.array(words, kind) for number, kind in enumerate(kinds[:2])})
    table = table.append_column("dictionary", pa.array(words).dictionary_encode())
    pq.write_table(table, tmp_path / "t.parquet", row_group_size=2)
    rows = columns("parquet", (tmp_path / "t.parquet").read_bytes(), ["a.0", "a.1", "dictionary"], tmp_path)
    assert rows == [tuple([text and text.encode()] * 3) for text in words]
    invalid = pa.StringArray.from_buffers(1, pa.py_buffer(b"\0\0\0\0\3\0\0\0"), pa.py_buffer(b"a\xffb"))
    pq.write_table(pa.table({"text": invalid}), tmp_path / "t.parquet")
    assert columns("parquet", (tmp_path / "t.parquet").read_bytes(), ["text"], tmp_path) == [(b"a\xffb",)]


def test_json_lines(tmp_path: Path):
    content = b'\xef\xbb\xbf{"t": {"en": "one", "it": "\\ud800uno"}}\n\n{"t": {"en": "tw\xffo \\u2028", "it": null}}\r\n'
    content += b'{"t.en": "three", "x": 1}\n'
    rows = columns("json", content, ["t.en", "t.it"], tmp_path)
    assert rows == [(b"one", b"\xed\xa0\x80uno"), (b"tw\xed\xb3\xbfo \xe2\x80\xa8", None), (b"three", None)]


def test_json_arrays(tmp_path: Path, monkeypatch):
    monkeypatch.setattr("pipeline.data.record_files.READ_SIZE", 7)
    items = [{"text": "one ] } \n"}, {"text": "two"}, {"text": "w" * 50}]
    expected = [(item["text"].encode(),) for item in items]
    for content in (json.dumps(items), "\n  " + json.dumps(items, indent=4) + "\n"):
        assert columns("json", content.encode(), ["text"], tmp_path) == expected
    assert columns("json", b'["one", "two"]', ["text"], tmp_path) == [(b"one",), (b"two",)]
    assert columns("json", b"[]", ["text"], tmp_path) == []
    within = json.dumps({"version": 1, "data": items}).encode()
    assert columns("json", within, ["text"], tmp_path, SimpleNamespace(field="data", encoding="utf-8")) == expected


@pytest.mark.parametrize(
    ("reader", "content", "message"),
    [
        ("json", b'{"a": 1}\n{"a": "x", "b": {"c": 2}}\n', "the field 'a' is int, not text"),
        ("json", b'{"b": {"c": "x"}}\n', "there is no field 'a'; there are b.c"),
        ("json", b'{"a": "x"}\n{"a": \n', "file:2: not JSON"),
        ("json", b'[{"a": "x"}, {"a"', "ends too early"),
        ("csv", b"b,c\n1,2\n", "there is no field 'a'; there are b, c"),
        ("csv", b"", "there is no field 'a'"),
        ("csv", b'a,b\n"x\ny",z\n"v,w\nt,u\n', r"file: the row that begins in line 4 is no CSV \(unexpected end of data\)"),
        ("csv", b"a,b\nx\ry,z\n", r"file: the row that begins in line 2 is no CSV \(new-line character"),
        ("parquet", b"PAR1 and nothing", "broken or cut off"),
        ("webdataset", b"", "read by the module webdataset .*: parquet, json, csv, text"),
    ],
)
def test_what_is_not_there_or_no_text(reader: str, content: bytes, message: str, tmp_path: Path):
    with pytest.raises(StepError, match=message):
        columns(reader, content, ["a"], tmp_path, CSV if reader == "csv" else JSON)


def test_csv(tmp_path: Path):
    long = "w" * 200_000
    content = f'en,n,it\n"One, ""two""\nthree",1,uno\n\n\u2028,2,\nlonely\n{long},3,"tre"\n'.encode() + b"\xff,4,x\n"
    rows = columns("csv", content, ["it", "en"], tmp_path, CSV)
    assert rows[:3] == [(b"uno", b'One, "two"\nthree'), (None, "\u2028".encode()), (None, b"lonely")]
    assert rows[3:] == [(b"tre", long.encode()), (b"x", b"\xed\xb3\xbf")]
    assert columns("csv", b'en,it\r\n"a\rb",c\r\n', ["en", "it"], tmp_path, CSV) == [(b"a\rb", b"c")]
    table = SimpleNamespace(**{**vars(CSV), "sep": "\t", "quoting": 3, "names": ["en", "it"]})
    assert columns("csv", b'"One\tuno"\n', ["en", "it"], tmp_path, table) == [(b'"One', b'uno"')]


def test_lines_of_text(tmp_path: Path):
    options = SimpleNamespace(sample_by="line")
    assert columns("text", gzip.compress(b"one\xe2\x80\xa8\ntwo\r\n"), ["text"], tmp_path, options, ".gz") == [
        (b"one\xe2\x80\xa8",),
        (b"two\r",),
    ]
    with pytest.raises(StepError, match="there is no field 'x'; there are text"):
        columns("text", b"one\n", ["x"], tmp_path, options)
    with pytest.raises(StepError, match="a record is a paragraph there"):
        columns("text", b"one\n", ["text"], tmp_path, SimpleNamespace(sample_by="paragraph"))
    with pytest.raises(StepError, match="broken or cut off"):
        columns("text", gzip.compress(b"one\n" * 1000)[:-9], ["text"], tmp_path, options, ".gz")


@pytest.mark.parametrize(
    ("name", "sides", "expected"),
    [
        ("org/name:sub:split:field@rev", 1, HubName("org/name", "sub", "split", ("field",), "rev")),
        ("org/name:::t.en:t.it@refs/convert/parquet", 2, HubName("org/name", "", "train", ("t.en", "t.it"), "refs/convert/parquet")),
        ("org/name:::text", 1, HubName("org/name", "", "train", ("text",), "")),
    ],
)
def test_names(name: str, sides: int, expected: HubName):
    assert parse_name("hf", name, sides) == expected


@pytest.mark.parametrize(("name", "sides"), [("org/name", 1), ("org/name:::a", 2), ("org/name:::a:b", 1), ("org/name:::a@", 1)])
def test_names_that_are_none(name: str, sides: int):
    with pytest.raises(StepError, match=r"expected hf_ORG/NAME:SUBSET:SPLIT:"):
        parse_name("hf", name, sides)
