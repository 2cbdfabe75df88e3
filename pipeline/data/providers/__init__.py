"""Providers by the prefix of a dataset's name: each is a module here with the prefix for its name (`news-crawl` in news_crawl.py).

A dataset's module is imported alone, and its digest covers it alone: a change of one provider does not download the others' datasets anew.
"""

from pipeline.common.data_files import module_choice
from pipeline.common.script import StepError
from pipeline.data.dataset import Provider


def find_provider(dataset: str) -> tuple[Provider, str]:
    """The provider of `PREFIX_NAME`, and NAME; raises StepError where the name has no such form or nobody provides it."""
    prefix, _, name = dataset.partition("_")
    if not name:
        raise StepError(f"dataset {dataset!r}: the name must be PROVIDER_NAME, such as url_https://host/corpus.[LANG].zst")
    try:
        provider: Provider = module_choice("data/providers", prefix).PROVIDER
    except StepError as error:
        raise StepError(f"dataset {dataset!r}: {error}") from error
    return provider, name
