"""The ddtp provider on a real apt and an archive of our own."""

import json
import shutil
from pathlib import Path

import pytest

from pipeline.common.lines import read_lines
from pipeline.common.script import RetryableError, StepError
from pipeline.data.download import main
from pipeline.data.providers.ddtp import debian_code, parse_name

TITLES = {
    ("friendly greeter", "saluto amichevole"),
    ("documentation of hello", "documentazione di hello"),
    ("editor of plain text", "editor di testo semplice"),
}
SENTENCES = {
    ("Prints a greeting.", "Stampa un saluto."),
    ("It is small.", "È piccolo."),
    ("Features:", "Funzionalità:"),
    ("colours", "colori"),
    ("sounds of many kinds", "suoni di molti tipi"),
}
needs_apt = pytest.mark.skipif(shutil.which("apt-get") is None, reason="apt is not installed")


@pytest.fixture
def archive(debian_archive: Path, monkeypatch) -> str:
    monkeypatch.setenv("DDTP_URL", debian_archive.as_uri())
    return debian_archive.as_uri()


def pairs_of(dataset: str, folder: Path, languages: tuple[str, str] = ("en", "it")) -> list[tuple[str, ...]]:
    outputs = [folder / f"out.{language}" for language in languages]
    words = ["--src", languages[0], "--trg", languages[1], "--output", *map(str, outputs)]
    main(["--dataset", dataset, *words, "--statistics", str(folder / "statistics.json")])
    return list(zip(*map(read_lines, outputs), strict=True))


@needs_apt
def test_titles_and_sentences(archive: str, tmp_path: Path):
    assert set(pairs_of("ddtp_bookworm/titles", tmp_path)) == TITLES
    assert set(pairs_of("ddtp_bookworm/sentences", tmp_path)) == SENTENCES
    everything = pairs_of("ddtp_bookworm", tmp_path)
    assert set(everything) == TITLES | SENTENCES and len(everything) == len(TITLES | SENTENCES)
    statistics = json.loads((tmp_path / "statistics.json").read_text())
    assert statistics["release"] == "12.0"
    assert [source["url"] for source in statistics["sources"]] == [
        f"{archive}/dists/bookworm/main/i18n/Translation-{language}" for language in ("en", "it")
    ]


@needs_apt
def test_slices_are_disjoint_and_cover_everything(archive: str, tmp_path: Path):
    slices = [pairs_of(f"ddtp_bookworm{part}", tmp_path) for part in ("[:2]", "[2:5]", "[5:]")]
    joined = [pair for pairs in slices for pair in pairs]
    assert [len(pairs) for pairs in slices] == [2, 3, 3]
    assert joined == pairs_of("ddtp_bookworm", tmp_path)
    assert pairs_of("ddtp_bookworm[-3:]", tmp_path) == slices[2]
    with pytest.raises(StepError, match="selects nothing of 8 rows"):
        pairs_of("ddtp_bookworm[8:]", tmp_path)


@needs_apt
def test_monolingual_text_needs_no_translation(archive: str, tmp_path: Path):
    main(["--dataset", "ddtp_bookworm/titles", "--language", "en", "--output", str(tmp_path / "mono.en")])
    assert set(read_lines(tmp_path / "mono.en")) == {src for src, _ in TITLES} | {"never translated"}


@needs_apt
def test_the_archive_may_be_on_a_loopback_server(debian_archive: Path, web_server, tmp_path: Path, monkeypatch):
    files = [path for path in debian_archive.rglob("*") if path.is_file()]
    web_server.files = {f"/debian/{path.relative_to(debian_archive)}": path.read_bytes() for path in files}
    monkeypatch.setenv("DDTP_URL", f"{web_server.address}/debian")
    assert set(pairs_of("ddtp_bookworm/titles", tmp_path)) == TITLES
    with pytest.raises(StepError, match="no release 'sarge'") as raised:
        pairs_of("ddtp_sarge", tmp_path)
    assert not isinstance(raised.value, RetryableError)


@needs_apt
def test_what_the_archive_does_not_have(archive: str, tmp_path: Path):
    with pytest.raises(StepError, match="has no descriptions in 'fi'; it has them in en it"):
        pairs_of("ddtp_bookworm", tmp_path, ("en", "fi"))
    with pytest.raises(StepError, match="no release 'sarge'"):
        pairs_of("ddtp_sarge", tmp_path)


@needs_apt
def test_network_trouble_is_retryable(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("DDTP_URL", "http://127.0.0.1:9/debian")
    monkeypatch.setattr("pipeline.data.translation_index.RETRIES", 0)
    with pytest.raises(RetryableError, match="apt-get update failed"):
        pairs_of("ddtp_bookworm", tmp_path)


def test_names():
    assert parse_name("bookworm/titles[10:-5]").selected == slice(10, -5)
    assert parse_name("trixie").selected == slice(None, None)
    for wrong in ("bookworm/verbs", "bookworm[1]", "bookworm[a:b]", "Bookworm", "../etc", "bookworm[1:2:3]"):
        with pytest.raises(StepError, match="expected ddtp_RELEASE"):
            parse_name(wrong)


def test_languages_go_by_debian_names():
    assert [debian_code(tag) for tag in ("it", "pt_br", "zh", "zh_hant")] == ["it", "pt_BR", "zh_CN", "zh_TW"]
