"""FLORES-200: the same sentences in 204 languages and scripts, https://github.com/facebookresearch/flores/tree/main/flores200."""

from pathlib import Path

from pipeline.common.data_files import data_file
from pipeline.data.catalogues.catalogue import Catalogue, Offer, Pair

SENTENCES = {"dev": 997, "devtest": 1012}


def source() -> str:
    return "FLORES-200"


def ask(pair: Pair, folder: Path) -> list[Offer]:
    known = set(data_file("data/catalogues/flores200.txt").read_text(encoding="utf-8").split())
    if not all(language.flores in known for language in pair):
        return []
    return [Offer(f"flores_{part}", "evaluation", f"flores{part}", sentences=number) for part, number in SENTENCES.items()]


CATALOGUE = Catalogue("flores", ask, source, "", cached=False)
