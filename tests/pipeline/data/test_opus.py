"""Which archive and which of its files are taken; what can go wrong on the way is in test_provider_faults.py."""

from pathlib import Path

import pytest

from pipeline.common.blocks import Block
from pipeline.common.languages import parse_language
from pipeline.common.script import StepError
from pipeline.common.texts import as_blocks
from pipeline.data.providers.opus import download, opus_codes
from tests.pipeline.data.test_provider_faults import zip_of


@pytest.fixture
def server(web_server, monkeypatch):
    monkeypatch.setenv("OPUS_URL", web_server.address + "/")
    return web_server


def moses(corpus: str, pair: str, **more: bytes) -> bytes:
    return zip_of({f"{corpus}.{pair}.{code}": f"in {code}\n".encode() for code in pair.split("-")} | more)


def rows(blocks: list[Block]) -> list[tuple[bytes, ...]]:
    return [row for block in blocks for row in zip(*block, strict=True)]


@pytest.mark.parametrize(
    ("languages", "pair", "codes"),
    [
        (("it", "en"), "en-it", ("it", "en")),
        (("en", "ca"), "ca-en", ("en", "ca")),
        (("en", "it"), "en_GB-it_IT", ("en_GB", "it_IT")),
        (("en", "zh_hant"), "en-zh_TW", ("en", "zh_TW")),
        (("zh", "en"), "en-zh_cn", ("zh_cn", "en")),
        (("en", "pt_br"), "en-pt_br", ("en", "pt_br")),
        (("en", "pt-BR"), "en-pt", ("en", "pt")),
        (("en", "nb"), "en-no", ("en", "no")),
        (("en", "it"), "it-en", ("en", "it")),
        (("en", "en_GB"), "en-en_GB", ("en", "en_GB")),
        (("pt_BR", "pt"), "pt-pt_BR", ("pt_BR", "pt")),
        (("no", "nb"), "nb-no", ("no", "nb")),
        (("fil", "tl"), "fil-tl", ("fil", "tl")),
    ],
)
def test_pairs_as_corpora_call_them(server, tmp_path: Path, languages: tuple[str, str], pair: str, codes: tuple[str, str]):
    server.files[f"/OPUS-GNOME/v1/moses/{pair}.txt.zip"] = moses("GNOME", pair)
    dataset = download("GNOME/v1", languages, tmp_path)
    assert rows(list(as_blocks(dataset.texts()))) == [tuple(f"in {code}".encode() for code in codes)]
    assert dataset.details == {"opus": pair} and dataset.licence is None


def test_what_says_most_is_taken(server, tmp_path: Path):
    for pair in ("en-zh", "en-zh_TW", "en-zh_CN"):
        server.files[f"/OPUS-X/v1/moses/{pair}.txt.zip"] = moses("X", pair)
    taken = [download("X/v1", ("en", tag), tmp_path).details["opus"] for tag in ("zh", "zh_hant", "zh_hans")]
    assert taken == ["en-zh", "en-zh_TW", "en-zh_CN"]
    assert opus_codes(parse_language("en")) == ["en", "en_US", "en_GB"]


def test_a_pair_that_the_corpus_has_not(server, tmp_path: Path):
    server.files["/OPUS-X/v1/moses/de-en.txt.zip"] = moses("X", "de-en")
    with pytest.raises(StepError, match=r"^OPUS has no X v1 in en-it; https://opus\.nlpl\.eu lists its corpora") as raised:
        download("X/v1", ("en", "it"), tmp_path)
    assert "/moses/en-it.txt.zip or " in str(raised.value) and "/moses/it-en.txt.zip" in str(raised.value)
    assert len(server.paths) == len(set(server.paths)) == 12
    with pytest.raises(StepError, match=r"OPUS has no X v1 in it; .*/mono/it\.txt\.gz or .*/mono/it_IT\.txt\.gz"):
        download("X/v1", ("it",), tmp_path)


def test_another_pairs_files_inside(server, tmp_path: Path):
    server.files["/OPUS-X/v1/moses/en-it.txt.zip"] = moses("X", "de-en")
    with pytest.raises(StepError, match=r"en-it\.txt\.zip: has no file that ends with \.en-it\.en; it has 'X\.de-en\.de', 'X\.de-en\.en'"):
        download("X/v1", ("en", "it"), tmp_path)


def test_names_are_quoted_and_licences_are_short(server, tmp_path: Path):
    path = "/OPUS-L%C3%A4ns%3F%23/v2020-10-28/moses/en-it.txt.zip"
    server.files[path] = moses("Läns", "en-it", **{"a/LICENSE": b"Creative Commons " * 50})
    dataset = download("Läns?#/v2020-10-28", ("en", "it"), tmp_path)
    assert server.paths == [path]
    assert dataset.licence is not None and dataset.licence.startswith("Creative Commons Creative") and len(dataset.licence) <= 201
    for wrong in ("ParaCrawl", "a/b/c", "/v1", "a b/v1"):
        with pytest.raises(StepError, match="expected opus_CORPUS/VERSION"):
            download(wrong, ("en", "it"), tmp_path)


def test_a_mirror_on_this_disk(tmp_path: Path, monkeypatch):
    folder = tmp_path / "mirror" / "OPUS-X" / "v1" / "moses"
    folder.mkdir(parents=True)
    (folder / "en-it.txt.zip").write_bytes(moses("X", "en-it"))
    monkeypatch.setenv("OPUS_URL", (tmp_path / "mirror").as_uri())
    assert rows(list(as_blocks(download("X/v1", ("it", "en"), tmp_path / "work").texts()))) == [(b"in it", b"in en")]
