"""NTREX-128: the English side of WMT's newstest2019 in 128 languages, https://github.com/MicrosoftTranslator/NTREX.

Languages are ISO 639-3 codes, with a script or region where there are several of one: `srp-Cyrl`, `por-BR`, `zho-TW`.
"""

from pathlib import Path

from pipeline.common.data_files import data_file
from pipeline.common.languages import Language
from pipeline.data.catalogues.catalogue import Catalogue, Offer, Pair

SENTENCES = 1997
CHINESE = {"Hans": "zho-CN", "Hant": "zho-TW"}


def source() -> str:
    return "NTREX-128"


def ask(pair: Pair, folder: Path) -> list[Offer]:
    known = set(data_file("data/catalogues/ntrex128.txt").read_text(encoding="utf-8").split())
    if not all(known & set(codes(language)) for language in pair):
        return []
    return [Offer("ntrex_test", "evaluation", "ntrex", sentences=SENTENCES)]


def codes(language: Language) -> list[str]:
    """What the language may be called there, the most exact first; a macrolanguage also goes by its principal member, and that by it."""
    _, _, region = language.tag.partition("-")
    individual, script = language.flores.split("_")
    bases = dict.fromkeys([language.iso_639_3, individual])
    exact = [f"{base}-{ending}" for base in bases for ending in (region, language.writing, script) if ending]
    return [*exact, *bases, *([CHINESE[language.writing]] if language.iso_639_1 == "zh" and language.writing in CHINESE else [])]


CATALOGUE = Catalogue("ntrex", ask, source, "", cached=False)
