"""Test sets of sacreBLEU, by its names for them: `sacrebleu_wmt19`, `sacrebleu_mtedx/valid`, `sacrebleu_wmt21/systems`.

Where a set has only the other direction of a pair, that one is taken with its sides exchanged. Of several references it is the first. The
package says where the archives are, checks them against its MD5 sums and turns them into text; it does not download them: its own download
holds a file in memory, is not repeated or resumed, and leaves what a broken connection sent as if it were whole. SACREBLEU_URL names a
mirror (mirror.py).
"""

import hashlib
import shutil
from copy import copy
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.common.languages import parse_language
from pipeline.common.script import StepError
from pipeline.common.source import Source
from pipeline.common.texts import read_parallel
from pipeline.data.archives import BROKEN_ARCHIVE, zip_errors
from pipeline.data.dataset import Dataset, Provider
from pipeline.data.mirror import mirrored

if TYPE_CHECKING:
    from sacrebleu.dataset.base import Dataset as TestSet

ARCHIVES = (".tar.gz", ".tgz", ".zip")


def download(name: str, languages: tuple[str, ...], work_dir: Path) -> Dataset:
    """Raises StepError where there is no such set, it lacks the pair, or an archive is not the one that the package knows."""
    test_set = find_test_set(name)
    pair, swapped = find_pair(test_set, languages)
    folder = work_dir / "sacrebleu"
    # Its texts are written where they are to lie in the end: those of a killed run may be half.
    shutil.rmtree(folder, ignore_errors=True)
    place(test_set, folder)
    sources = fetch_archives(test_set, work_dir / "archives", folder / "raw")
    paths = texts(test_set, pair)
    if swapped:
        paths.reverse()
    details: dict[str, str | int] = {"pair": pair, "citation": test_set.citation or "", "description": test_set.description or ""}
    return Dataset(lambda: read_parallel(*paths), sources, details=details)


def find_test_set(name: str) -> "TestSet":
    """A copy of the package's description of a test set."""
    from sacrebleu.dataset import DATASETS

    if name not in DATASETS:
        near = get_close_matches(name, DATASETS, n=5, cutoff=0.5)
        hint = f"; it has {', '.join(near)}" if near else ""
        raise StepError(f"sacrebleu_{name}: sacreBLEU has no such test set{hint}")
    return copy(DATASETS[name])


def find_pair(test_set: "TestSet", languages: tuple[str, ...]) -> tuple[str, bool]:
    """The pair as the set lists it, and whether its sides are to be exchanged."""
    codes = [parse_language(tag).sacrebleu for tag in languages]
    pair, opposite = "-".join(codes), "-".join(reversed(codes))
    if pair in test_set.langpairs:
        return pair, False
    if opposite in test_set.langpairs:
        return opposite, True
    raise StepError(f"sacrebleu_{test_set.name} has no {pair}; it has {', '.join(sorted(test_set.langpairs))}")


def place(test_set: "TestSet", folder: Path) -> None:
    """Lets the package keep the set's files in `folder`. Its variable SACREBLEU, read when it is imported, does so for all sets alike."""
    (folder / "raw").mkdir(parents=True)
    test_set._outdir, test_set._rawdir = str(folder), str(folder / "raw")


def fetch_archives(test_set: "TestSet", downloads: Path, raw: Path) -> list[Source]:
    """Puts the archives, and what is in them, to where the package looks before it downloads and unpacks them itself."""
    from pipeline.common.fetch import fetch

    urls = test_set.data or []
    md5_sums = test_set.md5 or [""] * len(urls)
    sources = []
    for url, md5 in zip(urls, md5_sums, strict=True):
        path = downloads / test_set._get_tarball_filename(url)
        source = fetch(mirrored(url, "SACREBLEU_URL"), path)
        if md5:
            check_md5(source.url, path, md5)
        (raw / path.name).symlink_to(path.resolve())
        if path.name.endswith(ARCHIVES):
            unpack(path, raw)
        sources.append(source)
    return sources


def check_md5(url: str, path: Path, expected: str) -> None:
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "md5").hexdigest()
    if found != expected:
        path.unlink()  # another run shall not find it
        raise StepError(f"{url}: the MD5 sum is {found}, and not {expected} as sacreBLEU expects: cut off, or another version")


def unpack(archive: Path, folder: Path) -> None:
    try:
        if archive.suffix == ".zip":
            with zip_errors():
                shutil.unpack_archive(archive, folder)
        else:
            shutil.unpack_archive(archive, folder, filter="data")
    except BROKEN_ARCHIVE as error:
        raise StepError(f"{archive}: broken ({error})") from error


def texts(test_set: "TestSet", pair: str) -> list[Path]:
    """The source and the first reference as files of lines. The package ends a line at "\\n" alone, and makes U+2028 a blank."""
    try:
        source = Path(test_set.get_source_file(pair))
        # Sorted, as those of a newer set come in the order of a Python set: ref-A before ref-B, ref-0 before ref-1.
        references = sorted(map(Path, test_set.get_reference_files(pair)))
    except Exception as error:  # the package checks nothing of what is in the archives
        raise StepError(
            f"sacrebleu_{test_set.name}: its archives are not as sacreBLEU expects ({type(error).__name__}: {error})"
        ) from error
    if not references:
        raise StepError(f"sacrebleu_{test_set.name} has no reference for {pair}")
    return [source, references[0]]


PROVIDER = Provider("sacrebleu", download, columns=(2,))
