"""Which offers have the text of another one: mirrors, and older versions."""

import re
from collections.abc import Iterable

from pipeline.data.catalogues.catalogue import Offer

# OPUS-100 is a sample of the other corpora of OPUS, https://opus.nlpl.eu/opus-100.php.
SAMPLES = {"opus100", "opus100train"}
OPUS = ("opus_", "mtdata_OPUS-")


def duplicates(offers: Iterable[Offer], providers: list[str]) -> dict[Offer, str]:
    """For each offer whose text another one has, the name of the other: of the provider that comes first in `providers`, and of that the
    newest version. A sample of OPUS is a duplicate of OPUS.
    """
    best: dict[tuple[str, str | None, str], Offer] = {}
    ordered = sorted(offers, key=lambda offer: providers.index(offer.name.partition("_")[0]))
    for offer in ordered:
        key = (offer.kind, offer.language, offer.corpus)
        other = best.setdefault(key, offer)
        if other.name.partition("_")[0] == offer.name.partition("_")[0] and version_key(offer.version) > version_key(other.version):
            best[key] = offer
    found = {offer: best[offer.kind, offer.language, offer.corpus].name for offer in ordered}
    return {offer: name for offer, name in (found | inside_others(ordered)).items() if name != offer.name}


def inside_others(offers: list[Offer]) -> dict[Offer, str]:
    """Offers that are parts of others: samples, Tilde's corpora, and CCMatrix where NLLB has as many pairs, since it took these over."""
    corpora: dict[str, list[Offer]] = {}
    for offer in offers:
        if offer.kind == "parallel":
            corpora.setdefault(offer.corpus, []).append(offer)
    found: dict[Offer, str] = {}
    if any(offer.name.startswith(OPUS) for corpus, same in corpora.items() if corpus not in SAMPLES for offer in same):
        found |= {offer: "OPUS" for corpus in SAMPLES for offer in corpora.get(corpus, [])}
    if tilde := corpora.get("tildemodel"):
        parts = [offer for corpus, same in corpora.items() if corpus.startswith("tilde") and corpus != "tildemodel" for offer in same]
        found |= dict.fromkeys(parts, tilde[0].name)
    nllb, ccmatrix = corpora.get("nllb", []), corpora.get("ccmatrix", [])
    if {offer.sentences for offer in nllb} & {offer.sentences for offer in ccmatrix} - {None}:
        found |= dict.fromkeys(ccmatrix, nllb[0].name)
    return found


def version_key(version: str) -> list[tuple[int, int, str]]:
    """Orders versions as people do: v9 before v10, 18 before 18.1."""
    words = re.findall(r"\d+|[a-z]+", version.lower().removeprefix("v"))
    return [(1, int(word), "") if word.isdigit() else (0, 0, word) for word in words]
