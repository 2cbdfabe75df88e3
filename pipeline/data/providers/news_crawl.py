"""News of a year from the web, shuffled and deduplicated: `news-crawl_news.2021`, https://data.statmt.org/news-crawl.

One file a year and language, which goes by its ISO 639-1 code where it has one: scripts and regions are not told apart there.
"""

import re
from pathlib import Path

from pipeline.common.languages import parse_language
from pipeline.common.script import StepError
from pipeline.common.source import public_address
from pipeline.data.dataset import Dataset, Provider
from pipeline.data.web_files import download_first, root_address, text_blocks

HOST = "https://data.statmt.org/news-crawl"
NAME = re.compile(r"news\.[0-9]{4}")


def download(name: str, languages: tuple[str, ...], work_dir: Path) -> Dataset:
    """See `fetch` for errors of the network."""
    if not NAME.fullmatch(name):
        raise StepError("expected news-crawl_news.YEAR")
    root = root_address("NEWS_CRAWL_URL", HOST)
    language = parse_language(languages[0])
    code = language.iso_639_1 or language.code
    urls = [f"{root}/{code}/{name}.{code}.shuffled.deduped.gz"]
    file = download_first(urls, work_dir, f"the news crawl has no {name} in {code}, see {public_address(root)}/{code}/ for its years")
    return Dataset(lambda: text_blocks(file), [file.source])


PROVIDER = Provider("news-crawl", download, columns=(1,))
