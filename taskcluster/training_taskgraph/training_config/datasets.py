"""Names of datasets: `PROVIDER_NAME`, or `PROVIDER_aug-KIND_NAME` for an augmented copy of an evaluation set."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from .errors import nearest

# What a dataset offers: sentence pairs to train on, sentence pairs that are kept for evaluation, or text in one language.
Kind = Literal["parallel", "evaluation", "mono"]

# What becomes of the pairs of an augmented copy.
AUGMENTATIONS: Mapping[str, str] = {
    "mix": "each of the kinds from `title` to `inline-noise` for one pair in twenty",
    "mix-cjk": "`mix` without the kinds that make no sense in Chinese, Japanese and Korean: `title`, `upper`, `typos`",
    "mix-nocase": "`mix` without `title` and `upper`",
    "title": "a capital at the beginning of each word",
    "upper": "all in capitals",
    "punct": "the mark at the end removed or replaced, where both sides have one",
    "typos": "up to four typing errors in the source",
    "noise": "a line of noise before each pair, the same on both sides: the set is twice as long",
    "inline-noise": "the same noise inserted at corresponding places of both sides",
    "short": "only the first sentence or clause of both sides, where they correspond",
}

_SLUG_LENGTH = 80
_UNSAFE_IN_SLUG = re.compile(r"[^A-Za-z0-9._/-]")
_UNSAFE_IN_THRESHOLD_KEY = re.compile(r"[/.:\[\]]")


@dataclass(frozen=True)
class Form:
    """The names that a provider understands: a pattern that the whole name matches, and the same for people."""

    pattern: str
    text: str


@dataclass(frozen=True)
class Provider:
    forms: Mapping[Kind, Form]
    example: str
    source: str


_ANY = Form(r"[^\s_]\S*", "NAME")
_OPUS = Form(r"[^\s/]+/[^\s/]+", "CORPUS/VERSION")
_DDTP = Form(
    r"[a-z]+(/titles|/sentences)?(\[([0-9]+:[0-9]*|:[0-9]+)\])?",
    "RELEASE, RELEASE/titles or RELEASE/sentences, and maybe a slice [START:STOP]",
)

PROVIDERS: Mapping[str, Provider] = {
    "opus": Provider({"parallel": _OPUS, "mono": _OPUS}, "opus_ParaCrawl/v9", "OPUS: Moses archives, monolingual text"),
    "mtdata": Provider(
        {"parallel": Form(r"[^\s/-]+(-[^\s/-]+){3,}-[^\s/-]+", "GROUP-NAME-VERSION-LANG-LANG")},
        "mtdata_Statmt-europarl_wmt13-7-ces-eng",
        "the `mtdata` package",
    ),
    "sacrebleu": Provider({"evaluation": _ANY}, "sacrebleu_wmt19", "the `sacrebleu` package"),
    "flores": Provider({"evaluation": Form("dev|devtest", "dev or devtest")}, "flores_devtest", "FLORES"),
    "ntrex": Provider({"evaluation": _ANY}, "ntrex_test", "NTREX-128"),
    "news-crawl": Provider({"mono": Form(r"news\.[0-9]{4}", "news.YEAR")}, "news-crawl_news.2021", "WMT news crawl"),
    "hplt": Provider(
        {"mono": Form(r"mono/v(1\.2|2\.0|3\.0)", "mono/v1.2, mono/v2.0 or mono/v3.0")},
        "hplt_mono/v2.0",
        "HPLT: documents with scores",
    ),
    "url": Provider(
        {
            "parallel": Form(r"(https?|file)://\S*\[LANG\]\S*", "an http, https or file URL with [LANG] in place of the language"),
            "mono": Form(r"(https?|file)://\S+", "an http, https or file URL"),
        },
        "url_https://host/corpus.[LANG].zst",
        "any file of lines, plain or compressed",
    ),
    "tmx": Provider(
        {"parallel": Form(r"pontoon|(https?|file)://\S+", "pontoon, or an http, https or file URL")},
        "tmx_pontoon",
        "TMX translation memories",
    ),
    "hf": Provider(
        {"mono": Form(r"[^\s:@]+(:[^\s:@]*){3}(@[^\s@]+)?", "ORG/NAME:SUBSET:SPLIT:FIELD@REVISION")},
        "hf_org/name:subset:split:field@rev",
        "Hugging Face datasets",
    ),
    "hfp": Provider(
        {"parallel": Form(r"[^\s:@]+(:[^\s:@]*){4}(@[^\s@]+)?", "ORG/NAME:SUBSET:SPLIT:SRC_FIELD:TRG_FIELD@REVISION")},
        "hfp_org/name:subset:split:src_field:trg_field@rev",
        "Hugging Face datasets",
    ),
    "ddtp": Provider({"parallel": _DDTP, "mono": _DDTP}, "ddtp_bookworm/titles[0:1000]", "Debian's translated package descriptions"),
}


class DatasetNameError(ValueError):
    """A name that is no dataset's; `allowed` says what is, `suggestion` what was probably meant."""

    def __init__(self, what: str, allowed: str, suggestion: str | None = None) -> None:
        super().__init__(what)
        self.allowed = allowed
        self.suggestion = suggestion


