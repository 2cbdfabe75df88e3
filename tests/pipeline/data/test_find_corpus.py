"""The script as a whole: what it prints, what it keeps, and what it does where providers cannot be asked."""

import json
import logging
import re
import shutil
from datetime import datetime
from pathlib import Path

import pytest

from pipeline.common.script import StepError
from pipeline.data.catalogues import cache
from pipeline.data.find_corpus import main
from tests.pipeline.data.catalogue_server import PARALLEL, answers, moses, news_crawl

needs_apt = pytest.mark.skipif(shutil.which("apt-get") is None, reason="apt is not installed")
NETWORKED = {"opus", "news-crawl", "hplt", "ddtp"}


class Clock(datetime):
    """A day on which catalogues are fetched."""

    day = "2026-01-02"

    @classmethod
    def now(cls, tz=None):
        return datetime.fromisoformat(cls.day).replace(tzinfo=tz)


@pytest.fixture(autouse=True)
def clock(monkeypatch) -> type[Clock]:
    monkeypatch.setattr(Clock, "day", "2026-01-02")
    monkeypatch.setattr(cache, "datetime", Clock)
    return Clock


def found(capsys, folder: Path, *words: str, src: str = "en", trg: str = "it") -> dict:
    main(["--src", src, "--trg", trg, "--json", "--catalogues", str(folder), *words])
    return json.loads(capsys.readouterr().out)


def table(capsys, folder: Path, *words: str) -> str:
    main(["--src", "en", "--trg", "it", "--catalogues", str(folder), *words])
    return capsys.readouterr().out


def names(listing: dict, kind: str) -> list[str]:
    return [dataset["name"] for dataset in listing["datasets"] if dataset["kind"] == kind]


@needs_apt
def test_json_lists_everything_the_largest_first(catalogue_server, catalogue_folder: Path, capsys, caplog):
    listing = found(capsys, catalogue_folder)
    assert (listing["src"], listing["trg"]) == ("en", "it")
    assert names(listing, "parallel")[:5] == [
        "opus_CCMatrix/v1", "opus_NLLB/v1", "opus_EUbookshop/v2", "opus_Books/v1", "opus_ELRC-1078-EUIPO_law/v1",
    ]  # fmt: skip
    assert {"ddtp_bookworm", "opus_ada83/v1", "mtdata_Statmt-europarl-10-ita-eng"} <= set(names(listing, "parallel"))
    assert names(listing, "evaluation")[:3] == ["opus_WMT-News/v2019", "ntrex_test", "flores_devtest"]
    expected = ["opus_Books/v1", "news-crawl_news.2020", "news-crawl_news.2021", "ddtp_bookworm", "hplt_mono/v2.0"]
    assert names(listing, "mono-src") == expected and names(listing, "mono-trg") == expected
    assert listing["datasets"][3] == {
        "name": "opus_Books/v1", "kind": "parallel", "sentences": 32332, "bytes": 3276800, "remark": "", "duplicate-of": None,
    }  # fmt: skip
    assert {asked["provider"] for asked in listing["catalogues"] if asked["date"]} == NETWORKED
    assert not [asked for asked in listing["catalogues"] if asked["problem"]] and not caplog.records
    assert found(capsys, catalogue_folder, "--refresh") == listing


@needs_apt
def test_the_other_direction_swaps_the_sides(catalogue_server, catalogue_folder: Path, capsys):
    there, back = found(capsys, catalogue_folder), found(capsys, catalogue_folder, src="it", trg="en")
    requests = len(catalogue_server.ranges)
    assert names(back, "parallel") == names(there, "parallel")
    catalogue_server.files["/news-crawl/it/"] = news_crawl("it", {2019: "2M"})
    back = found(capsys, catalogue_folder, "--refresh", src="it", trg="en")
    assert "news-crawl_news.2019" in names(back, "mono-src") and "news-crawl_news.2019" not in names(back, "mono-trg")
    assert len(catalogue_server.ranges) > requests


@needs_apt
def test_a_table_for_people(catalogue_server, catalogue_folder: Path, capsys):
    printed = table(capsys, catalogue_folder)
    first, *_, asked = printed.split("\n\n")
    assert re.match(
        r"Parallel text to train on: 9 sets, 152,289,972 sentences in the 4 of known size, 722\.2 MB to download in 4$", first, re.M
    )
    rows = [line.split() for line in first.splitlines()]
    assert rows[1:5] == [
        ["dataset", "sentences", "download"],
        ["opus_NLLB/v1", "146,240,000", "unknown"],
        ["opus_EUbookshop/v2", "6,000,000", "716.8", "MB"],
        ["opus_Books/v1", "32,332", "3.3", "MB"],
    ]
    # Numbers end below each other.
    assert len({re.match(r"  \S+ +\S+", line).end() for line in first.splitlines()[1:-1]}) == 1
    assert first.endswith("\n  and 7 with the text of these, or an older version of it, which --all lists")
    assert re.search(r"^  news-crawl_news\.2020 +unknown +1\.6 GB$", printed, re.M)
    assert "\nMonolingual text, it: 5 sets, " in printed
    assert f"\n  opus: {catalogue_server.address}/opusapi, as of 2026-01-02\n" in asked
    assert "mtdata_OPUS-books-v1-eng-ita" not in printed
    assert re.search(
        r"^  mtdata_OPUS-books-v1-eng-ita +unknown +unknown  as opus_Books/v1$", table(capsys, catalogue_folder, "--all"), re.M
    )


