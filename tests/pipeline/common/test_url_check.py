from pathlib import Path

import pytest

from pipeline.common import url_check
from pipeline.common.script import RetryableError, StepError
from pipeline.common.url_check import check_urls, exists


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(url_check, "WAIT", 0.001)


def test_only_the_first_byte_is_asked_for(web_server, tmp_path: Path):
    web_server.files["/corpus.zst"] = b"x" * 100
    (tmp_path / "local").write_bytes(b"x")
    check_urls([f"{web_server.address}/corpus.zst", (tmp_path / "local").as_uri()])
    assert web_server.ranges == ["bytes=0-0"]


def test_a_server_that_knows_no_ranges(web_server):
    web_server.answer(200, b"x" * 100)
    check_urls([f"{web_server.address}/corpus.zst"])


def test_every_wrong_address_is_named_in_one_line(web_server, tmp_path: Path):
    web_server.files |= {"/there": b"x", "/empty": b""}
    address = web_server.address
    (tmp_path / "nothing").touch()
    wrong = [f"{address}/missing", f"{address}/empty", (tmp_path / "no").as_uri(), (tmp_path / "nothing").as_uri(), "ftp://host/file"]
    with pytest.raises(StepError) as raised:
        check_urls([wrong[0], f"{address}/there", *wrong[1:]])
    assert not isinstance(raised.value, RetryableError)
    message = str(raised.value)
    assert "\n" not in message and "/there" not in message
    assert all(url in message for url in wrong)
    for problem in ("answered 404", "the file is empty", "no such file", "not an http"):
        assert problem in message


def test_a_login_page_is_no_file(web_server):
    web_server.answer(200, b"<html>log in</html>", Content_Type="text/html; charset=utf-8")
    with pytest.raises(StepError, match="HTML page"):
        check_urls([f"{web_server.address}/corpus.zst"])


def test_a_busy_server_is_asked_again_and_one_that_stays_down_is_retryable(web_server):
    web_server.files["/corpus"] = b"x"
    for status in (500, 503, 429):
        web_server.answer(status)
    assert exists(f"{web_server.address}/corpus")
    for _ in range(url_check.ATTEMPTS):
        web_server.answer(502)
    with pytest.raises(RetryableError, match=r"/corpus: the server answered 502"):
        exists(f"{web_server.address}/corpus")


def test_nobody_listens(web_server):
    with pytest.raises(RetryableError, match="gave up"):
        check_urls(["http://127.0.0.1:1/corpus"])


def test_what_is_wrong_for_sure_is_said_before_what_is_unreachable(web_server):
    with pytest.raises(StepError, match=r"/missing: the server answered 404") as raised:
        check_urls(["http://127.0.0.1:1/corpus", f"{web_server.address}/missing"])
    assert not isinstance(raised.value, RetryableError)


@pytest.mark.parametrize("address", ["http://name:secret@/x", "http://name:secret@127.0.0.1:99999/x", f"http://{'a' * 70}.org/x"])
def test_an_address_that_cannot_be_asked_for(address: str):
    with pytest.raises(StepError, match="cannot be asked for") as raised:
        check_urls([address])
    assert "secret" not in str(raised.value)


def test_a_redirect_to_what_cannot_be_asked_for(web_server):
    web_server.answer(302, Location="ftp://name:secret@host/x")
    with pytest.raises(StepError, match=f"^{web_server.address}/x: it, or an address that it leads to, cannot be asked for"):
        check_urls([f"{web_server.address}/x"])
