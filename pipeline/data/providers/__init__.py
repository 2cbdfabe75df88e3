"""Providers by the prefix of a dataset's name."""

from pipeline.common.script import StepError
from pipeline.data.dataset import Provider
from pipeline.data.providers import ddtp, flores, hplt, news_crawl, ntrex, opus, tmx, url

PROVIDERS = {
    provider.prefix: provider
    for provider in (
        ddtp.PROVIDER,
        flores.PROVIDER,
        hplt.PROVIDER,
        news_crawl.PROVIDER,
        ntrex.PROVIDER,
        opus.PROVIDER,
        tmx.PROVIDER,
        url.PROVIDER,
    )
}


def find_provider(dataset: str) -> tuple[Provider, str]:
    """The provider of `PREFIX_NAME`, and NAME; raises StepError where the name has no such form or nobody provides it."""
    prefix, _, name = dataset.partition("_")
    if prefix not in PROVIDERS or not name:
        raise StepError(f"dataset {dataset!r}: the name must start with one of {', '.join(f'{known}_' for known in sorted(PROVIDERS))}")
    return PROVIDERS[prefix], name
