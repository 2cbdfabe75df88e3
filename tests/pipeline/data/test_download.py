import json
from pathlib import Path

import pytest

from pipeline.common import fetch
from pipeline.common.lines import read_lines, write_lines
from pipeline.common.script import RetryableError, StepError
from pipeline.data.download import main
from tests.pipeline.web_server import send


def download(folder: Path, dataset: str, *words: str) -> tuple[list[tuple[str, ...]], dict]:
    """Downloads parallel text; returns the pairs and the statistics."""
    outputs = [folder / "out.en.zst", folder / "out.it.zst"]
    arguments = ["--dataset", dataset, "--src", "en", "--trg", "it", "--output", *map(str, outputs)]
    main([*arguments, "--statistics", str(folder / "s.json"), *words])
    return list(zip(*map(read_lines, outputs), strict=True)), json.loads((folder / "s.json").read_text())


@pytest.fixture
def numbered(tmp_path: Path) -> str:
    for language in ("en", "it"):
        write_lines(tmp_path / f"corpus.{language}.zst", (f"{language} {number}" for number in range(1000)))
    return f"url_{tmp_path.as_uri()}/corpus.[LANG].zst"


def test_a_capped_sample_is_parallel_in_order_and_the_same_again(numbered: str, tmp_path: Path):
    pairs, statistics = download(tmp_path, numbered, "--max-sentences", "100")
    assert statistics["lines"] == {"available": 1000, "written": 100}
    numbers = [int(src.split()[1]) for src, _ in pairs]
    assert numbers == sorted(set(numbers)) and numbers[-1] > 500
    assert all(trg == f"it {number}" for number, (_, trg) in zip(numbers, pairs, strict=True))
    assert download(tmp_path, numbered, "--max-sentences", "100")[0] == pairs
    assert download(tmp_path, numbered, "--max-sentences", "100", "--seed", "2")[0] != pairs
    assert len(download(tmp_path, numbered, "--max-sentences", "5000")[0]) == 1000


def test_document_scores_are_for_providers_that_have_them(numbered: str, tmp_path: Path):
    with pytest.raises(StepError, match="--min-document-score, but url has no documents with scores"):
        download(tmp_path, numbered, "--min-document-score", "5")


def test_nothing_but_the_output_stays(numbered: str, tmp_path: Path):
    out = tmp_path / "out"
    words = ["--dataset", numbered.replace("[LANG]", "it"), "--language", "it", "--output", str(out / "mono.it.zst")]
    main([*words, "--statistics", str(tmp_path / "s.json")])
    assert [path.name for path in out.iterdir()] == ["mono.it.zst"]
    assert list(read_lines(out / "mono.it.zst")) == [f"it {number}" for number in range(1000)]
    statistics = json.loads((tmp_path / "s.json").read_text())
    assert (statistics["languages"], statistics["lines"]) == (["it"], {"available": 1000, "written": 1000})


def test_over_http_with_provenance(web_server, tmp_path: Path):
    web_server.files |= {"/c.en": b"one\ntwo\xe2\x80\xa8half\nthree\r\n", "/c.it": b"uno\ndue\ntre\n"}
    pairs, statistics = download(tmp_path, f"url_{web_server.address}/c.[LANG]")
    assert pairs == [("one", "uno"), ("two\u2028half", "due"), ("three", "tre")]
    assert [source["url"] for source in statistics["sources"]] == [f"{web_server.address}/c.{language}" for language in ("en", "it")]
    assert statistics["sources"][1]["bytes"] == 12


def test_both_sides_are_of_one_version(web_server, tmp_path: Path, monkeypatch):
    """The first run got but one side, and the corpus changed before the second."""
    monkeypatch.setattr(fetch, "WAIT", 0.001)
    dataset = f"url_{web_server.address}/c.[LANG]"
    web_server.files |= {"/c.en": b"one\ntwo\n", "/c.it": b"uno\ndue\n"}
    for _ in range(fetch.ATTEMPTS):
        web_server.fault("/c.it", lambda handler: send(handler, 503))
    with pytest.raises(RetryableError, match="503"):
        download(tmp_path, dataset)
    web_server.files |= {"/c.en": b"two\none\n", "/c.it": b"due\nuno\n"}
    assert download(tmp_path, dataset)[0] == [("two", "due"), ("one", "uno")]
    assert {path.name for path in tmp_path.iterdir()} == {"out.en.zst", "out.it.zst", "s.json"}


def test_a_key_of_a_mirror_is_not_shown(web_server, tmp_path: Path, monkeypatch, caplog):
    monkeypatch.setattr(fetch, "WAIT", 0.001)
    monkeypatch.setenv("OPUS_URL", web_server.address.replace("//", "//name:secret@"))
    words = ["--dataset", "opus_Books/v1", "--language", "it", "--output", str(tmp_path / "out.it")]
    web_server.answer(503)
    with pytest.raises(StepError, match=r"there is no file at http://127\.0\.0\.1:\d+/OPUS-Books/v1/mono/it\.txt\.gz") as raised:
        main(words)
    web_server.answer(200, b"\x1f\x8b broken")
    with pytest.raises(StepError, match="broken after line 0") as raised_later:
        main(words)
    assert "secret" not in f"{raised.value} {raised_later.value} {caplog.text}"


def test_unequal_sides_leave_no_output(tmp_path: Path):
    write_lines(tmp_path / "c.en", ["one", "two"])
    write_lines(tmp_path / "c.it", ["uno"])
    with pytest.raises(StepError, match="ends after 1 lines"):
        download(tmp_path, f"url_{tmp_path.as_uri()}/c.[LANG]")
    assert not list(tmp_path.glob("out.*"))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--dataset", "nobody_x", "--language", "en", "--output", "x"], "no nobody in providers: ddtp, .*url"),
        (["--dataset", "url_file:///x", "--src", "en", "--output", "x"], "either --src and --trg"),
        (["--dataset", "url_file:///x", "--src", "en", "--trg", "it", "--language", "en", "--output", "x"], "either --src and --trg"),
        (["--dataset", "url_file:///x", "--language", "en", "--output", "x", "y"], "2 files for 1 languages"),
        (["--dataset", "url_file:///x", "--src", "en", "--trg", "it", "--output", "x", "y"], r"\[LANG\]"),
        (["--dataset", "url_file:///x", "--language", "english language", "--output", "x"], "no language tag"),
    ],
)
def test_wrong_arguments(words: list[str], message: str, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StepError, match=message):
        main(words)


def test_an_augmented_copy(numbered: str, tmp_path: Path, caplog):
    upper = numbered.replace("url_", "url_aug-upper_", 1)
    pairs, statistics = download(tmp_path, upper, "--max-sentences", "100")
    assert pairs == [(src.upper(), trg.upper()) for src, trg in download(tmp_path, numbered, "--max-sentences", "100")[0]]
    assert statistics["augmentation"] == {"kind": "upper", "pairs-changed": 100, "pairs-added": 0}
    pairs, statistics = download(tmp_path, numbered.replace("url_", "url_aug-noise_", 1))
    assert statistics["lines"] == {"available": 1000, "written": 2000} and len(pairs) == 2000
    assert not caplog.records
    download(tmp_path, numbered.replace("url_", "url_aug-punct_", 1))
    assert "nothing was changed" in caplog.text
