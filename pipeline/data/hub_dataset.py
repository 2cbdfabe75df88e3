"""Datasets of the Hugging Face hub: which files a subset and a split are, and the files themselves.

Which they are is for the package `datasets` to say, by the repository's card or the files' names, always at one commit. HF_ENDPOINT names
another host than https://huggingface.co, HF_TOKEN a token for datasets that are not open to all.
"""

import logging
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pipeline.common.script import RetryableError, StepError
from pipeline.common.source import Source

if TYPE_CHECKING:
    from huggingface_hub.hf_api import DatasetInfo

Result = TypeVar("Result")

TIMEOUT = 60.0  # seconds that the hub may take for an answer
IN_REPOSITORY = re.compile(r"hf://datasets/(?P<repository>[^@]+)@(?P<revision>[^/]+)/(?P<path>.+)")


@dataclass(frozen=True)
class HubName:
    """`ORG/NAME:SUBSET:SPLIT:FIELD@REVISION`, with a field for each side."""

    repository: str
    subset: str
    split: str
    fields: tuple[str, ...]
    revision: str


@dataclass(frozen=True)
class HubFiles:
    """The files of a split, as they were downloaded. `reader` is the package's module for their format, `options` are what it is told."""

    commit: str
    subset: str
    licence: str | None
    reader: str
    options: Any
    paths: list[Path]
    sources: list[Source]


def parse_name(prefix: str, name: str, sides: int) -> HubName:
    named, _, revision = name.rpartition("@") if "@" in name else (name, "", "")
    repository, *words = named.split(":")
    if len(words) != 2 + sides or not repository or (("@" in name) and not revision):
        fields = ":".join(["FIELD"] if sides == 1 else ["SRC_FIELD", "TRG_FIELD"])
        expected = f"{prefix}_ORG/NAME:SUBSET:SPLIT:{fields}@REVISION"
        raise StepError(f"{prefix}_{name}: expected {expected}; without all that may be left out, {prefix}_ORG/NAME:::{fields}")
    return HubName(repository, words[0], words[1] or "train", tuple(words[2:]), revision)


def fetch_files(name: HubName, folder: Path) -> HubFiles:
    """Downloads the files of the split.

    Raises StepError where there is no such dataset, subset or split, it is not open to whoever asks, or it is made by a script;
    RetryableError where the network or the hub fails.
    """
    use_folder(folder / "hub")
    info, builder = patiently(name.repository, lambda: describe(name))
    files = builder.config.data_files or {}
    if name.split not in files:
        raise StepError(f"{name.repository} has no split {name.split!r} in the subset {builder.config.name!r}; it has {', '.join(files)}")
    if not name.revision:
        logging.warning("%s: no revision is named; this is %s, and another download may be another one", name.repository, info.sha)
    downloaded = [fetch_file(file, info, folder / "files") for file in files[name.split]]
    return HubFiles(
        commit=info.sha or "",
        subset=builder.config.name,
        licence=licence_of(info),
        reader=type(builder).__module__.rpartition(".")[2],
        options=builder.config,
        paths=[path for path, _ in downloaded],
        sources=[source for _, source in downloaded],
    )


def use_folder(folder: Path) -> None:
    """Has the packages, which read these variables when they are imported, keep their files in `folder`, and report to nobody."""
    os.environ["HF_HOME"] = str(folder)
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["HF_UPDATE_DOWNLOAD_COUNTS"] = "0"
    os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
    logging.getLogger("httpx2").setLevel(logging.WARNING)  # a line for each request otherwise


def describe(name: HubName) -> tuple["DatasetInfo", Any]:
    """The repository at the commit that the revision now is, and the package's builder for the subset."""
    from datasets import load_dataset_builder
    from huggingface_hub import HfApi

    info = HfApi().dataset_info(name.repository, revision=name.revision or None, timeout=TIMEOUT)
    # With "hf://" it is no folder of this machine that happens to have the name.
    return info, load_dataset_builder(f"hf://datasets/{info.id}", name=name.subset or None, revision=info.sha)


