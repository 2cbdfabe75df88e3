"""Any file of lines: `url_https://host/corpus.[LANG].zst`, `url_file:///data/news.en.gz`.

[LANG] stands for the language and may occur more than once; monolingual text does without. The suffix tells the compression (.zst, .gz,
.xz, or plain).
"""

from pathlib import Path

from pipeline.common.blocks import read_parallel_blocks
from pipeline.common.script import StepError
from pipeline.data.dataset import Dataset, Provider


def download(name: str, languages: tuple[str, ...], work_dir: Path) -> Dataset:
    """`name` is the address; see `fetch` for its errors. Reading raises StepError where the sides differ in length."""
    if len(languages) > 1 and "[LANG]" not in name:
        raise StepError(f"url_{name}: parallel text needs [LANG] in its address, where {' and '.join(languages)} stand")
    # requests takes a while to import, and whoever only asks for the parser does not need it
    from pipeline.common.fetch import fetch, local_name

    urls = [name.replace("[LANG]", language) for language in languages]
    # The language is in the message where one side is shorter than the other.
    paths = [work_dir / f"{language}-{local_name(url)}" for language, url in zip(languages, urls, strict=True)]
    sources = [fetch(url, path) for url, path in zip(urls, paths, strict=True)]
    return Dataset(lambda: read_parallel_blocks(*paths), sources)


PROVIDER = Provider("url", download)
