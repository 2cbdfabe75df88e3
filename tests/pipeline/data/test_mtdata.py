"""The package's own index, and the files of its entries on a loopback mirror, in the layouts that the index says they have."""

import gzip
import io
import json
import lzma
import tarfile
import zipfile
from pathlib import Path

import pytest

from pipeline.common import fetch
from pipeline.common.lines import read_lines
from pipeline.common.script import RetryableError, StepError
from pipeline.data.download import main

EUROPARL = "Statmt-europarl_wmt13-7-ces-eng"
EUROPARL_PATH = "/www.statmt.org/wmt13/training-parallel-europarl-v7.tgz"
EUROPARL_CS, EUROPARL_EN = "training/europarl-v7.cs-en.cs", "training/europarl-v7.cs-en.en"
BOOKS, BOOKS_PATH = "OPUS-books-v1-eng-ita", "/object.pouta.csc.fi/OPUS-Books/v1/moses/en-it.txt.zip"


@pytest.fixture(autouse=True)
def mirror(web_server, monkeypatch):
    monkeypatch.setenv("MTDATA_URL", f"{web_server.address}/")
    monkeypatch.setattr(fetch, "WAIT", 0.0)
    return web_server


def zipped(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def tarred(mode: str = "w:gz", **members: bytes) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


def download(folder: Path, name: str, src: str, trg: str) -> tuple[list[tuple[str, ...]], dict]:
    outputs = [folder / f"out.{src}.zst", folder / f"out.{trg}.zst"]
    arguments = ["--dataset", f"mtdata_{name}", "--src", src, "--trg", trg, "--output", *map(str, outputs)]
    main([*arguments, "--statistics", str(folder / "s.json")])
    return list(zip(*map(read_lines, outputs), strict=True)), json.loads((folder / "s.json").read_text())


def books(english: bytes, italian: bytes) -> bytes:
    return zipped(**{"Books.en-it.en": english, "Books.en-it.it": italian, "README": b"Books"})


def tmx(*units: str, declaration: str = '<?xml version="1.0" encoding="UTF-8"?>') -> bytes:
    body = "".join(f"<tu>{unit}</tu>" for unit in units)
    return f'{declaration}<!DOCTYPE tmx SYSTEM "tmx14.dtd"><tmx version="1.4"><header/><body>{body}</body></tmx>'.encode()


def variant(language: str, text: str) -> str:
    return f'<tuv xml:lang="{language}"><seg>{text}</seg></tuv>'


def test_texts_in_a_tar_archive_come_in_the_order_of_the_languages_asked_for(mirror, tmp_path: Path):
    content = tarred(**{"training/other": b"x\n", EUROPARL_EN: b"one\ntwo\n", EUROPARL_CS: b"jeden\ndva\n"})
    mirror.files[EUROPARL_PATH] = content
    pairs, statistics = download(tmp_path, EUROPARL, "en", "cs")
    assert pairs == [("one", "jeden"), ("two", "dva")]
    assert download(tmp_path, EUROPARL, "cs", "en")[0] == [("jeden", "one"), ("dva", "two")]
    (source,) = statistics["sources"]
    assert (source["url"], source["bytes"]) == (mirror.address + EUROPARL_PATH, len(content))
    assert statistics["citation"] == "ws-2014-statistical"
    assert {path.name for path in tmp_path.iterdir()} == {"out.en.zst", "out.cs.zst", "s.json"}


def test_a_line_is_what_ends_with_a_line_feed_and_nothing_else(mirror, tmp_path: Path):
    long = b"w" * (1 << 20)
    english = b"\xef\xbb\xbfone\xe2\x80\xa8half\r\ntw\0o\rhalf\n\xff broken\n" + long + b"\nlast\x85"
    mirror.files[BOOKS_PATH] = books(english, b"uno\ndue\ntre\nquattro\ncinque\n")
    pairs, statistics = download(tmp_path, BOOKS, "en", "it")
    expected = ["one\u2028half", "two\rhalf", "\ufffd broken", long.decode(), "last\ufffd"]
    assert pairs == list(zip(expected, ["uno", "due", "tre", "quattro", "cinque"], strict=True))
    assert statistics["repaired"] == {"carriage-return": 1, "not-utf-8": 2, "nul": 1}


def test_columns_of_tables(mirror, tmp_path: Path):
    europarl = "Eins\tOne\nohne Spalte\nZwei \u2028 Hälften\tTwo\textra\n".encode()
    mirror.files["/www.statmt.org/europarl/v9/training/europarl-v9.de-en.tsv.gz"] = gzip.compress(europarl)
    pairs, statistics = download(tmp_path, "Statmt-europarl-9-deu-eng", "en", "de")
    assert pairs == [("One", "Eins"), ("Two", "Zwei \u2028 Hälften")]
    assert statistics["rows-without-both-sides"] == 1

    mirror.files["/data.statmt.org/DCEP/DE-EN.tsv.xz"] = lzma.compress(b"Eins\tOne\n")
    assert download(tmp_path, "EU-dcep-1-deu-eng", "de", "en")[0] == [("Eins", "One")]

    talks = [["talk_name", "en"] + ["x"] * 8 + ["it"], ["t1", "One"] + ["x"] * 8 + ["Uno"], ["t1", "Two"] + ["x"] * 8 + ["__NULL__"]]
    table = "\n".join("\t".join(row) for row in talks[1:]).encode()
    mirror.files["/phontron.com/data/ted_talks.tar.gz"] = tarred(**{"all_talks_dev.tsv": table})
    pairs, statistics = download(tmp_path, "Neulab-tedtalks_dev-1-eng-ita", "en", "it")
    assert (pairs, statistics["rows-without-both-sides"]) == ([("One", "Uno")], 1)


def test_several_tables_go_on_where_the_one_before_ends(mirror, tmp_path: Path):
    parts = {f"WMT2022-data-main/en-ru/en-ru.1m_{part}.tsv": f"one {part}\tшыь {part}\n".encode() for part in range(1, 11)}
    mirror.files["/github.com/mashashma/WMT2022-data/archive/refs/heads/main.zip"] = zipped(**parts)
    pairs, _ = download(tmp_path, "Statmt-yandex-wmt22-eng-rus", "ru", "en")
    assert pairs == [(f"шыь {part}", f"one {part}") for part in range(1, 11)]


def test_a_file_for_each_language_with_the_text_in_one_of_its_columns(mirror, tmp_path: Path):
    folder = "/raw.githubusercontent.com/matbahasa/TALPCo/master"
    mirror.files[f"{folder}/jpn/data_jpn.txt"] = "1\t一\tx\n2\n".encode()
    mirror.files[f"{folder}/eng/data_eng.txt"] = b"1\tone\n2\ttwo\n"
    assert download(tmp_path, "TALPCo-talpco-1-jpn-eng", "en", "ja")[0] == [("one", "一"), ("two", "")]


def test_two_addresses(mirror, tmp_path: Path):
    folder = "/nlp.stanford.edu/projects/nmt/data/wmt15.en-cs"
    mirror.files |= {f"{folder}/train.en": b"one\n", f"{folder}/train.cs": b"jeden\n"}
    pairs, statistics = download(tmp_path, "StanfordNLP-wmt15_train-1-eng-ces", "cs", "en")
    assert pairs == [("jeden", "one")] and len(statistics["sources"]) == 2


def test_csv_with_a_header_and_quotes(mirror, tmp_path: Path):
    long = "w" * 200_000
    content = f'en,th\n"One, ""two""",หนึ่ง\n"line\nbreak",สอง\nlonely\n{long},สาม\n'.encode() + b"\xff,x\n"
    path = "/github.com/vistec-AI/dataset-releases/releases/download/scb-mt-en-th-2020_v1.0/scb-mt-en-th-2020.zip"
    mirror.files[path] = zipped(**{"scb-mt-en-th-2020/task_master_1.csv": content})
    pairs, statistics = download(tmp_path, "VistecAI-scb_mt_task_master_1-1-eng-tha", "en", "th")
    assert pairs[:3] == [('One, "two"', "หนึ่ง"), ("line break", "สอง"), (long, "สาม")]
    assert pairs[3][0].strip("\ufffd") == "" and statistics["repaired"]["not-utf-8"] == 1
    assert statistics["rows-without-both-sides"] == 1

    mirror.files["/zenodo.org/record/4432712/files/Fon_French_Parallel_Data_25377.csv?download=1"] = b"Fon,French\nx,un\n"
    assert download(tmp_path, "Masakhane-daily_dialogues-1-fon-fra", "fr", "fon")[0] == [("un", "x")]


def test_translation_memories(mirror, tmp_path: Path):
    first = tmx(
        variant("en-GB", "One &amp; only") + variant("nb-NO", "En"),
        variant("nb", "To<bpt i='1'>&lt;b&gt;</bpt>\u2028 og<hi> tre</hi>") + variant("EN-gb", "Two\nand three") + variant("en", "again"),
        variant("en-GB", "Alone") + variant("nn-NO", "Åleine"),
    )
    folder = "/elrc-share.eu/repository/download/3e92d62c053211e9b7d400155d0267068d82219ce96a434d9e943a24eade0181/"
    second = tmx(variant("nb_NO", "Fire") + variant("en_GB", "Four"))
    mirror.files[folder] = zipped(**{"Forbruker Europa GAMMEL TM.tmx": first, "Forbruker Europa TAGS TM.tmx": second})
    pairs, statistics = download(tmp_path, "ELRC-forbruker_europa-1-eng_GB-nob_NO", "nb", "en")
    assert pairs == [("En", "One & only"), ("To\u2028 og tre", "Two and three"), ("Fire", "Four")]
    assert statistics["rows-without-both-sides"] == 1

    path = "/s3.amazonaws.com/web-language-models/paracrawl/release3/en-cs.bicleaner07.tmx.gz"
    mirror.files[path] = gzip.compress(tmx(variant("en", "one") + variant("cs", "jeden")))
    assert download(tmp_path, "ParaCrawl-paracrawl-3-eng-ces", "en", "cs")[0] == [("one", "jeden")]
    mirror.files[path] = gzip.compress(tmx(variant("en", "on\0e") + variant("cs", "jeden")))
    assert download(tmp_path, "ParaCrawl-paracrawl-3-eng-ces", "en", "cs")[0] == [("one", "jeden")]
    mirror.files[path] = gzip.compress(tmx(variant("en", "one") + variant("cs", "jeden"))[:-20])
    with pytest.raises(StepError, match=r"no well-formed XML .* cut off"):
        download(tmp_path / "again", "ParaCrawl-paracrawl-3-eng-ces", "en", "cs")


def test_test_sets_of_wmt(mirror, tmp_path: Path):
    source = '<srcset setid="x">\n<doc docid="d">\n<p>\n<seg id="1">Eins &amp; zwei</seg>\n<seg id="2"> Drei\u2028vier </seg>\n</p></doc>\n'
    reference = '<refset>\n<doc>\n<seg id="1">One & two</seg>\n<seg id="2">Three</seg>\n'
    names = ("dev/newstest2014-deen-src.de.sgm", "dev/newstest2014-deen-ref.en.sgm")
    members = dict(zip(names, (source.encode(), reference.encode()), strict=True))
    mirror.files["/data.statmt.org/wmt20/translation-task/dev.tgz"] = tarred(**members)
    pairs, _ = download(tmp_path, "Statmt-newstest_deen-2014-deu-eng", "de", "en")
    assert pairs == [("Eins & zwei", "One & two"), ("Drei vier", "Three")]

    segments = '<seg id="1">One</seg><seg id="2">Two</seg>', '<seg id="2">Biyu</seg>', '<seg id="1">x</seg>'
    sides = f'<src lang="en"><p>{segments[0]}</p></src><ref lang="ha">{segments[1]}</ref><ref lang="ha">{segments[2]}</ref>'
    content = f'<dataset id="x"><collection><doc id="d" origlang="en">{sides}</doc></collection></dataset>'.encode()
    mirror.files["/data.statmt.org/wmt21/translation-task/dev.tgz"] = tarred(**{"dev/xml/newsdev2021.en-ha.xml": content})
    assert download(tmp_path, "Statmt-newsdev_enha-2021-eng-hau", "en", "ha")[0] == [("Two", "Biyu")]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Statmt-europarl_wmt13-8-ces-eng", "no such dataset; it has .*Statmt-europarl_wmt13-7-ces-eng"),
        ("Nobody-nothing-1-xx-yy", "no such dataset$"),
        ("Statmt-europarl_wmt13-7-deu-eng", "in deu and eng, not in cs and en"),
        ("Statmt-news_crawl-2007-ces", "in ces, not in cs and en"),
        ("Google-wmt24pp-1-eng-ces_CZ", "name it hfp_google/wmt24pp:en-cs_CZ:train:source:target"),
    ],
)
def test_what_mtdata_does_not_have(name: str, message: str, tmp_path: Path):
    with pytest.raises(StepError, match=message):
        download(tmp_path, name, "cs", "en")


