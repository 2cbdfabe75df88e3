"""NTREX-128, `ntrex_test`: the 1,997 sentences of WMT 2019's English news test, translated into 128 languages.

Federmann, Kocmi and Xin 2022, https://aclanthology.org/2022.sumeval-1.4. One file a language: newstest2019-src.eng.txt is the English, and
newstest2019-ref.ita.txt a translation. There is one set, whatever follows `ntrex_`.
"""

from pathlib import Path

from pipeline.common.languages import Language, parse_language, usual_script
from pipeline.common.script import StepError
from pipeline.data.dataset import Dataset, Provider
from pipeline.data.web_files import download_file, root_address, text_blocks

HOST = "https://raw.githubusercontent.com/MicrosoftTranslator/NTREX/main/NTREX-128"
LICENCE = "CC BY-SA 4.0"  # says https://github.com/MicrosoftTranslator/NTREX

# https://github.com/MicrosoftTranslator/NTREX/blob/main/LANGUAGES.tsv: ISO 639-3, with a script or region where there is more than one
LISTED = """
afr amh arb aze-Latn bak bel bem ben bod bos bul cat ces ckb-Arab cym dan deu div dzo ell eng-GB eng-IN eng-US est eus ewe fao fas fij
fil fin fra fra-CA fuc gle glg guj hau heb hin hmn hrv hun hye ibo ind isl ita jpn kan kat kaz khm kin kir kmr kor lao lav lit ltz mal
mar mey mkd mlg mlt mon mri msa mya nde nep nld nno nob nso nya orm pan pol por por-BR prs pus ron rus shi sin slk slv smo sna-Latn
snd-Arab som spa spa-MX sqi srp-Cyrl srp-Latn ssw swa swe tah tam tat tel tgk-Cyrl tha tir ton tsn tuk tur uig ukr urd uzb ven vie wol
xho yor yue zho-CN zho-TW zul
"""
CODES = set(LISTED.split())
CHINESE = {"Hans": "zho-CN", "Hant": "zho-TW"}
OTHER_CODES = {"tl": "fil"}


def download(name: str, languages: tuple[str, ...], work_dir: Path) -> Dataset:
    """See `fetch` for errors of the network."""
    root = root_address("NTREX_URL", HOST)
    urls = [f"{root}/{file_name(parse_language(language))}" for language in languages]
    files = [download_file(url, work_dir) for url in urls]
    return Dataset(lambda: text_blocks(*files), [file.source for file in files], LICENCE)


def file_name(language: Language) -> str:
    code = ntrex_code(language)
    return "newstest2019-src.eng.txt" if code == "eng" else f"newstest2019-ref.{code}.txt"


def ntrex_code(language: Language) -> str:
    """Raises StepError where NTREX-128 has no such language, or only in another script."""
    iso = language.iso_639_3
    codes = [f"{iso}-{language.region}", f"{iso}-{language.writing}"]
    if language.iso_639_1 == "zh":
        codes.append(CHINESE.get(language.writing, ""))
    elif language.writing == usual_script(language.code, ""):
        # A macrolanguage goes by its own code or by that of the member that is meant: swa, but arb and nob.
        codes += [iso, language.flores.partition("_")[0], OTHER_CODES.get(language.code, "")]
    found = next((code for code in codes if code in CODES or code == "eng"), None)
    if found is None:
        raise StepError(f"NTREX-128 has no {language.tag}; it has {' '.join(sorted(CODES))}")
    return found


PROVIDER = Provider("ntrex", download, columns=(2,))
