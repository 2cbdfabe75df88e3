import io
from pathlib import Path

import pytest

from pipeline.common.script import StepError
from pipeline.common.texts import as_blocks
from pipeline.data.providers.tmx import download
from pipeline.data.tmx import Selection, read_units, tag_distance

HEADER = '<?xml version="1.0" encoding="{}"?>\n<!DOCTYPE tmx SYSTEM "tmx14.dtd">\n<tmx version="1.4"><header srclang="en"/><body>'
END = "</body></tmx>"


def units(content: str | bytes, encoding: str = "UTF-8") -> list[list[tuple[str, str]]]:
    if isinstance(content, str):
        content = (HEADER.format(encoding) + content + END).encode(encoding)
    return list(read_units(io.BytesIO(content), "X"))


def unit(**texts: str) -> str:
    return "<tu>" + "".join(f'<tuv xml:lang="{tag.replace("_", "-")}"><seg>{text}</seg></tuv>' for tag, text in texts.items()) + "</tu>"


def test_inline_codes_are_left_out_and_marked_text_stays():
    text = (
        'Press <bpt i="1">&lt;b&gt;</bpt>Ctrl<ept i="1">&lt;/b&gt;</ept>, <hi type="x">then <ph>{n}<sub>hidden</sub></ph>R&amp;D</hi>'
        "<it pos='begin'>&lt;i&gt;</it><ut>\\par</ut> &lt;end&gt;<![CDATA[<raw>]]>"
    )
    assert units(unit(en=text, it="Premi")) == [[("en", "Press Ctrl, then R&D <end><raw>"), ("it", "Premi")]]


def test_older_attributes_notes_and_properties():
    content = '<tu><note>a note</note><tuv lang="EN"><prop type="x">a property</prop><seg>one</seg></tuv><tuv><seg>two</seg></tuv></tu>'
    assert units(content) == [[("EN", "one"), ("", "two")]]


@pytest.mark.parametrize("encoding", ["UTF-8", "utf8", "UTF-16", "ISO-8859-1", "windows-1252"])
def test_encodings(encoding: str):
    assert units(unit(en="one", it="perché è così"), encoding) == [[("en", "one"), ("it", "perché è così")]]


def test_a_byte_order_mark_and_bytes_that_are_no_utf_8():
    content = (HEADER.format("UTF-8") + unit(en="a\0b\x1f", it="CAFE") + END).encode().replace(b"CAFE", b"caf\xe9")
    assert units(b"\xef\xbb\xbf" + content) == [[("en", "ab"), ("it", "caf\ufffd")]]


def test_references_to_characters_that_xml_forbids_wherever_a_piece_ends(monkeypatch):
    text = "a&#0;b&#x1F;&#xfffe;&#55296;&#x110000;c&#9;&amp;&#233;&#x1F600;&#00031;d"
    for size in range(1, 60):
        monkeypatch.setattr("pipeline.data.tmx.CHUNK", size)
        assert units(unit(en=text, it="x" * (size % 7))) == [[("en", "abc\t&é\U0001f600d"), ("it", "x" * (size % 7))]]
    for wrong in ("&#99999999999;", "&#x;"):
        with pytest.raises(StepError, match="no well-formed XML"):
            units(unit(en=wrong))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<html><body/></html>", "X: no TMX file, it begins with <html>"),
        (b"one\ntwo\n", r"X: no well-formed XML \(syntax error: line 1"),
        (HEADER.format("UTF-8").encode() + b"<tu>", r"X: no well-formed XML .*; was the file cut off\?"),
        (HEADER.format("UTF-8").encode() + b"<tu></tuv>", r"X: no well-formed XML \(mismatched tag: line 3, column"),
        (HEADER.format("no-such-encoding").encode() + END.encode(), "X: .*unknown encoding"),
        (b'<!DOCTYPE tmx [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><tmx>&b;</tmx>', "X: declares the entity 'a'"),
        (b'<!DOCTYPE tmx [<!ENTITY a SYSTEM "file:///etc/passwd">]><tmx>&a;</tmx>', "X: declares the entity 'a'"),
    ],
)
def test_what_is_no_memory(content: bytes, message: str):
    with pytest.raises(StepError, match=message):
        units(content)