def test_a_format_that_is_not_read(tmp_path: Path):
    with pytest.raises(StepError, match="lists it as xlsx, which is not read here; what is: txt, tsv"):
        download(tmp_path, "Motorola-lang_revitalization-20240604-eng-lld", "en", "lld")


@pytest.mark.parametrize(
    ("languages", "fits"),
    [
        (("en", "pt"), [0, 1]),
        (("pt-BR", "en"), [1, 0]),
        (("en", "pt-PT"), None),
        (("en", "es"), None),
    ],
)
def test_a_region_counts_where_both_tags_name_one(languages: tuple[str, str], fits: list[int] | None, tmp_path: Path):
    from pipeline.data.mtdata_index import find_entry, sides_of

    entry = find_entry("Google-wmt24pp-1-eng-por_BR", tmp_path / "index")
    if fits:
        assert sides_of(entry, languages) == fits
    else:
        with pytest.raises(StepError, match="in eng and por_BR"):
            sides_of(entry, languages)


@pytest.mark.parametrize(
    ("asked", "there", "same"),
    [
        ("zh", "zho", True),
        ("zh-Hant", "zho_TW", True),
        ("zh-Hans", "zho_TW", False),
        ("zh-Hant", "zho_Hans", False),
        ("zh-Hant", "zho", True),
        ("lv", "lvs", True),
        ("no", "nob_NO", True),
        ("nn", "nob", False),
        ("arz", "ara", False),
        ("en", "mul", False),
    ],
)
def test_languages_by_the_codes_of_the_index(asked: str, there: str, same: bool):
    from pipeline.common.languages import parse_language
    from pipeline.data.mtdata_index import same_language, standard_language

    assert same_language(parse_language(asked), standard_language(there)) is same


