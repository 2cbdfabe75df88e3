"""NTREX-128: the English side of WMT's newstest2019 in 128 languages, https://github.com/MicrosoftTranslator/NTREX.

Languages are ISO 639-3 codes, with a script or region where there are several of one: `srp-Cyrl`, `por-BR`, `zho-TW`.
"""

from pathlib import Path

from pipeline.common.data_files import data_file
from pipeline.common.languages import Language, usual_script
from pipeline.data.catalogues.catalogue import Catalogue, Offer, Pair

SENTENCES = 1997
CHINESE = {"Hans": "zho-CN", "Hant": "zho-TW"}
OTHER_CODES = {"tl": ["fil"]}  # Tagalog, whose standard Filipino is


def source() -> str:
    return "NTREX-128"


def ask(pair: Pair, folder: Path) -> list[Offer]:
    known = set(data_file("data/catalogues/ntrex128.txt").read_text(encoding="utf-8").split())
    if not all(known & set(codes(language)) for language in pair):
        return []
    return [Offer("ntrex_test", "evaluation", "ntrex", sentences=SENTENCES)]


def codes(language: Language) -> list[str]:
    """What the language may be called there, the most exact first. Without script or region it is meant as it is usually written; a
    macrolanguage goes by its own code or by that of its principal member: swa, but arb."""
    iso = language.iso_639_3
    exact = [f"{iso}-{language.tag.rpartition('-')[2]}", f"{iso}-{language.writing}"]
    if language.iso_639_1 == "zh":
        return [*exact, CHINESE.get(language.writing, "")]
    if language.writing != usual_script(language.code, ""):
        return exact
    return [*exact, iso, language.flores.partition("_")[0], *OTHER_CODES.get(language.code, [])]


CATALOGUE = Catalogue("ntrex", ask, source, "", cached=False)
