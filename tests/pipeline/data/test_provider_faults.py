"""What can go wrong between a server and a dataset, tried with every provider of files on a server whose files are laid out as theirs.

A new provider is one more row of LAYOUTS, a new fault one more row of its table.
"""

import gzip
import hashlib
import io
import json
import random
import tarfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
import zstandard

from pipeline.common import fetch as fetching
from pipeline.common.script import RetryableError, StepError
from pipeline.data.download import main
from tests.pipeline.web_server import WebServer, send, send_file

Sides = Sequence[Sequence[bytes]]


def text(lines: Sequence[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)


def zip_of(members: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tar_gz_of(members: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def opus_files(sides: Sides) -> dict[str, bytes]:
    members = {"README": b"Corpus Name: Books\n", "LICENSE": b"Public domain,\nsays the site.\n", "Books.en-it.xml": b"<links/>"}
    members |= {f"Books.en-it.{language}": text(lines) for language, lines in zip(("en", "it"), sides, strict=True)}
    return {"/OPUS-Books/v1/moses/en-it.txt.zip": zip_of(members)}


def flores_files(sides: Sides) -> dict[str, bytes]:
    members = {f"./flores200_dataset/dev/{code}.dev": b"another part\n" for code in ("eng_Latn", "ita_Latn")}
    for code, lines in zip(("eng_Latn", "ita_Latn"), sides, strict=True):
        members[f"./flores200_dataset/devtest/{code}.devtest"] = text(lines)
    return {"/flores200_dataset.tar.gz": tar_gz_of(members)}


def memory(sides: Sides) -> bytes:
    def escaped(line: bytes) -> bytes:
        return line.replace(b"&", b"&amp;").replace(b"<", b"&lt;")

    units = [
        b'<tu><tuv xml:lang="en-US"><seg>' + escaped(src) + b'</seg></tuv><tuv xml:lang="it"><seg>' + escaped(trg) + b"</seg></tuv></tu>\n"
        for src, trg in zip(*sides, strict=True)
    ]
    return (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<tmx version="1.4"><header srclang="en-US"/><body>' + b"".join(units) + b"</body></tmx>"
    )


def hplt_files(sides: Sides) -> dict[str, bytes]:
    """Two shards, three lines a document."""
    [lines] = sides
    documents = []
    for start in range(0, len(lines), 3):
        segments = b"\n".join(lines[start : start + 3]).decode("utf-8", "surrogateescape")
        document = json.dumps({"text": segments, "doc_scores": [8.5, 10, 9], "lang": ["ita_Latn"]}, ensure_ascii=False)
        documents.append(document.encode("utf-8", "surrogateescape"))
    half = len(documents) // 2
    shards = {f"/two/cleaned/ita_Latn/{number}.jsonl.zst": part for number, part in ((1, documents[:half]), (2, documents[half:])) if part}
    listed = [f"https://data.hplt-project.org{path}".encode() for path in shards]
    return {"/two/cleaned/ita_Latn_map.txt": text(listed)} | {path: zstandard.compress(text(part)) for path, part in shards.items()}


@dataclass(frozen=True)
class Layout:
    """A dataset of a provider, and the files that its server would have, by their paths, for the lines of all sides.

    `environment` has paths on the server, or "" for its root. `text`: the sides are texts, of whatever encoding and length. `plain`:
    nothing in the files says that they were cut off. `mended`: reading the format mends lines, which nobody counts.
    """

    dataset: str
    languages: tuple[str, ...]
    files: Callable[[Sides], dict[str, bytes]]
    environment: Mapping[str, str] = field(default_factory=dict)
    licence: str | None = None
    details: Mapping[str, object] = field(default_factory=dict)
    text: bool = True
    plain: bool = False
    mended: bool = False

    @property
    def sides_apart(self) -> bool:
        """Whether the sides may differ in length."""
        return self.text and len(self.languages) > 1


LAYOUTS = {
    "opus": Layout(
        "opus_Books/v1", ("en", "it"), opus_files, {"OPUS_URL": ""}, licence="Public domain, says the site.", details={"opus": "en-it"}
    ),
    "opus-mono": Layout(
        "opus_Books/v1",
        ("it",),
        lambda sides: {"/OPUS-Books/v1/mono/it.txt.gz": gzip.compress(text(sides[0]))},
        {"OPUS_URL": ""},
        details={"opus": "it"},
    ),
    "url": Layout(
        "url_{address}/corpus.[LANG].zst",
        ("en", "it"),
        lambda sides: {
            f"/corpus.{language}.zst": zstandard.compress(text(lines)) for language, lines in zip(("en", "it"), sides, strict=True)
        },
    ),
    "url-plain": Layout("url_{address}/get?file=news", ("it",), lambda sides: {"/get?file=news": text(sides[0])}, plain=True),
    "tmx-pontoon": Layout(
        "tmx_pontoon",
        ("en", "it"),
        lambda sides: {"/translation-memory/it.all-projects.tmx": memory(sides)},
        {"PONTOON_URL": ""},
        details={"units-left-out": 0},
        text=False,
        mended=True,
    ),
    "tmx-address": Layout(
        "tmx_{address}/memory.tmx.gz",
        ("it", "en"),
        lambda sides: {"/memory.tmx.gz": gzip.compress(memory(sides[::-1]))},
        text=False,
        mended=True,
    ),
    "news-crawl": Layout(
        "news-crawl_news.2021",
        ("it",),
        lambda sides: {"/news-crawl/it/news.2021.it.shuffled.deduped.gz": gzip.compress(text(sides[0]))},
        {"NEWS_CRAWL_URL": "/news-crawl"},
    ),
    "hplt": Layout("hplt_mono/v2.0", ("it",), hplt_files, {"HPLT_URL": ""}, licence="CC0-1.0", details={"hplt": "ita_Latn"}, text=False),
    "mtdata": Layout(
        "mtdata_OPUS-books-v1-eng-ita",
        ("en", "it"),
        lambda sides: {f"/object.pouta.csc.fi{path}": content for path, content in opus_files(sides).items()},
        {"MTDATA_URL": ""},
    ),
    "flores": Layout(
        "flores_devtest", ("en", "it"), flores_files, {"FLORES_URL": "/flores200_dataset.tar.gz"}, licence="CC BY-SA 4.0"
    ),
    "ntrex": Layout(
        "ntrex_test",
        ("en", "it"),
        lambda sides: {
            f"/NTREX-128/newstest2019-{name}.txt": text(lines) for name, lines in zip(("src.eng", "ref.ita"), sides, strict=True)
        },
        {"NTREX_URL": "/NTREX-128"},
        licence="CC BY-SA 4.0",
        plain=True,
    ),
}  # fmt: skip


def random_lines(languages: Sequence[str], number: int = 2400, seed: int = 1) -> list[list[bytes]]:
    """Lines of which a file stays larger, compressed, than what a broken connection may lose."""
    generator = random.Random(seed)
    return [[f"{language} {row} è {generator.randbytes(60).hex()}".encode() for row in range(number)] for language in languages]


class Site:
    """A server with the files of a layout, and what is downloaded from it."""

    def __init__(self, layout: Layout, server: WebServer, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.layout, self.server, self.folder = layout, server, folder
        for variable, path in layout.environment.items():
            monkeypatch.setenv(variable, server.address + path)

    def serve(self, sides: Sides) -> dict[str, bytes]:
        self.server.files = self.layout.files(sides)
        return dict(self.server.files)

    def download(self, *words: str) -> tuple[list[list[bytes]], dict]:
        """The lines of all sides, and the statistics."""
        languages = self.layout.languages
        outputs = [self.folder / f"out.{language}" for language in languages]
        asked = ["--language", languages[0]] if len(languages) == 1 else ["--src", languages[0], "--trg", languages[1]]
        dataset = self.layout.dataset.replace("{address}", self.server.address)
        statistics = self.folder / "statistics.json"
        main(["--dataset", dataset, *asked, "--output", *map(str, outputs), "--statistics", str(statistics), *words])
        return [path.read_bytes().split(b"\n")[:-1] for path in outputs], json.loads(statistics.read_text())

    def left(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())


@pytest.fixture(params=LAYOUTS)
def site(request: pytest.FixtureRequest, web_server: WebServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setattr(fetching, "WAIT", 0.001)
    return Site(LAYOUTS[request.param], web_server, tmp_path, monkeypatch)


def test_the_lines_and_where_they_came_from(site: Site):
    lines = random_lines(site.layout.languages, 30)
    files = site.serve(lines)
    found, statistics = site.download()
    assert found == lines
    assert statistics["sources"] == [
        {"url": site.server.address + path.partition("?")[0], "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for path, content in files.items()
    ]
    assert statistics["lines"] == {"available": 30, "written": 30}
    assert statistics["licence"] == site.layout.licence
    assert {key: statistics[key] for key in site.layout.details} == site.layout.details
    assert site.left() == sorted(["statistics.json", *(f"out.{language}" for language in site.layout.languages)])


def cut(server: WebServer, path: str, content: bytes) -> None:
    server.fault(path, partial(send_file, content=content, sent=len(content) * 2 // 3))


def fails_once(status: int, server: WebServer, path: str, content: bytes, **headers: str) -> None:
    server.fault(path, partial(send, status=status, **headers))


def redirected(server: WebServer, path: str, content: bytes) -> None:
    server.files["/moved" + path] = server.files.pop(path)
    server.fault(path, partial(send, status=302, Location=f"{server.address}/moved{path}"))


def trickles(server: WebServer, path: str, content: bytes) -> None:
    server.fault(path, partial(send_file, content=content, pieces=8, pause=0.01))


OVERCOME = {
    "cut in the middle": cut,
    "500 at first": partial(fails_once, 500),
    "429 at first": partial(fails_once, 429, Retry_After="0"),
    "redirect": redirected,
    "trickle": trickles,
}


@pytest.mark.parametrize("fault", OVERCOME)
def test_faults_that_are_overcome(site: Site, fault: str):
    lines = random_lines(site.layout.languages)
    files = site.serve(lines)
    for path, content in files.items():
        OVERCOME[fault](site.server, path, content)
    found, statistics = site.download()
    assert found == lines
    assert [source["sha256"] for source in statistics["sources"]] == [hashlib.sha256(content).hexdigest() for content in files.values()]
    if fault == "cut in the middle":
        went_on = {path: asked for path, asked in zip(site.server.paths, site.server.ranges, strict=True) if asked}
        assert went_on == {path: f"bytes={len(content) * 2 // 3}-" for path, content in files.items()}


def missing(server: WebServer, path: str, content: bytes) -> None:
    del server.files[path]


def page(server: WebServer, path: str, content: bytes) -> None:
    server.files[path] = b"\n<!-- sorry -->\n<!DOCTYPE html>\n<html><body>Please log in.</body></html>"


def empty(server: WebServer, path: str, content: bytes) -> None:
    server.files[path] = b""


def truncated(server: WebServer, path: str, content: bytes) -> None:
    server.files[path] = content[: len(content) * 2 // 3]


def down(server: WebServer, path: str, content: bytes) -> None:
    for _ in range(fetching.ATTEMPTS):
        server.fault(path, partial(send, status=503))


FATAL: dict[str, tuple[Callable[[WebServer, str, bytes], None], type[StepError], str]] = {
    "404": (missing, StepError, "404 Not Found|there is no file at"),
    "HTML page": (page, StepError, "HTML page in place of data"),
    "empty file": (empty, StepError, "the file is empty"),
    "truncated": (truncated, StepError, r"broken|is no whole|well-formed XML .* cut off"),
    "503 for ever": (down, RetryableError, "503 .* gave up after 6 attempts"),
}


@pytest.mark.parametrize("fault", FATAL)
def test_faults_that_end_the_download(site: Site, fault: str):
    install, kind, message = FATAL[fault]
    files = site.serve(random_lines(site.layout.languages, 300))
    # A list of addresses, a line each, tells as little of where it ends as text does.
    compressed = [path for path in files if not path.endswith("_map.txt")]
    paths = list(files) if fault != "truncated" else [] if site.layout.plain else compressed
    for path in paths:
        site.server.files = dict(files)
        install(site.server, path, files[path])
        with pytest.raises(StepError, match=message) as raised:
            site.download()
        assert type(raised.value) is kind
        assert site.server.address + path in str(raised.value)
        assert str(raised.value).startswith(site.layout.dataset.replace("{address}", site.server.address))
        # What may be tried again finds what came so far, and nothing that was wrong.
        assert site.left() == [f".out.{site.layout.languages[0]}.download"] if kind is RetryableError else not site.left()


def encrypted_licence(archive: bytearray) -> None:
    """The name stands behind 30 bytes where the file is, and behind 46 in the directory; each has flags."""
    archive[archive.index(b"LICENSE") - 30 + 6] |= 1
    archive[archive.rindex(b"LICENSE") - 46 + 8] |= 1


def damaged_licence(archive: bytearray) -> None:
    archive[archive.index(b"LICENSE") + len("LICENSE")] ^= 0xFF


@pytest.mark.parametrize("site", ["opus"], indirect=True)
def test_a_damaged_archive_does_not_stay(site: Site):
    lines = random_lines(site.layout.languages, 30)
    [(path, content)] = site.serve(lines).items()
    damaged = bytearray(content)
    damaged[content.index(b"PK\x01\x02") + 6] = 99  # the version of the format
    site.server.files[path] = bytes(damaged)
    with pytest.raises(StepError, match="is no whole zip or tar archive"):
        site.download()
    assert not site.left()
    site.server.files[path] = content
    assert site.download()[0] == lines


@pytest.mark.parametrize("site", ["opus"], indirect=True)
@pytest.mark.parametrize("damage", [encrypted_licence, damaged_licence])
def test_a_corpus_without_a_readable_licence(site: Site, damage: Callable[[bytearray], None]):
    lines = random_lines(site.layout.languages, 30)
    [(path, content)] = site.serve(lines).items()
    damaged = bytearray(content)
    damage(damaged)
    site.server.files[path] = bytes(damaged)
    found, statistics = site.download()
    assert found == lines
    assert statistics["licence"] is None


LINES: dict[str, tuple[bytes, str, str | None]] = {
    "invalid UTF-8": (b"caf\xe9 nero", "caf\ufffd nero", "not-utf-8"),
    "NUL": (b"one\0 two", "one two", "nul"),
    "CRLF": (b"a line of Windows\r", "a line of Windows", "carriage-return"),
    "1 MB": (b"word " * 200_000 + b"end", "word " * 200_000 + "end", None),
    "U+2028": ("one\u2028two\u0085three".encode(), "one\u2028two\u0085three", None),
    "markup": (b"<b>R&D</b> &amp; more", "<b>R&D</b> &amp; more", None),
}


@pytest.mark.parametrize("fault", LINES)
def test_lines_are_mended_and_stay_where_they_are(site: Site, fault: str):
    line, expected, counted = LINES[fault]
    sides = random_lines(site.layout.languages, 20)
    for lines in sides:
        lines[7] = line
    site.serve(sides)
    found, statistics = site.download()
    for lines, wanted in zip(found, sides, strict=True):
        assert lines[7].decode() == expected
        assert lines[:7] + lines[8:] == list(wanted[:7]) + list(wanted[8:])
    repaired = {key: number for key, number in statistics["repaired"].items() if number}
    assert repaired == ({counted: len(sides)} if counted and not site.layout.mended else {})


@pytest.mark.parametrize("site", [name for name in LAYOUTS if LAYOUTS[name].sides_apart], indirect=True)
def test_sides_of_unequal_length(site: Site):
    sides = random_lines(site.layout.languages, 20)
    del sides[1][12:]
    site.serve(sides)
    with pytest.raises(StepError, match=r"127\.0\.0\.1.*: ends after 12 lines, but http.* goes on"):
        site.download()
    assert not site.left()


@pytest.mark.parametrize("site", [name for name in LAYOUTS if LAYOUTS[name].text], indirect=True)
def test_utf_16(site: Site):
    site.serve([[("\ufeff" + "one\ntwo").encode("utf-16-le")] for _ in site.layout.languages])
    with pytest.raises(StepError, match="UTF-16: convert it to UTF-8"):
        site.download()


def test_a_sample_is_the_same_again(site: Site):
    site.serve(random_lines(site.layout.languages, 300))
    found, statistics = site.download("--max-sentences", "40")
    assert statistics["lines"] == {"available": 300, "written": 40}
    assert site.download("--max-sentences", "40")[0] == found
