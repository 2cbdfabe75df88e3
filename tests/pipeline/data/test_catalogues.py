"""Each provider's catalogue: what is understood of its answers, and what is said of answers that are none."""

import shutil
from pathlib import Path

import pytest

from pipeline.common.languages import parse_language
from pipeline.common.script import RetryableError, StepError
from pipeline.data.catalogues import CATALOGUES, catalogue, ddtp, flores, hplt, mtdata, news_crawl, ntrex, opus, sacrebleu
from pipeline.data.catalogues.cache import answer
from pipeline.data.catalogues.catalogue import Offer, Pair
from pipeline.data.catalogues.duplicates import duplicates, version_key
from tests.pipeline.data.catalogue_server import answers, corpus, mono, moses

needs_apt = pytest.mark.skipif(shutil.which("apt-get") is None, reason="apt is not installed")


def pair(src: str, trg: str) -> Pair:
    return parse_language(src), parse_language(trg)


EN_IT = pair("en", "it")


def named(offers: list[Offer]) -> list[str]:
    return [offer.name for offer in offers]


def test_opus(catalogue_server, tmp_path: Path):
    offers = opus.ask(EN_IT, tmp_path)
    parallel = {offer.name: offer for offer in offers if offer.kind == "parallel"}
    assert sorted(parallel) == [
        "opus_Books/v1", "opus_CCMatrix/v1", "opus_ELRC-1078-EUIPO_law/v1", "opus_EUbookshop/v2", "opus_NLLB/v1", "opus_ada83/v1",
    ]  # fmt: skip
    books = parallel["opus_Books/v1"]
    assert (books.sentences, books.bytes) == (32332, 3200 * 1024)
    assert (parallel["opus_ELRC-1078-EUIPO_law/v1"].sentences, parallel["opus_ada83/v1"].sentences) == (17640, None)
    # Of two files the one that is downloaded; and 1 KiB for 146 million pairs is no size.
    assert (parallel["opus_EUbookshop/v2"].bytes, parallel["opus_NLLB/v1"].bytes) == (700000 * 1024, None)
    assert named([offer for offer in offers if offer.kind == "evaluation"]) == ["opus_WMT-News/v2019"]
    assert [(offer.name, offer.language) for offer in offers if offer.kind == "mono"] == [("opus_Books/v1", "en"), ("opus_Books/v1", "it")]


def test_opus_is_asked_in_alphabetical_order(catalogue_server, tmp_path: Path):
    assert sorted(named(opus.ask(pair("it", "en"), tmp_path))) == sorted(named(opus.ask(EN_IT, tmp_path)))


def test_opus_is_asked_for_a_language_by_each_of_its_codes(catalogue_server, tmp_path: Path):
    taiwan = corpus("Books", "v1", 700, 9, "en-zh_TW.txt.zip", "en", "zh_TW")
    plain = [corpus("Books", "v1", 90000, 900, "en-zh.txt.zip", "en", "zh"), corpus("UNPC", "v1.0", 800, 9, "en-zh.txt.zip", "en", "zh")]
    catalogue_server.files |= {moses("en", "zh_TW"): answers([taiwan]), moses("en", "zh"): answers(plain)}
    catalogue_server.files |= {mono(code): answers([]) for code in ("zh", "zh_TW")}
    offers = [offer for offer in opus.ask(pair("zh_hant", "en"), tmp_path) if offer.kind == "parallel"]
    assert [(offer.name, offer.sentences) for offer in offers] == [("opus_Books/v1", 700), ("opus_UNPC/v1.0", 800)]
    codes = {tag: opus.opus_codes(parse_language(tag)) for tag in ("en", "pt_BR", "no", "zh", "sr-Latn")}
    assert codes == {"en": ["en"], "pt_BR": ["pt_BR", "pt"], "no": ["no", "nb"], "zh": ["zh_CN", "zh"], "sr-Latn": ["sr"]}


@pytest.mark.parametrize(
    "answer", [b"{", b"[]", b'{"corpora": ["Books"]}', b'{"corpora": [{"corpus": "Books"}]}', b"<html>log in</html>", b"null"]
)
def test_an_answer_of_opus_that_is_none(catalogue_server, tmp_path: Path, answer: bytes):
    catalogue_server.files[moses()] = answer
    with pytest.raises(StepError, match=r"the answer is no list of corpora \(.*Error") as raised:
        opus.ask(EN_IT, tmp_path)
    assert "\n" not in str(raised.value)


def test_a_corpus_of_opus_without_an_address(catalogue_server, tmp_path: Path):
    unknown = {**corpus("Books", "v1", 5, 9, "en-it.txt.zip"), "url": None}
    catalogue_server.files |= {moses(): answers([unknown]), mono("en"): answers([unknown])}
    offers = opus.ask(EN_IT, tmp_path)
    assert [(offer.name, offer.kind, offer.language) for offer in offers] == [
        ("opus_Books/v1", "parallel", None),
        ("opus_Books/v1", "mono", "it"),
    ]