def test_the_closest_variant_of_each_language():
    read = [
        [("en-GB", "colour"), ("en-US", "color"), ("pt-PT", "cor (PT)"), ("pt-BR", "cor (BR)")],
        [("en", "plain"), ("en-US", "american"), ("pt", "simples")],
        [("en", "only Portugal"), ("pt-PT", "só Portugal")],
        [("en", "blank"), ("pt-BR", " \n")],
        [("en", " spaces "), ("xx-unknown", "?"), ("PT_br", "\tespaços\n")],
    ]
    selection = Selection(("en_US", "pt_BR"))
    assert list(selection.rows(read)) == [("color", "cor (BR)"), ("american", "simples"), ("spaces", "espaços")]
    assert selection.left_out == 2
    assert list(Selection(("pt", "en")).rows(read[:3])) == [("cor (PT)", "colour"), ("simples", "plain"), ("só Portugal", "only Portugal")]


@pytest.mark.parametrize(
    ("tag", "wanted", "expected"),
    [
        ("zh-TW", "zh_hant", 1), ("zh-CN", "zh_hant", None), ("zh-Hans-CN", "zh", 1), ("zh_Hant", "zh-TW", 1), ("sr-Latn", "sr", None),
        ("nb-NO", "no", 1), ("nn-NO", "no", None), ("ENG", "en", 0), ("es-419", "es", 1), ("x-none", "en", None), ("", "en", None),
    ],
)  # fmt: skip
def test_how_close_languages_are(tag: str, wanted: str, expected: int | None):
    assert tag_distance(tag, wanted) == expected


def memory(*units_: str) -> bytes:
    return (HEADER.format("UTF-8") + "".join(units_) + END).encode()


def test_units_without_the_pair_are_counted(tmp_path: Path):
    (tmp_path / "memory.tmx").write_bytes(
        memory(unit(en="one", it="uno", de="eins"), unit(en="two", de="zwei"), unit(it="tre\nrighe", en="3"))
    )
    address = (tmp_path / "memory.tmx").as_uri()
    dataset = download(address, ("it", "en"), tmp_path / "work")
    assert list(as_blocks(dataset.texts())) == [([b"uno", b"tre righe"], [b"one", b"3"])]
    assert dataset.details == {"units-left-out": 1}
    with pytest.raises(StepError, match=r"memory\.tmx: no unit has both en and fr; the first units' languages are de en it"):
        list(download(address, ("en", "fr"), tmp_path / "work").texts())


@pytest.mark.parametrize(
    ("languages", "locale"),
    [(("en", "sv"), "sv-SE"), (("zh_hant", "en"), "zh-TW"), (("en", "es"), "es"), (("en", "no"), "nb-NO"), (("en", "hi"), "hi-IN")],
)
def test_locales_of_pontoon(web_server, tmp_path: Path, monkeypatch, languages: tuple[str, str], locale: str):
    monkeypatch.setenv("PONTOON_URL", web_server.address)
    texts = {"en_US": "one", locale.replace("-", "_"): "1"}
    web_server.files[f"/translation-memory/{locale}.all-projects.tmx"] = memory(unit(**texts))
    [block] = as_blocks(download("pontoon", languages, tmp_path).texts())
    assert block == tuple([b"one" if language == "en" else b"1"] for language in languages)


def test_what_pontoon_has_not(web_server, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("PONTOON_URL", web_server.address)
    with pytest.raises(StepError, match="pontoon has translations from en only, not it-de"):
        download("pontoon", ("it", "de"), tmp_path)
    with pytest.raises(StepError, match=r"pontoon has no locale sv or sv-SE; there is no file at http.*/sv-SE\.all-projects\.tmx"):
        download("pontoon", ("en", "sv"), tmp_path)
    with pytest.raises(StepError, match="expected tmx_pontoon, or tmx_ and the address of a TMX file"):
        download("nobody", ("en", "sv"), tmp_path)
