import re

import pytest

from pipeline.common.languages import BICAMERAL_SCRIPTS, CJK_SCRIPTS, SCRIPT_CHARACTERS, UNSPACED_SCRIPTS, parse_language
from pipeline.common.script import StepError


@pytest.mark.parametrize(
    ("tag", "normal", "script", "fasttext"),
    [
        ("en", "en", "Latn", "en"),
        ("pt_BR", "pt-BR", "Latn", "pt"),
        ("zh_hant", "zh-Hant", "Hani", "zh"),
        ("nb", "nb", "Latn", "no"),
        ("ru", "ru", "Cyrl", "ru"),
        ("sr-Latn", "sr-Latn", "Latn", "sr"),
        ("or", "or", "Orya", "or"),
        ("pbt", "pbt", "Arab", "pbt"),
        ("gsw", "gsw", "Latn", "als"),
        ("cmn", "cmn", "Hani", "zh"),
    ],
)
def test_tags(tag: str, normal: str, script: str, fasttext: str):
    language = parse_language(tag)
    assert (language.tag, language.script, language.fasttext) == (normal, script, fasttext)


def test_what_is_no_tag():
    with pytest.raises(StepError, match="'english' is no language tag"):
        parse_language("english")
    with pytest.raises(StepError, match=r"'eng' is no language tag.*did you mean en\?"):
        parse_language("eng")
    with pytest.raises(StepError, match="'chr': the script Cher is not known"):
        parse_language("chr")
    with pytest.raises(StepError, match="script Xxxx is not known"):
        parse_language("en-Xxxx")


def test_every_script_has_characters():
    assert set(SCRIPT_CHARACTERS) >= BICAMERAL_SCRIPTS | CJK_SCRIPTS | UNSPACED_SCRIPTS
    examples = [("città", "it"), ("Привет", "ru"), ("東京タワー", "ja"), ("한국어", "ko"), ("سلام", "fa"), ("שלום", "he"), ("ไทย", "th")]
    for text, tag in examples:
        assert re.fullmatch(f"[{parse_language(tag).characters}]+", text)


def test_close_languages_do_not_count_as_another():
    assert {"no", "nn", "da"} <= parse_language("nb").close
    assert parse_language("it").close == {"it"}


# tag: ISO 639-1, ISO 639-3, FLORES-200, mtdata
CODES = {
    "en": ("en", "eng", "eng_Latn", "eng"),
    "ru-Cyrl": ("ru", "rus", "rus_Cyrl", "rus"),
    "pt_BR": ("pt", "por", "por_Latn", "por_BR"),
    "zh": ("zh", "zho", "zho_Hans", "zho"),
    "zh_hant": ("zh", "zho", "zho_Hant", "zho_Hant"),
    "zh-TW": ("zh", "zho", "zho_Hant", "zho_TW"),
    "zh_hans": ("zh", "zho", "zho_Hans", "zho_Hans"),
    "sr-Latn-RS": ("sr", "srp", "srp_Latn", "srp_Latn_RS"),
    "sr-Cyrl": ("sr", "srp", "srp_Cyrl", "srp_Cyrl"),
    "cmn": ("zh", "cmn", "zho_Hans", "cmn"),
    "yue": (None, "yue", "yue_Hant", "yue"),
    "ja": ("ja", "jpn", "jpn_Jpan", "jpn"),
    "ko": ("ko", "kor", "kor_Hang", "kor"),
    "no": ("no", "nor", "nob_Latn", "nor"),
    "nb": ("nb", "nob", "nob_Latn", "nob"),
    "nn": ("nn", "nno", "nno_Latn", "nno"),
    "sr": ("sr", "srp", "srp_Cyrl", "srp"),
    "sr-Latn": ("sr", "srp", "srp_Latn", "srp_Latn"),
    "ar": ("ar", "ara", "arb_Arab", "ara"),
    "fa": ("fa", "fas", "pes_Arab", "fas"),
    "lv": ("lv", "lav", "lvs_Latn", "lav"),
    "et": ("et", "est", "est_Latn", "est"),
    "sq": ("sq", "sqi", "als_Latn", "sqi"),
    "az": ("az", "aze", "azj_Latn", "aze"),
    "uz": ("uz", "uzb", "uzn_Latn", "uzb"),
    "mn": ("mn", "mon", "khk_Cyrl", "mon"),
    "ms": ("ms", "msa", "zsm_Latn", "msa"),
    "sw": ("sw", "swa", "swh_Latn", "swa"),
    "ne": ("ne", "nep", "npi_Deva", "nep"),
    "or": ("or", "ori", "ory_Orya", "ori"),
    "ps": ("ps", "pus", "pbt_Arab", "pus"),
    "ku": ("ku", "kur", "kmr_Latn", "kur"),
    "yi": ("yi", "yid", "ydd_Hebr", "yid"),
    "iw": ("he", "heb", "heb_Hebr", "heb"),
    "tl": ("tl", "tgl", "tgl_Latn", "tgl"),
    "fil": (None, "fil", "tgl_Latn", "fil"),
    "tw": ("tw", "twi", "twi_Latn", "twi"),
    "ckb": (None, "ckb", "ckb_Arab", "ckb"),
}


@pytest.mark.parametrize(("tag", "codes"), CODES.items(), ids=CODES)
def test_codes_of_tools(tag: str, codes: tuple[str | None, str, str, str]):
    language = parse_language(tag)
    assert (language.iso_639_1, language.iso_639_3, language.flores, language.mtdata) == codes


def test_nllb_is_flores_but_for_one():
    assert (parse_language("sat").flores, parse_language("sat").nllb) == ("sat_Olck", "sat_Beng")
    assert parse_language("lv").nllb == "lvs_Latn"


def test_the_languages_of_sacrebleu_are_found_under_its_own_codes():
    from sacrebleu.dataset import DATASETS

    pairs = {pair for dataset in DATASETS.values() for pair in dataset.langpairs}
    codes = {code for pair in pairs for code in pair.split("-")}
    assert len(codes) > 30
    assert {code for code in codes if parse_language(code).sacrebleu != code} == set()


def test_case_and_cjk():
    languages = [
        parse_language(tag) for tag in ("en", "ru", "el", "hy", "ka", "ar", "he", "hi", "th", "vi", "zh", "zh-Hant", "ja", "ko", "sr-Latn")
    ]
    assert {language.tag for language in languages if language.bicameral} == {"en", "ru", "el", "hy", "vi", "sr-Latn"}
    assert {language.tag for language in languages if language.cjk} == {"zh", "zh-Hant", "ja", "ko"}
