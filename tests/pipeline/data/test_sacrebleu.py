"""Test sets as the package describes them, their archives in the real layouts on a loopback mirror, with MD5 sums of our contents."""

import gzip
import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Callable
from copy import copy
from pathlib import Path

import pytest
from sacrebleu.dataset import DATASETS

from pipeline.common import fetch
from pipeline.common.lines import read_lines
from pipeline.common.script import RetryableError, StepError
from pipeline.data.download import main

WMT19 = "https://data.statmt.org/wmt19/translation-task/test.tgz"
MTEDX = "https://raw.githubusercontent.com/esalesky/mtedx-eval/main/valid.tar.gz"

Serve = Callable[..., None]


@pytest.fixture
def serve(web_server, monkeypatch, tmp_path: Path) -> Serve:
    """Serves a test set's archives, by their addresses; the package expects their MD5 sums."""
    monkeypatch.setenv("SACREBLEU_URL", web_server.address)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(fetch, "WAIT", 0.0)

    def serve(name: str, contents: dict[str, bytes]) -> None:
        test_set = copy(DATASETS[name])
        test_set.md5 = [hashlib.md5(contents[url]).hexdigest() for url in test_set.data]
        monkeypatch.setitem(DATASETS, name, test_set)
        web_server.files |= {path_of(url): content for url, content in contents.items()}

    return serve


def path_of(url: str) -> str:
    return url.removeprefix("https:/")


def tarred(**members: str | bytes) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name, content in members.items():
            data = content if isinstance(content, bytes) else content.encode()
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


def sgm(*segments: str) -> str:
    lines = [f'<seg id="{number}">{segment}</seg>\n' for number, segment in enumerate(segments, 1)]
    return (
        '<srcset setid="newstest2019" srclang="any">\n<doc docid="d" genre="news" origlang="en">\n<p>\n' + "".join(lines) + "</p>\n</doc>\n"
    )


def wmt19(source: str, reference: str) -> bytes:
    return tarred(**{"sgm/newstest2019-ende-src.en.sgm": source, "sgm/newstest2019-ende-ref.de.sgm": reference})


def download(folder: Path, name: str, src: str, trg: str) -> tuple[list[tuple[str, ...]], dict]:
    outputs = [folder / f"out.{src}.zst", folder / f"out.{trg}.zst"]
    arguments = ["--dataset", f"sacrebleu_{name}", "--src", src, "--trg", trg, "--output", *map(str, outputs)]
    main([*arguments, "--statistics", str(folder / "s.json")])
    return list(zip(*map(read_lines, outputs), strict=True)), json.loads((folder / "s.json").read_text())


