"""The index of the package mtdata, https://github.com/thammegowda/mtdata: parallel data with the addresses it comes from, and no sizes.

The package makes its index from files of its own, without the network, in some ten seconds. It is kept in the catalogues' folder under
the package's version, and nothing is left where the package would keep it.
"""

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline.common.languages import Language
from pipeline.common.lines import read_lines, write_lines
from pipeline.common.scratch import scratch_folder
from pipeline.common.script import StepError
from pipeline.data.catalogues.catalogue import Catalogue, Kind, Offer, Pair, corpus_key

# Parts of the names of what is kept for evaluation.
EVALUATION_WORDS = {"dev", "devtest", "test", "tune", "val", "valid"}
EVALUATION_NAMES = re.compile(r"news(dev|test)|generaltest|flores|ntrex|wmt24pp|wmt_news|tico_19|test20\d\d|cef_data_marketplace$")
WMT = re.compile(r"Statmt/(?:newstest|generaltest)[a-z_]*-20(\d\d)|StanfordNLP/newstest20(\d\d)")

# What stands in OPUS too, by group and name: its name there.
OPUS_NAMES = [
    (r"AI4Bharath/samananthar|Ai4Bharat/samanantar", "Samanantar"),
    (r"AllenAi/nllb", "NLLB"),
    (r"EU/ecdc", "ECDC"),
    (r"Facebook/wikimatrix", "WikiMatrix"),
    (r"LinguaTools/wikititles", "LinguaTools-WikiTitles"),
    (r"Neulab/tedtalks_train", "NeuLab-TedTalks"),
    (r"ParaCrawl/paracrawl|Statmt/paracrawl", "ParaCrawl"),
    (r"Statmt/ccaligned", "CCAligned"),
    (r"Statmt/europarl.*", "Europarl"),
    (r"Statmt/news_commentary.*", "News-Commentary"),
    (r"Statmt/(gnome|kde4|pmindia|tatoeba|ubuntu|wikimedia)", r"\1"),
    (r"Statmt/wiki_?titles", "WikiTitles"),
    (r"Flores/flores200_(dev|devtest)|Openlanguagedata/flores_plus_(dev|devtest)", r"flores\1\2"),
    (r"Flores/flores101_(dev|devtest)", r"flores\1"),
    (r"Microsoft/ntrex", "ntrex"),
    (r"OPUS/(.*)", r"\1"),
]


def version() -> str:
    try:
        return importlib.metadata.version("mtdata")
    except importlib.metadata.PackageNotFoundError as error:
        raise StepError("the package mtdata is not installed") from error


def source() -> str:
    return f"mtdata {version()}"


def ask(pair: Pair, folder: Path) -> list[Offer]:
    return [offer(entry) for entry in entries(folder) if fits(pair, entry["did"].split("-")[3:])]


def entries(folder: Path) -> Iterator[dict[str, Any]]:
    """The package's entries: `did` is GROUP-NAME-VERSION-LANG[-LANG]."""
    index = folder / f"mtdata-{version()}.jsonl.zst"
    if not index.exists():
        make_index(index)
    return (json.loads(line) for line in read_lines(index))


def make_index(index: Path) -> None:
    """Lets the package make its index in a folder of its own, which it fills with 140 MB, and keeps the part that is no pickle."""
    with scratch_folder(index, "making") as folder:
        shutil.rmtree(folder)
        folder.mkdir()
        # Without looking for garbage, which would take as long again as to make what all stays.
        # In a process of its own: the package reads the variable, and the current folder, where it is imported; and it sets up logging.
        command = [sys.executable, "-c", "import gc; gc.disable(); import mtdata.index"]
        environment = os.environ | {"MTDATA": str(folder.resolve()), "PYTHONPATH": ""}
        finished = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
        made = list(folder.glob("*.jsonl"))
        if finished.returncode or len(made) != 1:
            last = (finished.stderr.strip().splitlines() or ["no message"])[-1]
            raise StepError(f"mtdata made no index: exit code {finished.returncode}, {last}")
        write_lines(index, read_lines(made[0]))


def fits(pair: Pair, tags: list[str]) -> bool:
    """Whether tags of the index are the two languages, in any order."""
    if len(tags) != 2:
        return False
    first, second = pair
    return any(is_language(first, one) and is_language(second, other) for one, other in (tags, tags[::-1]))


def is_language(language: Language, tag: str) -> bool:
    """Whether a tag such as `eng_GB` is the language, with its script; a region that only one of them names makes no difference."""
    (code, script, region), (other_code, other_script, other_region) = map(parts, (language.mtdata, tag))
    return (code, script) == (other_code, other_script) and (region == other_region or not (region and other_region))


def parts(tag: str) -> tuple[str, str, str]:
    code, *rest = tag.split("_")
    return code, "".join(part for part in rest if len(part) == 4), "".join(part for part in rest if len(part) != 4)


def offer(entry: dict[str, Any]) -> Offer:
    group, name, entry_version, *_ = entry["did"].split("-")
    kind: Kind = "evaluation" if EVALUATION_WORDS & set(name.split("_")) or EVALUATION_NAMES.match(name) else "parallel"
    return Offer(f"mtdata_{entry['did']}", kind, known_as(group, name, entry_version, entry.get("filename", "")), entry_version)


def known_as(group: str, name: str, entry_version: str, filename: str) -> str:
    """The corpus that an entry is: ELRC's by their numbers, WMT's test sets by their years as sacreBLEU calls them."""
    if (group, entry_version) == ("ParaCrawl", "1_bonus"):
        return corpus_key("ParaCrawl-bonus")
    if numbered := re.match(r"ELRC_(\d+)\.", filename) if group == "ELRC" else None:
        return f"elrc{numbered[1]}"
    if wmt := WMT.match(f"{group}/{name}-{entry_version}"):
        return f"wmt{wmt[1] or wmt[2]}"
    for pattern, opus_name in OPUS_NAMES:
        if match := re.fullmatch(pattern, f"{group}/{name}"):
            return corpus_key(match.expand(opus_name))
    return corpus_key(f"{group} {name}")


ADVICE = "install requirements/local.txt or requirements/mtdata.txt"
CATALOGUE = Catalogue("mtdata", ask, source, ADVICE, cached=False)