def test_a_busy_server_is_asked_again(catalogue_server, tmp_path: Path):
    expected = opus.ask(EN_IT, tmp_path)
    catalogue_server.answer(500)
    catalogue_server.answer(429)
    assert opus.ask(EN_IT, tmp_path) == expected


def test_a_busy_server_may_not_ask_for_long_pauses(catalogue_server, tmp_path: Path, monkeypatch):
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    catalogue_server.answer(429, Retry_After="3600")
    assert opus.ask(EN_IT, tmp_path)
    assert waited == [catalogue.LONGEST_PAUSE]


def test_a_server_that_stays_down(catalogue_server, tmp_path: Path):
    for _ in range(catalogue.ATTEMPTS):
        catalogue_server.answer(503)
    with pytest.raises(RetryableError, match=r"opusapi/\?source=en.*: too many 503 error responses$"):
        opus.ask(EN_IT, tmp_path)
    assert len(catalogue_server.ranges) == catalogue.ATTEMPTS


def test_a_server_that_refuses(catalogue_server, tmp_path: Path):
    catalogue_server.answer(403)
    with pytest.raises(StepError, match="the server answered 403 Forbidden") as raised:
        opus.ask(EN_IT, tmp_path)
    assert not isinstance(raised.value, RetryableError)
    assert len(catalogue_server.ranges) == 1


def test_no_connection_is_said_in_one_short_line(unreachable, tmp_path: Path):
    with pytest.raises(RetryableError, match=r"version=latest: Failed to establish a new connection: .*refused$"):
        opus.ask(EN_IT, tmp_path)


@pytest.mark.parametrize("module", [opus, news_crawl, hplt])
def test_a_catalogue_on_this_disk(module, tmp_path: Path, monkeypatch):
    for variable in ("OPUS_API_URL", "NEWS_CRAWL_URL", "HPLT_URL"):
        monkeypatch.setenv(variable, tmp_path.as_uri())
    with pytest.raises(StepError, match=r"^file:///.*: a catalogue is asked over http or https; only datasets may be at other addresses$"):
        module.ask(EN_IT, tmp_path)


