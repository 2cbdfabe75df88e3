"""HPLT's monolingual text, https://hplt-project.org/datasets/v2.0: for each language a list of its files, `two/cleaned/ita_Latn_map.txt`.

HPLT_URL names another host with the same layout.
"""

from pathlib import Path

from pipeline.common.languages import Language
from pipeline.common.script import StepError
from pipeline.data.catalogues.catalogue import Catalogue, NotListedError, Offer, Pair, download
from pipeline.data.providers.hplt import HOST, RELEASES, hplt_codes
from pipeline.data.web_files import root_address


def source() -> str:
    return root_address("HPLT_URL", HOST)


def ask(pair: Pair, folder: Path) -> list[Offer]:
    offers = []
    for language in pair:
        if files := listed_files(language):
            remark = f"{files} file{'' if files == 1 else 's'}, documents with scores"
            offers.append(Offer("hplt_mono/v2.0", "mono", "hplt", "v2.0", language.tag, remark=remark))
    return offers


def listed_files(language: Language) -> int:
    """How many files there are; 0 for a language that is not there."""
    for code in hplt_codes(language, RELEASES["v2.0"]):
        url = f"{source()}/two/cleaned/{code}_map.txt"
        try:
            lines = download(url).split()
        except NotListedError:
            continue
        if not all(line.endswith(".jsonl.zst") for line in lines):
            raise StepError(f"{url}: the answer is no list of files")
        return len(lines)
    return 0


CATALOGUE = Catalogue("hplt", ask, source, "try again where it can be reached, or name another host in HPLT_URL")