def test_the_variant_of_a_memory_that_is_closest_to_the_index():
    from pipeline.data.mtdata_index import tag_distance

    assert [tag_distance(tag, "por_BR") for tag in ("pt-BR", "pt", "pt-PT", "xx-none", "")] == [0, 1, None, None, None]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (books(b"one\ntwo\n", b"uno\n"), "Books.en-it.it.: ends after 1 lines, but .*Books.en-it.en. goes on"),
        (books(b"one\n" * 99_999, b"uno\n" * 99_999)[:-300], "is no whole zip or tar archive"),
        (zipped(**{"Books.en-it.en": b"one\n"}), r"has no file like \*.it: .Books.en-it.en."),
        (zipped(**{"a.en": b"one\n", "b.en": b"one\n", "a.it": b"uno\n"}), r"has 2 files like \*.en: .a.en., .b.en."),
        (books(b"", b""), "the dataset is empty"),
        (b"no archive", "is no whole zip or tar archive"),
        (b"", "the file is empty"),
    ],
)
def test_archives_that_are_not_as_they_should_be(content: bytes, message: str, mirror, tmp_path: Path):
    mirror.files[BOOKS_PATH] = content
    with pytest.raises(StepError, match=message):
        download(tmp_path, BOOKS, "en", "it")
    assert not list(tmp_path.glob("out.*"))