def test_passwords_are_not_kept_or_shown(catalogue_server, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("OPUS_API_URL", catalogue_server.address.replace("//", "//user:SECRET@") + "/opusapi/")
    asked = answer(opus.CATALOGUE, EN_IT, tmp_path, refresh=False)
    assert asked.source == f"{catalogue_server.address}/opusapi" and asked.offers
    requests = len(catalogue_server.paths)
    assert answer(opus.CATALOGUE, EN_IT, tmp_path, refresh=False) == asked and len(catalogue_server.paths) == requests
    catalogue_server.answer(403)
    refused = answer(opus.CATALOGUE, EN_IT, tmp_path, refresh=True)
    assert refused.problem.startswith(f"{catalogue_server.address}/opusapi/?source=en")
    assert not [path for path in tmp_path.iterdir() if "SECRET" in path.read_text()]


def test_news_crawl(catalogue_server, tmp_path: Path):
    offers = news_crawl.ask(EN_IT, tmp_path)
    assert [(offer.name, offer.language, offer.bytes) for offer in offers] == [
        (f"news-crawl_news.{year}", language, size)
        for language in ("en", "it")
        for year, size in ((2020, round(1.5 * 2**30)), (2021, 176 * 2**20))
    ]


def test_a_language_that_news_crawl_has_not(catalogue_server, tmp_path: Path):
    assert {offer.language for offer in news_crawl.ask(pair("en", "mt"), tmp_path)} == {"en"}
    catalogue_server.files["/news-crawl/it/"] = b"<html>This domain is for sale.</html>"
    with pytest.raises(StepError, match=r"news-crawl/it/: the answer is no list of files"):
        news_crawl.ask(EN_IT, tmp_path)


def test_hplt(catalogue_server, tmp_path: Path):
    assert [(offer.name, offer.language, offer.remark) for offer in hplt.ask(EN_IT, tmp_path)] == [
        ("hplt_mono/v2.0", language, "3 files, documents with scores") for language in ("en", "it")
    ]
    catalogue_server.files["/two/cleaned/ara_Arab_map.txt"] = b"https://data.example/two/cleaned/ara_Arab/1.jsonl.zst\n"
    assert [(offer.language, offer.remark[:6]) for offer in hplt.ask(pair("ar", "mt"), tmp_path)] == [("ar", "1 file")]
    catalogue_server.files["/two/cleaned/ita_Latn_map.txt"] = b"<html>moved</html>"
    with pytest.raises(StepError, match=r"ita_Latn_map.txt: the answer is no list of files"):
        hplt.ask(EN_IT, tmp_path)


@needs_apt
def test_ddtp(catalogue_server, tmp_path: Path):
    offers = ddtp.ask(EN_IT, tmp_path)
    assert [(offer.name, offer.kind, offer.language) for offer in offers] == [
        ("ddtp_bookworm", "mono", "en"),
        ("ddtp_bookworm", "mono", "it"),
        ("ddtp_bookworm", "parallel", None),
    ]
    sizes = [len(catalogue_server.files[f"/debian/dists/bookworm/main/i18n/Translation-{language}.xz"]) for language in ("en", "it")]
    plain = ddtp.index_sizes(f" {'0' * 64} 70 main/i18n/Translation-pt_BR\n {'0' * 64} 90 main/i18n/Translation-pt_BR.xz\n")
    assert [offer.bytes for offer in offers] == [*sizes, sum(sizes)] and plain == {"pt_BR": 70}
    assert [offer.kind for offer in ddtp.ask(pair("en", "mt"), tmp_path)] == ["mono"]


@needs_apt
def test_ddtp_where_no_release_is(catalogue_server, tmp_path: Path):
    catalogue_server.files = {}
    with pytest.raises(StepError, match="has no release 'trixie'"):
        ddtp.ask(EN_IT, tmp_path)


def test_sacrebleu_has_sets_of_either_direction(tmp_path: Path):
    italian = named(sacrebleu.ask(EN_IT, tmp_path))
    assert {"sacrebleu_wmt09", "sacrebleu_mtedx/test"} <= set(italian) and italian == sorted(italian)
    assert named(sacrebleu.ask(pair("it", "en"), tmp_path)) == italian
    # Chinese is Chinese there.
    assert "sacrebleu_wmt20" in named(sacrebleu.ask(pair("en", "zh-Hant"), tmp_path))
    assert sacrebleu.ask(pair("mt", "cy"), tmp_path) == []


def test_flores_and_ntrex(tmp_path: Path):
    assert [(offer.name, offer.sentences) for offer in flores.ask(EN_IT, tmp_path)] == [("flores_dev", 997), ("flores_devtest", 1012)]
    assert [(offer.name, offer.sentences) for offer in ntrex.ask(EN_IT, tmp_path)] == [("ntrex_test", 1997)]
    # A language that FLORES has and NTREX has not, one of which it is the other way round, and one that is in neither.
    for tag, in_flores, in_ntrex in (("eo", True, False), ("dv", False, True), ("la", False, False)):
        assert (bool(flores.ask(pair("en", tag), tmp_path)), bool(ntrex.ask(pair("en", tag), tmp_path))) == (in_flores, in_ntrex), tag


@pytest.mark.parametrize(
    ("tag", "code"),
    [("ar", "arb"), ("zh", "zho-CN"), ("zh_hant", "zho-TW"), ("sr", "srp-Cyrl"), ("sr-Latn", "srp-Latn"), ("pt_BR", "por-BR"),
     ("fa", "fas"), ("az", "aze-Latn"), ("lv", "lav"), ("no", "nob"), ("ckb", "ckb-Arab"), ("en-GB", "eng-GB"), ("es", "spa")],
)  # fmt: skip
def test_languages_of_ntrex(tag: str, code: str):
    known = (Path(ntrex.__file__).parent / "ntrex128.txt").read_text().split()
    assert next(known_as for known_as in ntrex.codes(parse_language(tag)) if known_as in known) == code


def test_another_script_is_another_language_to_ntrex(tmp_path: Path):
    assert ntrex.ask(pair("en", "kk"), tmp_path) and not ntrex.ask(pair("en", "kk-Latn"), tmp_path)
    assert ntrex.ask(pair("en", "tl"), tmp_path)


def test_mtdata(catalogue_folder: Path):
    offers = {offer.name.removeprefix("mtdata_"): offer for offer in mtdata.ask(EN_IT, catalogue_folder)}
    assert "Statmt-europarl-10-ita-eng" in offers
    assert "ELRC-portal_españa_www.spain.info-1-eng_GB-ita_IT" in offers
    assert not {"Statmt-europarl-10-deu-eng", "Leipzig-news-2020-ita", "OPUS-books-v1-eng-ita_Cyrl"} & set(offers)
    assert {name for name, offer in offers.items() if offer.kind == "evaluation"} == {
        "Statmt-newstest-2009-eng-ita", "Flores-flores200_dev-1-eng-ita", "Microsoft-ntrex-128-eng_US-ita", "Neulab-tedtalks_dev-1-eng-ita",
        "Neulab-tedtalks_test-1-eng-ita",
    }  # fmt: skip
    assert offers["Statmt-newstest-2009-eng-ita"].corpus == "wmt09"
    assert named(mtdata.ask(pair("it", "en"), catalogue_folder)) == named(mtdata.ask(EN_IT, catalogue_folder))


def test_languages_of_mtdata():
    assert mtdata.is_language(parse_language("en"), "eng_GB") and mtdata.is_language(parse_language("en-GB"), "eng")
    assert not mtdata.is_language(parse_language("en-US"), "eng_GB")
    assert mtdata.is_language(parse_language("zh_hant"), "zho_Hant_TW") and not mtdata.is_language(parse_language("zh"), "zho_Hant")


def test_packages_that_are_not_installed(catalogue_folder: Path, monkeypatch):
    monkeypatch.setattr(
        "importlib.metadata.version", lambda name: (_ for _ in ()).throw(mtdata.importlib.metadata.PackageNotFoundError(name))
    )
    for module in (mtdata, sacrebleu):
        with pytest.raises(StepError, match="is not installed"):
            module.ask(EN_IT, catalogue_folder)


def test_an_index_that_cannot_be_made(tmp_path: Path, monkeypatch):
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho 'ImportError: no pybtex' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(broken))
    with pytest.raises(StepError, match="mtdata made no index: exit code 1, ImportError: no pybtex"):
        mtdata.ask(EN_IT, tmp_path)
    assert not list(tmp_path.glob("*.zst"))


