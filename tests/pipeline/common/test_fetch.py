import hashlib
import random
import threading
from pathlib import Path

import pytest

from pipeline.common import fetch as fetching
from pipeline.common.fetch import MissingFileError, fetch
from pipeline.common.script import RetryableError, StepError
from tests.pipeline.web_server import send_file

CONTENT = random.Random(1).randbytes(500_000)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(fetching, "WAIT", 0.001)


def test_size_and_hash_are_those_of_the_file(web_server, tmp_path: Path):
    web_server.files["/corpus.zst"] = CONTENT
    source = fetch(f"{web_server.address}/corpus.zst", tmp_path / "corpus.zst")
    assert (tmp_path / "corpus.zst").read_bytes() == CONTENT
    assert (source.bytes, source.sha256) == (len(CONTENT), hashlib.sha256(CONTENT).hexdigest())


def test_a_cut_transfer_goes_on_where_it_stopped(web_server, tmp_path: Path):
    web_server.files["/corpus.zst"] = CONTENT
    web_server.answer_cut(CONTENT, sent=200_000)
    web_server.answer_cut(CONTENT, sent=150_000)
    fetch(f"{web_server.address}/corpus.zst", tmp_path / "corpus.zst")
    assert (tmp_path / "corpus.zst").read_bytes() == CONTENT
    first, *later = web_server.ranges
    assert first is None
    assert len(later) == 2 and all(asked and int(asked[6:-1]) > 0 for asked in later)
    assert [path.name for path in tmp_path.iterdir()] == ["corpus.zst"]


def test_a_later_run_goes_on_and_starts_over_when_the_file_has_changed(web_server, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(fetching, "ATTEMPTS", 1)
    web_server.answer_cut(CONTENT, sent=200_000)
    web_server.answer(500)
    with pytest.raises(RetryableError, match="500"):
        fetch(f"{web_server.address}/corpus.zst", tmp_path / "corpus.zst")
    changed = CONTENT[::-1]
    web_server.files["/corpus.zst"] = changed
    fetch(f"{web_server.address}/corpus.zst", tmp_path / "corpus.zst")
    assert web_server.ranges[-1] is not None
    assert (tmp_path / "corpus.zst").read_bytes() == changed


def test_killed_after_the_last_byte(web_server, tmp_path: Path):
    web_server.files["/corpus.zst"] = CONTENT
    (tmp_path / "corpus.zst.partial").write_bytes(CONTENT)
    (tmp_path / "corpus.zst.partial.validator").write_text(f'"{hashlib.md5(CONTENT).hexdigest()}"')
    fetch(f"{web_server.address}/corpus.zst", tmp_path / "corpus.zst")
    assert (tmp_path / "corpus.zst").read_bytes() == CONTENT


def test_a_busy_server_is_asked_again(web_server, tmp_path: Path):
    web_server.files["/corpus"] = CONTENT
    for status in (500, 503, 429):
        web_server.answer(status)
    fetch(f"{web_server.address}/corpus", tmp_path / "corpus")
    assert (tmp_path / "corpus").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("asked", "paused"),
    [("7", 7.0), ("86400", fetching.LONGEST_PAUSE), ("Wed, 21 Oct 2015 07:28:00 GMT", 0.001), ("soon", 0.001), (None, 0.001)],
)
def test_a_server_may_ask_for_a_pause(web_server, tmp_path: Path, monkeypatch, asked: str | None, paused: float):
    pauses: list[float] = []
    monkeypatch.setattr(fetching.time, "sleep", pauses.append)
    web_server.files["/corpus"] = CONTENT
    web_server.answer(429, **({"Retry_After": asked} if asked else {}))
    fetch(f"{web_server.address}/corpus", tmp_path / "corpus")
    assert pauses == [paused]


def test_a_slow_server_is_waited_for_as_long_as_bytes_come(web_server, tmp_path: Path):
    """It takes longer for all than it may for the next piece."""
    web_server.answers.append(lambda handler: send_file(handler, CONTENT, pieces=15, pause=0.15))
    fetch(f"{web_server.address}/corpus", tmp_path / "corpus", patience=2)
    assert (tmp_path / "corpus").read_bytes() == CONTENT
    assert web_server.ranges == [None]


