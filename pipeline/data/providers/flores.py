"""FLORES-200, 997 sentences `flores_dev` and 1,012 `flores_devtest`, the same in some 200 languages.

NLLB Team 2022, https://arxiv.org/abs/2207.04672. One archive holds all languages: dev/eng_Latn.dev, devtest/eng_Latn.devtest. FLORES_URL is
the address of another copy, which may be of the older FLORES-101: dev/eng.dev, dev/zho_simpl.dev.
"""

from pathlib import Path

from pipeline.common.languages import Language, parse_language
from pipeline.common.script import StepError
from pipeline.data.archives import find_member, member_names
from pipeline.data.dataset import Dataset, Provider
from pipeline.data.web_files import download_file, member_blocks, root_address

ARCHIVE = "https://dl.fbaipublicfiles.com/nllb/flores200_dataset.tar.gz"
SHA256 = "b8b0b76783024b85797e5cc75064eb83fc5288b41e9654dabc7be6ae944011f6"
SIZE = 25_585_843
LICENCE = "CC BY-SA 4.0"  # says https://github.com/facebookresearch/flores
PARTS = ("dev", "devtest")
FLORES_101_SCRIPTS = {"zho_Hans": "zho_simpl", "zho_Hant": "zho_trad"}


def download(name: str, languages: tuple[str, ...], work_dir: Path) -> Dataset:
    """See `fetch` for errors of the network."""
    if name not in PARTS:
        raise StepError(f"expected {' or '.join(f'flores_{part}' for part in PARTS)}")
    url = root_address("FLORES_URL", ARCHIVE)
    size, sha256 = (SIZE, SHA256) if url == ARCHIVE else (None, None)
    archive = download_file(url, work_dir, size=size, sha256=sha256)
    names = member_names(archive.path, url)
    members = [member_of(names, name, parse_language(language), url) for language in languages]
    return Dataset(lambda: member_blocks(archive, members), [archive.source], LICENCE)


def member_of(names: list[str], part: str, language: Language, url: str) -> str:
    """The file of a language; FLORES-101 names most by ISO 639-3 alone."""
    code = language.flores
    older = [FLORES_101_SCRIPTS[code]] if code in FLORES_101_SCRIPTS else [code.partition("_")[0], language.iso_639_3]
    return find_member(names, [f"/{part}/{one}.{part}" for one in dict.fromkeys([code, *older])], url)


PROVIDER = Provider("flores", download, columns=(2,))
