"""Languages and archives of FLORES and NTREX; what can go wrong on the way is in test_provider_faults.py."""

from pathlib import Path

import pytest

from pipeline.common.languages import parse_language
from pipeline.common.script import StepError
from pipeline.common.texts import as_blocks
from pipeline.data.download import main
from pipeline.data.providers import flores, ntrex
from tests.pipeline.data.test_provider_faults import tar_gz_of

TAGS = ("en", "zh", "zh_hant", "no")


def archive(codes: tuple[str, ...], root: str) -> bytes:
    return tar_gz_of({f"{root}/{part}/{code}.{part}": f"{part} {code}\n".encode() for part in ("dev", "devtest") for code in codes})


@pytest.mark.parametrize(
    ("root", "codes"),
    [
        ("./flores200_dataset", ("eng_Latn", "zho_Hans", "zho_Hant", "nob_Latn")),
        ("flores101_dataset", ("eng", "zho_simpl", "zho_trad", "nob")),
    ],
)
def test_layouts_of_flores(web_server, tmp_path: Path, monkeypatch, root: str, codes: tuple[str, ...]):
    monkeypatch.setenv("FLORES_URL", f"{web_server.address}/mirror/flores.tgz")
    web_server.files["/mirror/flores.tgz"] = archive(codes, root)
    for part in flores.PARTS:
        for first, code in zip(TAGS, codes, strict=True):
            [block] = as_blocks(flores.download(part, (first, "en"), tmp_path).texts())
            assert block == ([f"{part} {code}".encode()], [f"{part} {codes[0]}".encode()])
    assert set(web_server.paths) == {"/mirror/flores.tgz"}


def test_what_flores_has_not(web_server, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("FLORES_URL", f"{web_server.address}/flores.tgz")
    web_server.files["/flores.tgz"] = archive(("eng_Latn", "ita_Latn"), "flores200_dataset")
    with pytest.raises(
        StepError, match=r"flores\.tgz: has no file that ends with /dev/lvs_Latn\.dev or /dev/lvs\.dev or /dev/lav\.dev; it has"
    ):
        flores.download("dev", ("en", "lv"), tmp_path)
    with pytest.raises(StepError, match="expected flores_dev or flores_devtest"):
        flores.download("test", ("en", "it"), tmp_path)


def test_the_public_archive_is_known(web_server, tmp_path: Path, monkeypatch):
    """Whatever comes from the public address in its place is refused."""
    monkeypatch.delenv("FLORES_URL", raising=False)
    monkeypatch.setattr(flores, "ARCHIVE", f"{web_server.address}/flores200_dataset.tar.gz")
    web_server.files["/flores200_dataset.tar.gz"] = archive(("eng_Latn", "ita_Latn"), "flores200_dataset")
    with pytest.raises(StepError, match="expected 25585843 bytes"):
        flores.download("dev", ("en", "it"), tmp_path)
    monkeypatch.setattr(flores, "SIZE", len(web_server.files["/flores200_dataset.tar.gz"]))
    with pytest.raises(StepError, match="expected the sha256 b8b0b767"):
        flores.download("dev", ("en", "it"), tmp_path)


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("en", "eng"), ("en-GB", "eng-GB"), ("it", "ita"), ("zh", "zho-CN"), ("zh_hant", "zho-TW"), ("zh-TW", "zho-TW"), ("cmn", "zho-CN"),
        ("pt", "por"), ("pt_br", "por-BR"), ("es-AR", "spa"), ("sr", "srp-Cyrl"), ("sr_latn", "srp-Latn"), ("ar", "arb"), ("no", "nob"),
        ("sw", "swa"), ("az", "aze-Latn"), ("ku", "kmr"), ("ckb", "ckb-Arab"), ("tl", "fil"), ("lv", "lav"), ("fa", "fas"), ("yue", "yue"),
    ],
)  # fmt: skip
def test_languages_of_ntrex(tag: str, code: str):
    assert ntrex.ntrex_code(parse_language(tag)) == code


@pytest.mark.parametrize("tag", ["eo", "ar-Latn", "az-Cyrl", "uz_cyrl"])
def test_languages_and_scripts_that_ntrex_has_not(tag: str):
    with pytest.raises(StepError, match=r"NTREX-128 has no .*; it has afr amh arb"):
        ntrex.ntrex_code(parse_language(tag))


def test_text_in_one_language_is_not_asked_of_who_has_pairs_only(tmp_path: Path):
    output = str(tmp_path / "x")
    for dataset in ("tmx_pontoon", "flores_dev", "sacrebleu_wmt19", "hfp_org/name:::en:it"):
        with pytest.raises(StepError, match=f"^{dataset}: .* has only parallel text: give --src and --trg"):
            main(["--dataset", dataset, "--language", "en", "--output", output])
    for dataset in ("hplt_mono/v2.0", "news-crawl_news.2021", "hf_org/name:::text"):
        with pytest.raises(StepError, match=f"^{dataset}: .* has only monolingual text: give --language"):
            main(["--dataset", dataset, "--src", "en", "--trg", "it", "--output", output, output])
    with pytest.raises(StepError, match=r"expected news-crawl_news\.YEAR"):
        main(["--dataset", "news-crawl_2021", "--language", "en", "--output", output])