def test_a_test_set_of_wmt(serve: Serve, web_server, tmp_path: Path):
    long = "w" * (1 << 20)
    content = wmt19(sgm("One \u2028 half", "T\0wo", long, "Four\r"), sgm("Eins", "Zwei", "Drei", "Vier"))
    serve("wmt19", {WMT19: content})
    pairs, statistics = download(tmp_path, "wmt19", "en", "de")
    assert pairs == [("One half", "Eins"), ("Two", "Zwei"), (long, "Drei"), ("Four", "Vier")]
    (source,) = statistics["sources"]
    assert source["url"] == web_server.address + path_of(WMT19)
    assert (source["bytes"], source["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert statistics["pair"] == "en-de" and statistics["citation"].startswith("@proceedings{ws-2019-machine")
    assert {path.name for path in tmp_path.iterdir()} == {"out.en.zst", "out.de.zst", "s.json"}


def test_the_other_direction_where_the_set_has_that_only(serve: Serve, tmp_path: Path):
    names = ("valid/mtedx-valid-elen.el", "valid/mtedx-valid-elen.en")
    serve("mtedx/valid", {MTEDX: tarred(**dict(zip(names, ("ένα\r\nδφ\u2028\n", "one\ntwo\n"), strict=True)))})
    assert download(tmp_path, "mtedx/valid", "el", "en")[0] == [("ένα", "one"), ("δφ", "two")]
    pairs, statistics = download(tmp_path, "mtedx/valid", "en", "el")
    assert pairs == [("one", "ένα"), ("two", "δφ")] and statistics["pair"] == "el-en"


@pytest.mark.parametrize("order", [("A", "B"), ("B", "A")])
def test_the_first_of_several_references_of_a_newer_set(order: tuple[str, str], serve: Serve, tmp_path: Path):
    references = "".join(f'<ref lang="de" translator="{name}"><p><seg id="1">{name} &amp; x</seg></p></ref>' for name in order)
    document = f'<doc origlang="en" id="d"><src lang="en"><p><seg id="1">One</seg></p></src>{references}</doc>'
    systems = '<doc origlang="en" id="t" testsuite="y"><src lang="en"><p><seg id="1">left out</seg></p></src></doc>'
    content = f'<?xml version="1.0" encoding="utf-8"?>\n<dataset id="newstest2021">{document}{systems}</dataset>'
    (url,) = DATASETS["wmt21/systems"].data
    serve("wmt21/systems", {url: tarred(**{"wmt21-news-systems-1.3/xml/newstest2021.en-de.all.xml": content})})
    assert download(tmp_path, "wmt21/systems", "en", "de")[0] == [("One", "A & x")]


def test_two_references_in_files_of_their_own(serve: Serve, tmp_path: Path):
    (url,) = DATASETS["wmt20/tworefs"].data
    names = DATASETS["wmt20/tworefs"].langpairs["de-en"]
    serve("wmt20/tworefs", {url: tarred(**dict(zip(names, (sgm("Eins"), sgm("One"), sgm("Another")), strict=True)))})
    assert download(tmp_path, "wmt20/tworefs", "de", "en")[0] == [("Eins", "One")]


def test_tables_zip_archives_and_files_that_are_no_archive(serve: Serve, tmp_path: Path):
    (url,) = DATASETS["mtnt2019"].data
    serve("mtnt2019", {url: tarred(**{"MTNT2019/en-fr.final.tsv": "1\tx\tOne\tUn\n2\tx\tTwo\tDeux\n"})})
    assert download(tmp_path, "mtnt2019", "en", "fr")[0] == [("One", "Un"), ("Two", "Deux")]

    (url,) = DATASETS["wmt20/robust/set1"].data
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("robustness20-3-sets/robustness20-set1-enja.en", "One\n")
        archive.writestr("robustness20-3-sets/robustness20-set1-enja.ja", "一\n")
    serve("wmt20/robust/set1", {url: file.getvalue()})
    assert download(tmp_path, "wmt20/robust/set1", "en", "ja")[0] == [("One", "一")]

    urls = DATASETS["multi30k/2018"].data
    contents = {url: gzip.compress(f"{url[-5:-3]}\n".encode()) for url in urls[1:]}
    serve("multi30k/2018", {urls[0]: tarred(**{"test_2018_flickr.en": "One\n"}), **contents})
    pairs, statistics = download(tmp_path, "multi30k/2018", "en", "fr")
    assert pairs == [("One", "fr")] and len(statistics["sources"]) == 4


@pytest.mark.parametrize(
    ("name", "pair", "message"),
    [
        ("wmt91", ("en", "de"), "no such test set; it has .*wmt19"),
        ("mtedx/valid", ("en", "de"), "sacrebleu_mtedx/valid has no en-de; it has el-en, .*, ru-en"),
        ("wmt19/google/ar", ("de", "fr"), "has no de-fr; it has en-de"),
    ],
)
def test_what_sacrebleu_does_not_have(name: str, pair: tuple[str, str], message: str, tmp_path: Path):
    with pytest.raises(StepError, match=message):
        download(tmp_path, name, *pair)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (wmt19(sgm("One", "Two"), sgm("Eins")), "ends after 1 lines, but .* goes on"),
        (wmt19("", ""), "the dataset is empty"),
        (tarred(**{"sgm/newstest2019-ende-src.en.sgm": sgm("One")}), "not as sacreBLEU expects .*newstest2019-ende-ref.de.sgm"),
        (tarred(**{"sgm/newstest2019-ende-src.en.sgm": b'<seg id="1">\xff</seg>\n'}), "not as sacreBLEU expects .UnicodeDecodeError"),
        (tarred(**{"../outside": "x"}), "broken .*outside"),
        (wmt19(sgm(*map(str, range(9999))), sgm("Eins"))[:-500], "broken"),
        (b"no archive", "broken"),
    ],
)
def test_archives_that_are_not_as_they_should_be(content: bytes, message: str, serve: Serve, tmp_path: Path):
    serve("wmt19", {WMT19: content})
    with pytest.raises(StepError, match=message):
        download(tmp_path, "wmt19", "en", "de")
    assert not list(tmp_path.glob("out.*"))


def later_version(content: bytearray) -> None:
    content[content.index(b"PK\x01\x02") + 6] = 99


def encrypted(content: bytearray) -> None:
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1


@pytest.mark.parametrize("damage", [later_version, encrypted])
def test_a_zip_archive_that_cannot_be_unpacked(damage: Callable[[bytearray], None], serve: Serve, tmp_path: Path):
    (url,) = DATASETS["wmt20/robust/set1"].data
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("robustness20-3-sets/robustness20-set1-enja.en", "One\n")
    content = bytearray(file.getvalue())
    damage(content)
    serve("wmt20/robust/set1", {url: bytes(content)})
    with pytest.raises(StepError, match="broken"):
        download(tmp_path, "wmt20/robust/set1", "en", "ja")
    assert not list(tmp_path.iterdir())


def test_an_archive_that_is_not_the_one_the_package_knows(serve: Serve, web_server, tmp_path: Path):
    content = wmt19(sgm("One"), sgm("Eins"))
    serve("wmt19", {WMT19: content})
    web_server.files[path_of(WMT19)] = content[:-100]
    with pytest.raises(StepError, match="the MD5 sum is"):
        download(tmp_path, "wmt19", "en", "de")
    web_server.files[path_of(WMT19)] = content
    assert download(tmp_path, "wmt19", "en", "de")[0] == [("One", "Eins")]


def test_trouble_of_the_network(serve: Serve, web_server, tmp_path: Path):
    content = wmt19(sgm(*map(str, range(9999))), sgm(*map(str, range(9999))))
    serve("wmt19", {WMT19: content})
    web_server.answer(500)
    web_server.answer_cut(content, 500)
    assert len(download(tmp_path, "wmt19", "en", "de")[0]) == 9999
    assert web_server.ranges == [None, None, "bytes=500-"]

    web_server.answer(200, b"<html>log in</html>", Content_Type="text/html")
    with pytest.raises(StepError, match="HTML page"):
        download(tmp_path, "wmt19", "en", "de")
    for _ in range(6):
        web_server.answer(503)
    with pytest.raises(RetryableError, match="503"):
        download(tmp_path, "wmt19", "en", "de")
    del web_server.files[path_of(WMT19)]
    with pytest.raises(StepError, match="answered 404"):
        download(tmp_path, "wmt19", "en", "de")


def test_texts_that_a_killed_run_left_half_written_are_made_anew(serve: Serve, tmp_path: Path):
    serve("wmt19", {WMT19: wmt19(sgm("One", "Two"), sgm("Eins", "Zwei"))})
    left = tmp_path / ".out.en.zst.download" / "sacrebleu"
    left.mkdir(parents=True)
    (left / "wmt19.en-de.src").write_text("One\n")
    assert download(tmp_path, "wmt19", "en", "de")[0] == [("One", "Eins"), ("Two", "Zwei")]
