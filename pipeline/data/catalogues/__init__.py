"""The providers' catalogues, in the order in which they are preferred where several offer the same text.

`url`, `tmx`, `hf` and `hfp` have none: a config names their datasets by address.
"""

from pipeline.data.catalogues import ddtp, flores, hplt, mtdata, news_crawl, ntrex, opus, sacrebleu

CATALOGUES = tuple(module.CATALOGUE for module in (opus, flores, ntrex, sacrebleu, news_crawl, hplt, mtdata, ddtp))
