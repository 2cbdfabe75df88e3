"""Lists the datasets that providers offer for a language pair, by the names that a training config knows them by.

    python3 -m pipeline.data.find_corpus --src en --trg it
    python3 -m pipeline.data.find_corpus --src en --trg it --json > en-it.json

On standard output: a table for people, the largest sets first, or JSON for programs. That has what each provider was asked and when
(`catalogues`: `provider`, `source`, `date`, `problem`) and the sets (`datasets`: `name`, `kind`, `sentences`, `bytes` to download,
`remark`, `duplicate-of`); what is unknown is null. The kinds are `parallel`, `evaluation`, `mono-src` and `mono-trg`.

Catalogues are kept in a folder and asked for again with --refresh. A provider that cannot be asked is a warning, and what it offered last
time is listed; only where there is nothing to list at all does the script fail. `pipeline/data/catalogues/` says who is asked, and how.
"""

import argparse
import json
import logging
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from pipeline.common.languages import parse_language
from pipeline.common.script import StepError, run
from pipeline.data.catalogues import CATALOGUES
from pipeline.data.catalogues.cache import Answer, answer
from pipeline.data.catalogues.catalogue import Catalogue, Offer, Pair
from pipeline.data.catalogues.duplicates import duplicates
from pipeline.data.catalogues.table import render

KINDS = ("parallel", "evaluation", "mono-src", "mono-trg")


def parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    options.add_argument("--src", required=True, metavar="TAG", help="source language")
    options.add_argument("--trg", required=True, metavar="TAG", help="target language")
    options.add_argument("--json", action="store_true", help="write JSON in place of a table")
    options.add_argument("--all", action="store_true", help="list in the table what has the text of another set, too")
    options.add_argument("--refresh", action="store_true", help="ask again for catalogues that are kept")
    where = "where catalogues are kept (default: data/catalogues)"
    options.add_argument("--catalogues", type=Path, default=Path("data/catalogues"), metavar="DIR", help=where)
    return options


def main(argv: Sequence[str] | None = None) -> None:
    arguments = parser().parse_args(argv)
    pair = parse_language(arguments.src), parse_language(arguments.trg)
    if pair[0] == pair[1]:
        raise StepError(f"--src and --trg are both {pair[0].tag}: a pair is two languages")
    arguments.catalogues.mkdir(parents=True, exist_ok=True)
    answers = ask_all(pair, arguments.catalogues, arguments.refresh)
    for given, catalogue in zip(answers, CATALOGUES, strict=True):
        if given.problem:
            logging.warning("%s", complaint(given, catalogue))
    found = listing(arguments.src, arguments.trg, pair, answers)
    if not found["datasets"]:
        raise StepError(f"nothing is listed for {arguments.src}-{arguments.trg}: {'; '.join(map(silence, answers))}")
    print(json.dumps(found, indent=2, ensure_ascii=False) if arguments.json else render(found, arguments.all))


def ask_all(pair: Pair, folder: Path, refresh: bool) -> list[Answer]:
    """The answers of all providers, which are asked at the same time: most of it is waiting."""
    # What is wrong with a provider is said once, not for each attempt.
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    with ThreadPoolExecutor(len(CATALOGUES)) as pool:
        return list(pool.map(lambda catalogue: answer(catalogue, pair, folder, refresh), CATALOGUES))


def complaint(given: Answer, catalogue: Catalogue) -> str:
    listed = f"listed is what it offered on {given.date}" if given.date else "nothing of it is listed"
    return f"{given.provider}: {given.problem}; {listed}" + (f"; {catalogue.advice}" if catalogue.advice else "")


def silence(given: Answer) -> str:
    return f"{given.provider} could not be asked" if given.problem else f"{given.provider} has none"


def listing(src: str, trg: str, pair: Pair, answers: Iterable[Answer]) -> dict[str, Any]:
    """What is printed, as data; the same answers give the same order."""
    answers = list(answers)
    offers = [offer for given in answers for offer in given.offers]
    others = duplicates(offers, [catalogue.provider for catalogue in CATALOGUES])
    datasets = [dataset(offer, pair, others.get(offer)) for offer in offers]
    datasets.sort(key=lambda entry: (KINDS.index(entry["kind"]), -(entry["sentences"] or 0), -(entry["bytes"] or 0), entry["name"]))
    asked = [{"provider": given.provider, "source": given.source, "date": given.date, "problem": given.problem} for given in answers]
    return {"src": src, "trg": trg, "catalogues": asked, "datasets": datasets}


def dataset(offer: Offer, pair: Pair, other: str | None) -> dict[str, Any]:
    kind = offer.kind if offer.language is None else ("mono-src" if offer.language == pair[0].tag else "mono-trg")
    return {
        "name": offer.name,
        "kind": kind,
        "sentences": offer.sentences,
        "bytes": offer.bytes,
        "remark": offer.remark,
        "duplicate-of": other,
    }


if __name__ == "__main__":
    run(main)
