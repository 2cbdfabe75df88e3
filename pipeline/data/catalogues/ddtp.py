"""Debian's package descriptions: the languages that a release has, by the checksums of its Release file, which apt fetches and verifies."""

import os
import re
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline.common.script import RetryableError, StepError
from pipeline.data.catalogues.catalogue import Catalogue, Offer, Pair
from pipeline.data.providers.ddtp import debian_code
from pipeline.data.translation_index import find_release

RELEASES = ("bookworm", "trixie")  # the oldest first; the descriptions of one are for the most part those of the next
INDEX = re.compile(r"^\s*[0-9a-f]{64}\s+(\d+)\s+main/i18n/Translation-(\w+)(?:\.\w+)?$", re.MULTILINE)
REMARK = "also /titles, /sentences and slices such as /titles[0:1000]"


def source() -> str:
    return os.environ.get("DDTP_URL") or "the mirror of this machine's apt"


def ask(pair: Pair, folder: Path) -> list[Offer]:
    offers: list[Offer] = []
    missing = []
    for number, release in enumerate(RELEASES):
        try:
            with TemporaryDirectory() as lists:
                _, fields = find_release(release, ["none"], Path(lists))
        except RetryableError:
            raise
        except StepError as error:
            missing.append(error)
            continue
        offers += offers_of(release, str(number), index_sizes(fields.get("SHA256", "")), pair)
    if len(missing) == len(RELEASES):
        raise missing[-1]
    return offers


def index_sizes(checksums: str) -> dict[str, int]:
    """By language the bytes of its index, as it is compressed best."""
    sizes: dict[str, int] = {}
    for size, language in INDEX.findall(checksums):
        sizes[language] = min(int(size), sizes.get(language, int(size)))
    return sizes


def offers_of(release: str, version: str, sizes: dict[str, int], pair: Pair) -> list[Offer]:
    found = {language.tag: sizes[code] for language in pair if (code := debian_code(language.tag)) in sizes}
    name = f"ddtp_{release}"
    offers = [Offer(name, "mono", "ddtp", version, tag, bytes=size, remark=REMARK) for tag, size in found.items()]
    if len(found) == len(pair):
        offers.append(Offer(name, "parallel", "ddtp", version, bytes=sum(found.values()), remark=REMARK))
    return offers


CATALOGUE = Catalogue("ddtp", ask, source, "name a mirror of Debian in DDTP_URL, such as https://HOST/debian")