@pytest.mark.slow
def test_the_index_of_the_package_itself(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    offers = mtdata.ask(EN_IT, tmp_path / "catalogues")
    assert "mtdata_Statmt-europarl-10-ita-eng" in named(offers) and len(offers) > 100
    # Nothing is left but the index, here or in the user's folder.
    assert [path.name for path in (tmp_path / "catalogues").iterdir()] == [f"mtdata-{mtdata.version()}.jsonl.zst"]
    assert not (tmp_path / "home").exists()


def test_duplicates(catalogue_server, catalogue_folder: Path):
    offers = [offer for module in (flores, ntrex, opus, sacrebleu, mtdata) for offer in module.ask(EN_IT, catalogue_folder)]
    providers = [catalogue.provider for catalogue in CATALOGUES]
    found = {offer.name: other for offer, other in duplicates(offers, providers).items()}
    assert found == {
        "opus_CCMatrix/v1": "opus_NLLB/v1",  # as many pairs
        "mtdata_OPUS-ccmatrix-v1-eng-ita": "opus_NLLB/v1",
        "mtdata_OPUS-books-v1-eng-ita": "opus_Books/v1",
        "mtdata_OPUS-elrc_1078_euipo_law-v1-eng-ita": "opus_ELRC-1078-EUIPO_law/v1",
        "mtdata_ELRC-euipo_law-1-eng-ita": "opus_ELRC-1078-EUIPO_law/v1",  # by the number in the name of its file
        "mtdata_OPUS-opus100_train-1-eng-ita": "OPUS",
        "mtdata_Statmt-europarl-7-ita-eng": "mtdata_Statmt-europarl-10-ita-eng",
        "mtdata_Statmt-newstest-2009-eng-ita": "sacrebleu_wmt09",
        "mtdata_Flores-flores200_dev-1-eng-ita": "flores_dev",
        "mtdata_Microsoft-ntrex-128-eng_US-ita": "ntrex_test",
    }
    # Without OPUS its copies are no duplicates. Tilde's corpora are parts of one there.
    alone = {offer.name: other for offer, other in duplicates(mtdata.ask(EN_IT, catalogue_folder), providers).items()}
    assert alone == {
        "mtdata_Statmt-europarl-7-ita-eng": "mtdata_Statmt-europarl-10-ita-eng",
        "mtdata_ELRC-euipo_law-1-eng-ita": "mtdata_OPUS-elrc_1078_euipo_law-v1-eng-ita",
        "mtdata_OPUS-opus100_train-1-eng-ita": "OPUS",
    }
    tilde = Offer("opus_TildeMODEL/v2018", "parallel", "tildemodel", "v2018")
    assert {offer.corpus for offer, other in duplicates([*offers, tilde], providers).items() if other == tilde.name} == {"tildeeesc"}


def test_versions():
    ordered = ["1", "v7.1", "v9", "v10", "18", "18.1", "2018", "v20230407"]
    assert sorted(sorted(ordered), key=version_key) == ordered
    assert version_key("v2.0a") > version_key("v2.0") and version_key("1_bonus") > version_key("1")


def test_the_lists_of_languages_are_as_they_were_published():
    lists = Path(flores.__file__).parent
    for name, number in (("flores200.txt", 204), ("ntrex128.txt", 128)):
        codes = (lists / name).read_text().split()
        assert len(codes) == len(set(codes)) == number and codes == sorted(codes)