def patiently(repository: str, ask: Callable[[], Result]) -> Result:
    """What `ask` returns, asked again while the network or the hub fails; what else it raises becomes a StepError."""
    from pipeline.common import fetch

    for attempt in range(1, fetch.ATTEMPTS + 1):
        try:
            return ask()
        except Exception as error:  # the packages raise whatever the case may be: also ValueError, RuntimeError, FileNotFoundError
            if not is_passing(error):
                raise StepError(f"{repository}: {explained(error)}") from error
            if attempt == fetch.ATTEMPTS:
                raise RetryableError(f"{repository}: {one_line(error)}; gave up after {attempt} attempts") from error
            wait = fetch.WAIT * 2 ** (attempt - 1)
            logging.warning("%s: %s; again in %.0f s", repository, one_line(error), wait)
            time.sleep(wait)
    raise AssertionError


def is_passing(error: BaseException) -> bool:
    """Whether trouble of the network or of the hub is behind an error, however the packages have wrapped it."""
    from huggingface_hub.errors import HfHubHTTPError
    from huggingface_hub.utils import httpx

    from pipeline.common.fetch import BUSY

    for cause in causes(error):
        if isinstance(cause, httpx.TransportError | ConnectionError):
            return True
        if isinstance(cause, HfHubHTTPError | httpx.HTTPStatusError) and cause.response is not None:
            status = cause.response.status_code
            if status >= 500 or status in BUSY:
                return True
    return False


def causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def explained(error: Exception) -> str:
    from datasets.exceptions import DatasetNotFoundError
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError

    kinds = {type(cause) for cause in causes(error)}
    # `datasets` raises its own error in place of the hub's, and cuts off where it came from.
    if GatedRepoError in kinds or "is a gated dataset" in str(error):
        return "its owner gives access to whoever asks for it on its page of the hub: ask there, and set HF_TOKEN to your token"
    if RevisionNotFoundError in kinds:
        return "the hub has no such revision of it"
    if RepositoryNotFoundError in kinds or DatasetNotFoundError in kinds:
        return "the hub has no such dataset, or it is private: set HF_TOKEN to a token that may read it"
    if "scripts are no longer supported" in str(error):
        return "a script in the repository makes its text, and no script is run here: take a copy that has the data in files"
    return one_line(error)


def one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def licence_of(info: "DatasetInfo") -> str | None:
    licence = info.card_data.get("license") if info.card_data else None
    return " ".join(licence) if isinstance(licence, list) else licence


def fetch_file(file: str, info: "DatasetInfo", folder: Path) -> tuple[Path, Source]:
    """Downloads one file, named as the package does: `hf://datasets/ORG/NAME@COMMIT/PATH`, or by an address elsewhere."""
    from huggingface_hub import hf_hub_url

    from pipeline.common.fetch import fetch, local_name

    match = IN_REPOSITORY.fullmatch(file)
    if match:
        url = hf_hub_url(match["repository"], match["path"], repo_type="dataset", revision=match["revision"])
        if info.private or info.gated:
            return fetch_with_token(match, url, folder)
    elif file.startswith(("http://", "https://")):
        url = file
    else:
        raise StepError(f"{info.id}: {file} is a file in an archive, which is not read here")
    path = folder / local_name(url)
    return path, fetch(url, path)


def fetch_with_token(file: re.Match[str], url: str, folder: Path) -> tuple[Path, Source]:
    """As fetch, by the hub's own package, which sends the token to the hub alone. It resumes, too."""
    from huggingface_hub import hf_hub_download

    from pipeline.common.fetch import file_sha256

    def ask() -> str:
        return hf_hub_download(file["repository"], file["path"], repo_type="dataset", revision=file["revision"], local_dir=folder)

    path = Path(patiently(file["repository"], ask))
    return path, Source(url, path.stat().st_size, file_sha256(path))
