import pytest

from pipeline.common.source import Source, public_address


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("https://host/a/b.zst", "https://host/a/b.zst"),
        ("https://host:8000/a%20b/[x].zst", "https://host:8000/a%20b/[x].zst"),
        ("https://host/a.zst?token=secret", "https://host/a.zst"),
        ("https://host/a.zst?X-Amz-Signature=secret&part=1#secret", "https://host/a.zst"),
        ("https://user:secret@host:8000/a@b.zst", "https://host:8000/a@b.zst"),
        ("https://se@cret@[::1]:80/a", "https://[::1]:80/a"),
        ("file:///data/news.en.gz", "file:///data/news.en.gz"),
    ],
)
def test_addresses_that_anyone_may_read(url: str, public: str) -> None:
    assert public_address(url) == public


def test_the_record_of_a_source() -> None:
    source = Source("https://key@host/get?file=a&key=secret", 3, "abc")
    assert source.record() == {"url": "https://host/get", "bytes": 3, "sha256": "abc"}