def test_a_server_that_says_nothing_more_is_asked_again(web_server, tmp_path: Path):
    web_server.files["/corpus"] = CONTENT
    released = threading.Event()
    web_server.answers.append(lambda handler: released.wait(30))
    fetch(f"{web_server.address}/corpus", tmp_path / "corpus", patience=0.2)
    released.set()
    assert (tmp_path / "corpus").read_bytes() == CONTENT
    assert web_server.ranges == [None, None]


def test_size_and_hash_may_be_known(web_server, tmp_path: Path):
    web_server.files["/corpus"] = CONTENT
    sha256 = hashlib.sha256(CONTENT).hexdigest()
    path = tmp_path / "corpus"
    assert fetch(f"{web_server.address}/corpus", path, size=len(CONTENT), sha256=sha256).sha256 == sha256
    with pytest.raises(StepError, match=r"expected 499999 bytes, there are 500000: the file has changed"):
        fetch(f"{web_server.address}/corpus", path, size=499_999)
    with pytest.raises(StepError, match="expected the sha256 0000, it is"):
        fetch(f"{web_server.address}/corpus", path, sha256="0000")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("content", "is_page"),
    [
        (b"<!DOCTYPE html><title>Log in</title>", True),
        (b"\xef\xbb\xbf \n<HTML lang='en'>", True),
        (b"<!-- a comment\nof two lines --><!doctype HTML PUBLIC '-//W3C'>", True),
        (b"<?xml version='1.0'?>\n<!DOCTYPE html>", True),
        (b"<?xml version='1.0'?>\n<!DOCTYPE tmx SYSTEM 'tmx14.dtd'><tmx>", False),
        (b"A line about <html> and <!DOCTYPE html>.\n", False),
        (b"<htmlish>", False),
    ],
)
def test_pages_in_place_of_data_are_known_by_what_they_are(web_server, tmp_path: Path, content: bytes, is_page: bool):
    web_server.answer(200, content, Content_Type="application/octet-stream")
    if not is_page:
        assert fetch(f"{web_server.address}/corpus", tmp_path / "corpus").bytes == len(content)
        return
    with pytest.raises(StepError, match="HTML page in place of data"):
        fetch(f"{web_server.address}/corpus", tmp_path / "corpus")
    assert not list(tmp_path.iterdir())


def test_a_server_that_stays_down_is_retryable(web_server, tmp_path: Path):
    for _ in range(fetching.ATTEMPTS):
        web_server.answer(502)
    with pytest.raises(RetryableError, match="502"):
        fetch(f"{web_server.address}/corpus", tmp_path / "corpus")
    assert not (tmp_path / "corpus").exists()


def test_a_gzip_file_labelled_as_encoded_stays_as_it_is(web_server, tmp_path: Path):
    import gzip

    packed = gzip.compress(b"one\n")
    web_server.answer(200, packed, Content_Encoding="gzip")
    fetch(f"{web_server.address}/corpus.gz", tmp_path / "corpus.gz")
    assert (tmp_path / "corpus.gz").read_bytes() == packed


@pytest.mark.parametrize(
    ("status", "content", "headers", "message"),
    [
        (404, b"", {}, "404"),
        (403, b"", {}, "403"),
        (200, b"<html>log in</html>", {"Content_Type": "text/html; charset=utf-8"}, "HTML page"),
        (200, b"", {}, "empty"),
    ],
)
def test_what_cannot_help_to_try_again(web_server, tmp_path: Path, status, content, headers, message):
    web_server.answer(status, content, **headers)
    with pytest.raises(StepError, match=message) as raised:
        fetch(f"{web_server.address}/corpus.zst", tmp_path / "corpus.zst")
    assert not isinstance(raised.value, RetryableError)
    assert isinstance(raised.value, MissingFileError) == (status == 404)
    assert len(web_server.ranges) == 1
    assert not (tmp_path / "corpus.zst").exists()


def test_files_of_this_disk(tmp_path: Path):
    (tmp_path / "a b.txt").write_bytes(b"one\n")
    assert fetch((tmp_path / "a b.txt").as_uri(), tmp_path / "work" / "it").bytes == 4
    with pytest.raises(StepError, match="no such file"):
        fetch((tmp_path / "missing").as_uri(), tmp_path / "work" / "it")
    with pytest.raises(StepError, match="absolute"):
        fetch("file://relative/corpus.zst", tmp_path / "work" / "it")
    with pytest.raises(StepError, match="not an http"):
        fetch("ftp://host/corpus.zst", tmp_path / "work" / "it")
