"""Releases, shards and scores of HPLT; what can go wrong on the way is in test_provider_faults.py."""

import json
from pathlib import Path

import pytest
import zstandard

from pipeline.common.languages import parse_language
from pipeline.common.lines import read_lines
from pipeline.common.script import StepError
from pipeline.common.texts import as_blocks
from pipeline.data.download import main
from pipeline.data.providers.hplt import RELEASES, download, hplt_codes


def documents(*scored: tuple[float, str]) -> bytes:
    return b"".join(json.dumps({"text": text, "doc_scores": [score, 1.0]}).encode() + b"\n" for score, text in scored)


@pytest.fixture
def server(web_server, monkeypatch):
    monkeypatch.setenv("HPLT_URL", f"{web_server.address}/mirror")
    web_server.files = {
        "/mirror/two/cleaned/lvs_Latn_map.txt": b"https://data.hplt-project.org/two/cleaned/lvs_Latn/1.jsonl.zst\nlvs_Latn/2.jsonl.zst\n\n",
        "/mirror/two/cleaned/lvs_Latn/1.jsonl.zst": zstandard.compress(
            documents((8.0, "one\n\ntwo"), (4.9, "three"), (5.0, "four\r\nfive"))
        ),
        "/mirror/two/cleaned/lvs_Latn/2.jsonl.zst": zstandard.compress(documents((9.0, "six\u2028seven\n\ud83d half a character"))),
    }
    return web_server


def test_documents_with_the_least_score(server, tmp_path: Path):
    output, statistics = tmp_path / "mono.lv", tmp_path / "s.json"
    words = ["--dataset", "hplt_mono/v2.0", "--language", "lv", "--output", str(output), "--statistics", str(statistics)]
    main([*words, "--min-document-score", "5"])
    assert list(read_lines(output)) == ["one", "two", "four", "five", "six\u2028seven", "\ufffd\ufffd\ufffd half a character"]
    found = json.loads(statistics.read_text())
    wanted = {"hplt": "lvs_Latn", "shards": 2, "documents-available": 4, "documents-below-score": 1, "licence": "CC0-1.0"}
    assert {key: found[key] for key in wanted} == wanted
    assert found["repaired"] == {"carriage-return": 1, "not-utf-8": 1, "nul": 0}
    assert [Path(source["url"]).name for source in found["sources"]] == ["lvs_Latn_map.txt", "1.jsonl.zst", "2.jsonl.zst"]
    main(words)
    assert json.loads(statistics.read_text())["lines"]["written"] == 7


def test_one_shard_is_on_the_disk_at_a_time(server, tmp_path: Path):
    dataset = download("mono/v2.0", ("lv",), tmp_path)
    seen = [sorted(path.name[17:] for path in tmp_path.glob("*.jsonl.zst")) for _ in dataset.texts()]
    assert seen == [["1.jsonl.zst"], ["2.jsonl.zst"]]
    assert not list(tmp_path.glob("*.jsonl.zst"))


def test_no_document_is_good_enough(server, tmp_path: Path):
    words = ["--dataset", "hplt_mono/v2.0", "--language", "lv", "--output", str(tmp_path / "x")]
    with pytest.raises(StepError, match="the dataset is empty"):
        main([*words, "--min-document-score", "9.5"])


def test_releases(web_server, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("HPLT_URL", web_server.address)
    web_server.files = {
        "/one/monotext/cleaned/hbs_map.txt": b"https://data.hplt-project.org/one/monotext/cleaned/hbs/hbs_1.jsonl.zst\n",
        "/one/monotext/cleaned/hbs/hbs_1.jsonl.zst": zstandard.compress(b'{"text": "jedan\\ndva", "scores": [0.9, 0.1]}\n'),
        "/three/sorted/cmn_Hant.map": b"https://data.hplt-project.org/three/sorted/cmn_Hant/10_1.jsonl.zst\n",
        "/three/sorted/cmn_Hant/10_1.jsonl.zst": zstandard.compress(documents((10, "一"))),
    }
    assert list(as_blocks(download("mono/v1.2", ("sr",), tmp_path).texts())) == [([b"jedan", b"dva"],)]
    assert list(as_blocks(download("mono/v3.0", ("zh_hant",), tmp_path, min_document_score=8.0).texts())) == [(["一".encode()],)]
    with pytest.raises(StepError, match=r"documents of mono/v1\.2 have no scores: set the least score to 0"):
        download("mono/v1.2", ("sr",), tmp_path, min_document_score=5.0)
    with pytest.raises(StepError, match=r"HPLT has no mono/v2\.0 in fin_Latn; there is no file at .*/two/cleaned/fin_Latn_map\.txt"):
        download("mono/v2.0", ("fi",), tmp_path)
    with pytest.raises(StepError, match=r"expected hplt_mono/v1\.2 or hplt_mono/v2\.0 or hplt_mono/v3\.0"):
        download("mono/v9", ("fi",), tmp_path)


@pytest.mark.parametrize("line", [b"https://elsewhere.example/1.jsonl.zst", b"file:///etc/passwd", b"/index.html", b"\xff\x00"])
def test_a_list_that_names_something_else(server, tmp_path: Path, line: bytes):
    server.files["/mirror/two/cleaned/lvs_Latn_map.txt"] = line
    with pytest.raises(StepError, match=r"lvs_Latn_map\.txt: lists '.*'; expected addresses below .* that end with"):
        download("mono/v2.0", ("lv",), tmp_path)


@pytest.mark.parametrize(
    "line", [b"no JSON", b"[1, 2]", b'{"doc_scores": [9]}', b'{"text": 3, "doc_scores": [9]}', b'{"text": "x", "doc_scores": []}']
)
def test_documents_that_are_not_as_expected(server, tmp_path: Path, line: bytes):
    server.files["/mirror/two/cleaned/lvs_Latn/2.jsonl.zst"] = zstandard.compress(line + b"\n")
    with pytest.raises(StepError, match=r"2\.jsonl\.zst: document 4 is not as expected"):
        list(download("mono/v2.0", ("lv",), tmp_path).texts())


def test_codes():
    tags = ("en", "zh", "zh_hant", "ar", "no", "ko")
    assert [hplt_codes(parse_language(tag), RELEASES["v2.0"])[0] for tag in tags] == [
        "eng_Latn", "zho_Hans", "zho_Hant", "arb_Arab", "nob_Latn", "kor_Hang",
    ]  # fmt: skip
    assert hplt_codes(parse_language("ar"), RELEASES["v2.0"]) == ["arb_Arab", "ara_Arab"]
