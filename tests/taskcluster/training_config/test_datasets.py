import re

import pytest
from training_taskgraph.training_config import Dataset, DatasetNameError, parse_dataset
from training_taskgraph.training_config.datasets import PROVIDERS
from training_taskgraph.training_config.name_types import DatasetName

SLUGS = {
    "opus_ParaCrawl/v9": "opus-ParaCrawl_v9",
    "opus_ELRC_2922/v1": "opus-ELRC_2922_v1",
    "opus_ELRC-3855-SWPS_University_Soci/v1": "opus-ELRC-3855-SWPS_University_Soci_v1",
    "news-crawl_news.2021": "news-crawl-news.2021",
    "flores_dev": "flores-dev",
    "flores_aug-mix-cjk_dev": "flores-aug-mix-cjk-dev",
    "sacrebleu_mtedx/valid": "sacrebleu-mtedx_valid",
    "ddtp_bookworm/titles": "ddtp-bookworm_titles",
}
# Names from which something that matters is lost in a slug.
HASHED = {
    "ddtp_bookworm/titles[0:1000]": "ddtp-bookworm_titles_0_1000-",
    "sacrebleu_wmt20/robust/set1": "sacrebleu-wmt20_robust_set1-",
    "mtdata_Statmt-europarl_wmt13-7-ces-eng": "mtdata-Statmt-europarl_wmt13-7-ces-eng-",
    "url_https://example.com/corpus.[LANG].zst": "url-https_example.com_corpus._LANG_.zst-",
    "opus_Länsförsäkringar/v1": "opus-L_nsf_rs_kringar_v1-",
    "opus_LänsförsäkringaÄ/v1": "opus-L_nsf_rs_kringa_v1-",
    f"opus_{'x' * 120}/v1": f"opus-{'x' * 66}-",
}


@pytest.mark.parametrize(
    ("full", "dataset"),
    [
        ("opus_ELRC_2922/v1", Dataset("opus_ELRC_2922/v1", "opus", None, "ELRC_2922/v1")),
        ("news-crawl_news.2021", Dataset("news-crawl_news.2021", "news-crawl", None, "news.2021")),
        ("flores_aug-mix_dev", Dataset("flores_aug-mix_dev", "flores", "mix", "dev")),
        ("sacrebleu_aug-inline-noise_a_b", Dataset("sacrebleu_aug-inline-noise_a_b", "sacrebleu", "inline-noise", "a_b")),
        ("opus_augmented/v1", Dataset("opus_augmented/v1", "opus", None, "augmented/v1")),
    ],
)
def test_parse(full: str, dataset: Dataset) -> None:
    assert parse_dataset(full) == dataset


@pytest.mark.parametrize(
    ("full", "suggestion"),
    [
        ("opus", None),
        ("opus_", None),
        ("OPUS_ParaCrawl/v9", "opus_ParaCrawl/v9"),
        ("newscrawl_news.2021", "news-crawl_news.2021"),
        ("flores_aug-mixcjk_dev", "flores_aug-mix-cjk_dev"),
        ("flores_aug-", None),
        ("flores_aug-mix_", None),
    ],
)
def test_names_that_are_none(full: str, suggestion: str | None) -> None:
    with pytest.raises(DatasetNameError) as caught:
        parse_dataset(full)
    assert caught.value.suggestion == suggestion


@pytest.mark.parametrize(("full", "slug"), SLUGS.items())
def test_slugs_are_readable(full: str, slug: str) -> None:
    assert parse_dataset(full).slug == slug


@pytest.mark.parametrize(("full", "readable"), HASHED.items())
def test_slugs_that_lose_something_have_a_hash(full: str, readable: str) -> None:
    slug = parse_dataset(full).slug
    assert slug.startswith(readable)
    assert re.fullmatch("[0-9a-f]{8}", slug.removeprefix(readable))
    assert re.fullmatch("[A-Za-z0-9._-]{1,80}", slug)


def test_different_names_have_different_slugs() -> None:
    ambiguous = ["a/b/c", "a_b/c", "a/b_c", "a_b_c", "a.b/c", "a-b/c", "a:b/c", "aäb/c", "aöb/c", "a b/c", "A/b/c"]
    names = [f"{provider}_{name}" for provider in ("hf", "hfp", "opus") for name in ambiguous] + [*SLUGS, *HASHED]
    assert len({parse_dataset(name).slug for name in names}) == len(set(names))


def test_threshold_keys() -> None:
    assert parse_dataset("hplt_mono/v2.0").threshold_key == "hplt_mono_v2_0"
    assert parse_dataset("url_file:///a.[LANG].zst").threshold_key == "url_file____a__LANG__zst"


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        ("opus_A/v1", "opus_A/v1", True),
        ("opus_A/v1", "opus_A/v2", False),
        ("opus_A/v1", "tmx_A/v1", False),
        ("opus_aug-typos_A/v1", "opus_A/v1", True),
        ("ddtp_bookworm/titles[0:100]", "ddtp_bookworm/titles[100:200]", False),
        ("ddtp_bookworm/titles[0:101]", "ddtp_bookworm/titles[100:200]", True),
        ("ddtp_bookworm/titles[200:]", "ddtp_bookworm/titles[:200]", False),
        ("ddtp_bookworm/titles[199:]", "ddtp_bookworm/titles[:200]", True),
        ("ddtp_bookworm/titles", "ddtp_bookworm/titles[5:6]", True),
        ("ddtp_bookworm/titles", "ddtp_bookworm/sentences", False),
        ("ddtp_bookworm", "ddtp_bookworm/sentences[5:6]", True),
        ("ddtp_bookworm[0:5]", "ddtp_bookworm/sentences[5:6]", True),
        ("ddtp_bookworm[0:5]", "ddtp_bookworm[5:6]", False),
        ("ddtp_bookworm", "ddtp_trixie", False),
    ],
)
def test_overlap(one: str, other: str, overlap: bool) -> None:
    first, second = parse_dataset(one).extent, parse_dataset(other).extent
    assert first.overlaps(second) is overlap
    assert second.overlaps(first) is overlap


@pytest.mark.parametrize(("name", "provider"), PROVIDERS.items())
def test_the_example_of_a_provider_is_one_of_its_names(name: str, provider) -> None:
    assert provider.example.startswith(f"{name}_")
    assert DatasetName("example", tuple(provider.forms)).error(provider.example) is None
