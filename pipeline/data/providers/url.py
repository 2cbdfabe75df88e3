"""Any file of lines: `url_https://host/corpus.[LANG].zst`, `url_file:///data/news.en.gz`, `url_https://host/get?file=[LANG]&key=1`.

[LANG] stands for the language, as the config writes it, and may occur more than once; monolingual text does without. The file is plain or
compressed with zstd, gzip, xz or bzip2, which its content says, whatever the address ends with.
"""

from pathlib import Path

from pipeline.common.script import StepError
from pipeline.data.dataset import Dataset, Provider
from pipeline.data.web_files import download_file, text_blocks


def download(name: str, languages: tuple[str, ...], work_dir: Path) -> Dataset:
    """`name` is the address; see `fetch` for its errors. Reading raises StepError where the sides differ in length."""
    if len(languages) > 1 and "[LANG]" not in name:
        raise StepError(f"parallel text needs [LANG] in its address, where {' and '.join(languages)} stand")
    files = [download_file(name.replace("[LANG]", language), work_dir) for language in languages]
    return Dataset(lambda: text_blocks(*files), [file.source for file in files])


PROVIDER = Provider("url", download)