@dataclass(frozen=True)
class Extent:
    """A part of a provider's data: `start` and `stop` count sentences, `stop` is None where it goes to the end."""

    data: tuple[str, str]
    part: str = ""
    start: int = 0
    stop: int | None = None

    def overlaps(self, other: "Extent") -> bool:
        """Whether both may have sentences in common. Slices count within their own part: those of the whole and of a part may overlap."""
        if self.data != other.data:
            return False
        if self.part != other.part:
            return not self.part or not other.part
        return (other.stop is None or self.start < other.stop) and (self.stop is None or other.start < self.stop)


@dataclass(frozen=True)
class Dataset:
    """A dataset's name in its parts; `full` is the name as configs write it."""

    full: str
    provider: str
    augmentation: str | None
    name: str

    @cached_property
    def slug(self) -> str:
        """The name for files and labels: `[A-Za-z0-9._-]`, at most 80 characters, different for different datasets.

        `/` becomes `_`. Where that could not be undone (the last `_` would not be the only `/`), where other characters
        were replaced, and where the name was cut, a hash of the full name tells such names apart.
        """
        words = [self.provider, f"aug-{self.augmentation}" if self.augmentation else "", self.name]
        plain = "-".join(filter(None, words))
        before, _, after = self.name.rpartition("/")
        undoable = "/" not in before and "_" not in after
        if undoable and len(plain) <= _SLUG_LENGTH and not _UNSAFE_IN_SLUG.search(plain):
            return plain.replace("/", "_")
        safe = re.sub(r"[^A-Za-z0-9.-]+", "_", plain).strip("_")
        digest = hashlib.sha256(self.full.encode()).hexdigest()[:8]
        return f"{safe[: _SLUG_LENGTH - len(digest) - 1]}-{digest}"

    @property
    def threshold_key(self) -> str:
        """The name under which `dataset-thresholds` lists it."""
        return _UNSAFE_IN_THRESHOLD_KEY.sub("_", self.full)

    def threshold(self, thresholds: Mapping[str, Any]) -> float | None:
        """Its threshold; None where that is 0, which is no filter."""
        return thresholds["dataset-thresholds"].get(self.threshold_key, thresholds["default-threshold"]) or None

    @property
    def extent(self) -> "Extent":
        """Which part of its provider's data it is, augmented or not."""
        if self.provider != "ddtp":
            return Extent((self.provider, self.name))
        name, _, bounds = self.name.rstrip("]").partition("[")
        release, _, part = name.partition("/")
        start, _, stop = bounds.partition(":")
        return Extent((self.provider, release), part, int(start or 0), int(stop) if stop else None)

    def forms(self, *kinds: Kind) -> list[Form]:
        """What its provider calls its datasets of these kinds; empty where it has none."""
        offered = PROVIDERS[self.provider].forms
        return [offered[kind] for kind in kinds if kind in offered]


def parse_dataset(full: str) -> Dataset:
    """Takes a dataset's name apart. Raises DatasetNameError unless provider and augmentation are known."""
    provider, separator, name = full.partition("_")
    if not separator or not name:
        raise DatasetNameError("not a dataset", "PROVIDER_NAME such as opus_ParaCrawl/v9")
    if provider not in PROVIDERS:
        near = nearest(provider, PROVIDERS)
        raise DatasetNameError(f"unknown provider '{provider}'", ", ".join(PROVIDERS), near and f"{near}_{name}")
    if not name.startswith("aug-"):
        return Dataset(full, provider, None, name)
    augmentation, separator, name = name.removeprefix("aug-").partition("_")
    if not separator or not name:
        raise DatasetNameError("malformed augmentation", f"{provider}_aug-KIND_NAME")
    if augmentation not in AUGMENTATIONS:
        near = nearest(augmentation, AUGMENTATIONS)
        suggestion = near and f"{provider}_aug-{near}_{name}"
        raise DatasetNameError(f"unknown augmentation '{augmentation}'", ", ".join(AUGMENTATIONS), suggestion)
    return Dataset(full, provider, augmentation, name)


def threshold_key(name: str) -> str:
    """The form that `dataset-thresholds` wants of a dataset's name."""
    return _UNSAFE_IN_THRESHOLD_KEY.sub("_", name)
