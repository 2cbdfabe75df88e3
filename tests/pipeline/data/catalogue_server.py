"""What the providers' servers answer about English and Italian, in the shapes that they have, on a loopback server."""

import json
from importlib.metadata import version
from pathlib import Path

import pytest

from pipeline.common.lines import write_lines
from pipeline.data.catalogues import catalogue
from tests.pipeline.web_server import WebServer

NOWHERE = "http://127.0.0.1:9"  # the port of a service that nobody runs
SERVERS = {"OPUS_API_URL": "/opusapi", "NEWS_CRAWL_URL": "/news-crawl", "HPLT_URL": "", "DDTP_URL": "/debian"}


def corpus(name: str, edition: str, pairs: object, size: object, file: str, source: str = "en", target: str = "it") -> dict[str, object]:
    folder = "mono" if file.endswith(".gz") else "moses"
    return {
        "alignment_pairs": pairs, "corpus": name, "documents": "", "id": 665548, "latest": "True", "preprocessing": folder, "size": size,
        "source": source, "source_tokens": "", "target": target, "target_tokens": "",
        "url": f"https://object.example/OPUS-{name}/{edition}/{folder}/{file}", "version": edition,
    }  # fmt: skip


PARALLEL = [
    corpus("Books", "v1", 32332, 3200, "en-it.txt.zip"),
    corpus("CCMatrix", "v1", 146240000, 9000000, "en-it.txt.zip"),
    corpus("ELRC-1078-EUIPO_law", "v1", "17640", "2100", "en-it.txt.zip"),
    corpus("EUbookshop", "v2", 6000000, 90000, "en-it.strict.txt.zip"),
    corpus("EUbookshop", "v2", 6000000, 700000, "en-it.txt.zip"),
    corpus("NLLB", "v1", 146240000, 1, "en-it.txt.zip"),
    corpus("WMT-News", "v2019", 5000, 400, "en-it.txt.zip"),
    corpus("ada83", "v1", "", "", "en-it.txt.zip"),
]
MONO = {
    language: [
        corpus("Books", "v1", 50000, 2048, f"{language}.txt.gz", language, ""),
        corpus("Books", "v1", 50000, 2048, f"{language}.tok.gz", language, ""),
    ]
    for language in ("en", "it")
}
# A server's list of files, and the row of one: its name twice, and a size in units of 1024.
NEWS_CRAWL = """\
<html><head><title>Index of /news-crawl</title></head><body><table>
<tr><td><img src="/icons/back.gif"></td><td><a href="/news-crawl/">Parent Directory</a></td><td>&nbsp;</td></tr>
{rows}<tr><td><img src="/icons/text.gif" alt="[TXT]"></td><td><a href="README">README</a></td><td align="right">1K</td></tr>
</table></body></html>
"""
NEWS_CRAWL_ROW = (
    '<tr><td valign="top"><img src="/icons/compressed.gif" alt="[   ]"></td><td><a href="{name}">{name}</a></td>'
    '<td align="right">2022-01-14 10:23  </td><td align="right">{size}</td><td>&nbsp;</td></tr>\n'
)
# Entries of the package's index: some of the pair, some of other languages.
MTDATA = [
    {"did": "Statmt-europarl-7-ita-eng"},
    {"did": "Statmt-europarl-10-ita-eng"},
    {"did": "Statmt-europarl-10-deu-eng"},
    {"did": "Statmt-newstest-2009-eng-ita"},
    {"did": "OPUS-books-v1-eng-ita"},
    {"did": "OPUS-ccmatrix-v1-eng-ita"},
    {"did": "OPUS-elrc_1078_euipo_law-v1-eng-ita"},
    {"did": "OPUS-opus100_train-1-eng-ita"},
    {"did": "ELRC-euipo_law-1-eng-ita", "filename": "ELRC_1078.zip"},
    {"did": "ELRC-portal_españa_www.spain.info-1-eng_GB-ita_IT", "filename": "ELRC_2410.zip"},
    {"did": "Tilde-eesc-2017-eng-ita"},
    {"did": "Flores-flores200_dev-1-eng-ita"},
    {"did": "Microsoft-ntrex-128-eng_US-ita"},
    {"did": "Neulab-tedtalks_dev-1-eng-ita"},
    {"did": "Neulab-tedtalks_test-1-eng-ita"},
    {"did": "Leipzig-news-2020-ita"},
    {"did": "OPUS-books-v1-eng-ita_Cyrl"},
]  # fmt: skip


def query(**parameters: str) -> str:
    return "/opusapi/?" + "&".join(f"{name}={value}" for name, value in parameters.items())


def moses(source: str = "en", target: str = "it") -> str:
    return query(source=source, target=target, preprocessing="moses", version="latest")


def mono(language: str) -> str:
    return query(source=language, preprocessing="mono", version="latest")


def answers(entries: list[dict[str, object]]) -> bytes:
    return json.dumps({"corpora": entries}).encode()


def news_crawl(language: str, sizes: dict[int, str]) -> bytes:
    rows = [NEWS_CRAWL_ROW.format(name=f"news.{year}.{language}.shuffled.deduped.gz", size=size) for year, size in sizes.items()]
    return NEWS_CRAWL.format(rows="".join(rows)).encode()


@pytest.fixture
def catalogue_server(web_server: WebServer, debian_archive: Path, monkeypatch: pytest.MonkeyPatch) -> WebServer:
    """Serves all catalogues; Debian's archive has one release."""
    monkeypatch.setattr(catalogue, "WAIT", 0)
    for variable, path in SERVERS.items():
        monkeypatch.setenv(variable, web_server.address + path)
    web_server.files |= {moses(): answers(PARALLEL)}
    for language, code in (("en", "eng_Latn"), ("it", "ita_Latn")):
        files = [f"https://data.example/two/cleaned/{code}/{number}.jsonl.zst" for number in (1, 2, 3)]
        web_server.files |= {
            mono(language): answers(MONO[language]),
            f"/news-crawl/{language}/": news_crawl(language, {2020: "1.5G", 2021: "176M"}),
            f"/two/cleaned/{code}_map.txt": "\n".join(files).encode() + b"\n",
        }
    archived = [path for path in debian_archive.rglob("*") if path.is_file()]
    web_server.files |= {f"/debian/{path.relative_to(debian_archive)}": path.read_bytes() for path in archived}
    return web_server


@pytest.fixture
def unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """No server answers, and the machine's own apt is not asked."""
    monkeypatch.setattr(catalogue, "WAIT", 0)
    monkeypatch.setattr("pipeline.data.translation_index.RETRIES", 0)
    for variable, path in SERVERS.items():
        monkeypatch.setenv(variable, NOWHERE + path)


@pytest.fixture
def catalogue_folder(tmp_path: Path) -> Path:
    """Where catalogues are kept, with an index such as the package mtdata makes."""
    write_lines(tmp_path / "catalogues" / f"mtdata-{version('mtdata')}.jsonl.zst", map(json.dumps, MTDATA))
    return tmp_path / "catalogues"