def test_a_zip_archive_with_a_damaged_member(mirror, tmp_path: Path):
    content = bytearray(books(b"".join(b"%d\n" % (number * 7919) for number in range(50_000)), b"uno\n" * 50_000))
    content[1000:1010] = b"damaged..."
    mirror.files[BOOKS_PATH] = bytes(content)
    with pytest.raises(StepError, match=r"Books.en-it.en.: broken or cut off"):
        download(tmp_path, BOOKS, "en", "it")


@pytest.mark.parametrize("mode", ["w:gz", "w"])
def test_a_tar_archive_that_was_cut_off(mode: str, mirror, tmp_path: Path):
    text = b"".join(b"%d\n" % (number * 7919) for number in range(50_000))
    mirror.files[EUROPARL_PATH] = tarred(mode, **{EUROPARL_EN: text, EUROPARL_CS: text})[:-100_000]
    with pytest.raises(StepError, match="is no whole zip or tar archive"):
        download(tmp_path, EUROPARL, "cs", "en")


def test_trouble_of_the_network(mirror, tmp_path: Path):
    content = books(b"one\n" * 100_000, b"uno\n" * 100_000)
    mirror.files[BOOKS_PATH] = content
    mirror.answer(500)
    mirror.answer_cut(content, 500)
    pairs, _ = download(tmp_path, BOOKS, "en", "it")
    assert len(pairs) == 100_000
    assert mirror.ranges == [None, None, "bytes=500-"]


def test_what_the_server_does_not_have(mirror, tmp_path: Path):
    with pytest.raises(StepError, match="answered 404"):
        download(tmp_path, BOOKS, "en", "it")
    mirror.answer(200, b"<html>log in</html>", Content_Type="text/html; charset=utf-8")
    with pytest.raises(StepError, match="HTML page"):
        download(tmp_path, BOOKS, "en", "it")
    for _ in range(6):
        mirror.answer(503)
    with pytest.raises(RetryableError, match="503"):
        download(tmp_path, BOOKS, "en", "it")