@needs_apt
def test_catalogues_are_kept_until_they_are_refreshed(catalogue_server, catalogue_folder: Path, capsys, clock):
    first = found(capsys, catalogue_folder)
    asked = len(catalogue_server.ranges)
    clock.day = "2026-03-04"
    catalogue_server.files[moses()] = answers(PARALLEL[:1])
    assert found(capsys, catalogue_folder) == first
    assert len(catalogue_server.ranges) == asked
    again = found(capsys, catalogue_folder, "--refresh")
    assert {catalogue["date"] for catalogue in again["catalogues"]} == {"2026-03-04", ""}
    assert [name for name in names(again, "parallel") if name.startswith("opus_")] == ["opus_Books/v1"]
    assert not [path for path in catalogue_folder.iterdir() if path.name.startswith(".")]


@needs_apt
def test_another_host_is_another_catalogue(catalogue_server, catalogue_folder: Path, capsys, monkeypatch, clock):
    found(capsys, catalogue_folder)
    clock.day = "2026-03-04"
    monkeypatch.setenv("HPLT_URL", catalogue_server.address.replace("127.0.0.1", "localhost"))
    dates = {catalogue["provider"]: catalogue["date"] for catalogue in found(capsys, catalogue_folder)["catalogues"]}
    assert (dates["hplt"], dates["opus"]) == ("2026-03-04", "2026-01-02")


def test_offline_there_is_a_warning_for_each_provider(unreachable, catalogue_folder: Path, capsys, caplog):
    listing = found(capsys, catalogue_folder)
    warnings = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert {warning.split(":")[0] for warning in warnings} == NETWORKED and len(warnings) == len(NETWORKED)
    for warning in warnings:
        assert "; nothing of it is listed; " in warning and "\n" not in warning
    assert any(re.search(r"^opus: http://127.0.0.1:9/opusapi/.* refused; .*; try again .*OPUS_API_URL$", warning) for warning in warnings)
    assert names(listing, "evaluation")[:3] == ["ntrex_test", "flores_devtest", "flores_dev"]
    assert [name for name in names(listing, "parallel") if not name.startswith("mtdata_")] == []
    assert all(catalogue["problem"] for catalogue in listing["catalogues"] if catalogue["provider"] in NETWORKED)


@needs_apt
def test_offline_what_was_kept_is_listed_with_its_date(catalogue_server, catalogue_folder: Path, capsys, caplog, clock):
    online = found(capsys, catalogue_folder)
    catalogue_server.files = {}
    clock.day = "2026-03-04"
    for _ in range(3):
        catalogue_server.answer(500)
    assert found(capsys, catalogue_folder)["datasets"] == online["datasets"] and not caplog.records
    # News crawl and HPLT answer that they know neither language; the others do not answer.
    refreshed = found(capsys, catalogue_folder, "--refresh")
    assert names(refreshed, "parallel") == names(online, "parallel")
    assert [record.getMessage().split(":")[0] for record in caplog.records] == ["opus", "ddtp"]
    assert all("; listed is what it offered on 2026-01-02; " in record.getMessage() for record in caplog.records)
    assert "(could not be asked now)" in table(capsys, catalogue_folder, "--refresh")


def test_a_listing_that_was_kept_in_another_form_is_fetched_anew(catalogue_server, catalogue_folder: Path, capsys):
    for content in ("{", "[]", '{"offers": [{"name": "opus_Books/v1"}]}'):
        (catalogue_folder / "opus.en-it.json").write_text(content)
        assert "opus_NLLB/v1" in names(found(capsys, catalogue_folder), "parallel")
        assert json.loads((catalogue_folder / "opus.en-it.json").read_text())["date"] == "2026-01-02"


def test_an_empty_list_is_an_answer(catalogue_server, catalogue_folder: Path, capsys, caplog):
    catalogue_server.files[moses()] = answers([])
    listing = found(capsys, catalogue_folder)
    assert not [name for name in names(listing, "parallel") if name.startswith("opus_")]
    assert not [record for record in caplog.records if record.getMessage().startswith("opus")]


def test_nothing_at_all_is_an_error(unreachable, catalogue_folder: Path):
    with pytest.raises(
        StepError, match=r"nothing is listed for la-dsb: opus could not be asked; flores has none; .* mtdata has none; ddtp"
    ):
        main(["--src", "la", "--trg", "dsb", "--catalogues", str(catalogue_folder)])


@pytest.mark.parametrize(
    ("src", "trg", "message"), [("en", "en", "both en"), ("en", "xx", "no language tag"), ("e", "it", "no language tag")]
)
def test_wrong_languages(src: str, trg: str, message: str, catalogue_folder: Path):
    with pytest.raises(StepError, match=message):
        main(["--src", src, "--trg", trg, "--catalogues", str(catalogue_folder)])
