"""Catalogues as they were last fetched: one file for a provider and a pair, `opus.en-it.json`, with the date."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipeline.common.outputs import write_json
from pipeline.common.script import StepError
from pipeline.common.source import public_address
from pipeline.data.catalogues.catalogue import Catalogue, Offer, Pair


@dataclass(frozen=True)
class Answer:
    """What a provider offers. `date` says when it said so, and is empty for what comes with the code or a package; `problem` says why it
    could not be asked now, and then the offers are those of an earlier day, or none. An answer is kept and printed: there is no password in
    `source` or `problem`."""

    provider: str
    source: str
    date: str
    offers: list[Offer]
    problem: str = ""


def answer(catalogue: Catalogue, pair: Pair, folder: Path, refresh: bool) -> Answer:
    """The provider's answer, from the cache unless it is not there, of another source, or to be refreshed."""
    path = folder / f"{catalogue.provider}.{'-'.join(sorted(language.tag for language in pair))}.json"
    cached = load(path) if catalogue.cached else None
    asked = source = ""
    try:
        asked = catalogue.source()
        source = public_address(asked)
        if cached and cached.source == source and not refresh:
            return cached
        if not catalogue.cached:
            return Answer(catalogue.provider, source, "", catalogue.ask(pair, folder))
        fetched = Answer(catalogue.provider, source, datetime.now(UTC).date().isoformat(), catalogue.ask(pair, folder))
    except StepError as error:
        known = cached or Answer(catalogue.provider, "", "", [])
        return Answer(catalogue.provider, known.source, known.date, known.offers, str(error).replace(asked, source).replace("\n", " "))
    write_json(path, {key: value for key, value in asdict(fetched).items() if key != "problem"})
    return fetched


def load(path: Path) -> Answer | None:
    """What an earlier run wrote; None where there is nothing, or what an earlier version of this program wrote in another form."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return Answer(**{**stored, "offers": [Offer(**offer) for offer in stored["offers"]]})
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
