import hashlib
import random
import shutil
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pipeline.common import fetch as fetching
from pipeline.common.fetch import MissingFileError, fetch, local_name
from pipeline.common.script import RetryableError, StepError
from tests.pipeline.web_server import send, send_file

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
    assert {path.name for path in tmp_path.iterdir()} == {"corpus.zst", "corpus.zst.validator"}


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


def test_a_part_that_ends_early_is_not_all_of_the_file(web_server, tmp_path: Path):
    """Some servers send no more than so much at a time, whatever was asked for."""
    web_server.files["/corpus"] = CONTENT
    web_server.answer_cut(CONTENT, sent=200_000)
    web_server.answer(206, CONTENT[200_000:350_000], Content_Range="bytes 200000-349999/500000")
    fetch(f"{web_server.address}/corpus", tmp_path / "corpus")
    assert (tmp_path / "corpus").read_bytes() == CONTENT
    assert web_server.ranges == [None, "bytes=200000-", "bytes=350000-"]


@pytest.mark.parametrize("headers", [{"Content_Range": "bytes 0-499999/500000"}, {}])
def test_a_part_that_nobody_asked_for(web_server, tmp_path: Path, headers: dict[str, str]):
    (tmp_path / "corpus.partial").write_bytes(b"of a run that was killed")
    web_server.answer(206, CONTENT, **headers)
    with pytest.raises(StepError, match="asked for all from byte 0 on, the server sent"):
        fetch(f"{web_server.address}/corpus", tmp_path / "corpus")
    assert not (tmp_path / "corpus").exists()


@pytest.mark.parametrize("validators", [{"ETag": '"1"'}, {"Last_Modified": "Wed, 21 Oct 2015 07:28:00 GMT"}])
def test_a_part_of_another_version_is_not_put_to_the_first(web_server, tmp_path: Path, validators: dict[str, str]):
    """The server does not heed If-Range."""
    changed = CONTENT[::-1]
    web_server.files["/corpus"] = changed
    web_server.answer(200, CONTENT[:200_000], **{"Content_Length": "500000"} | validators)
    others = {name: value.translate(str.maketrans("12", "34")) for name, value in validators.items()}
    web_server.answer(206, changed[200_000:], Content_Range="bytes 200000-499999/500000", **others)
    fetch(f"{web_server.address}/corpus", tmp_path / "corpus")
    assert (tmp_path / "corpus").read_bytes() == changed
    assert web_server.ranges == [None, "bytes=200000-", None]


def test_a_server_that_cannot_resume_is_not_asked_for_ever(web_server, tmp_path: Path):
    for _ in range(10):
        for sent in (100_000, 200_000):
            web_server.answer(200, CONTENT[:sent], Content_Length="500000")
    with pytest.raises(RetryableError, match="gave up after 6 attempts"):
        fetch(f"{web_server.address}/corpus", tmp_path / "corpus")
    assert len(web_server.ranges) == 2 + fetching.ATTEMPTS


@pytest.mark.parametrize(
    ("name", "value", "condition"),
    [("ETag", '"1"', "If-None-Match"), ("Last_Modified", "Wed, 21 Oct 2015 07:28:00 GMT", "If-Modified-Since")],
)
def test_a_later_run_asks_whether_a_file_has_changed(web_server, tmp_path: Path, name: str, value: str, condition: str):
    url, path = f"{web_server.address}/corpus", tmp_path / "corpus"
    conditions: list[str | None] = []

    def unchanged(handler: BaseHTTPRequestHandler) -> None:
        conditions.append(handler.headers[condition])
        send(handler, 304)

    web_server.answer(200, CONTENT, **{name: value})
    web_server.answers.append(unchanged)
    assert fetch(url, path) == fetch(url, path)
    assert conditions == [value]

    for _ in range(fetching.ATTEMPTS):
        web_server.answer(503)
    with pytest.raises(RetryableError, match="503"):
        fetch(url, path)
    assert path.read_bytes() == CONTENT

    web_server.answer(200, CONTENT[::-1])
    fetch(url, path)
    assert path.read_bytes() == CONTENT[::-1]
    asked = len(web_server.paths)
    fetch(url, path)  # the server gave nothing to tell the next version by
    assert len(web_server.paths) == asked


def test_all_was_there_of_another_version(web_server, tmp_path: Path):
    """A run was killed before the file had its name, and one as long has come in its place."""
    (tmp_path / "corpus.partial").write_bytes(CONTENT[::-1])
    (tmp_path / "corpus.validator").write_text('"1"')
    web_server.files["/corpus"] = CONTENT
    web_server.answer(416, Content_Range=f"bytes */{len(CONTENT)}", ETag='"2"')
    fetch(f"{web_server.address}/corpus", tmp_path / "corpus")
    assert (tmp_path / "corpus").read_bytes() == CONTENT


def test_killed_while_a_changed_file_came(web_server, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(fetching, "ATTEMPTS", 1)
    url, path, changed = f"{web_server.address}/corpus", tmp_path / "corpus", CONTENT[::-1]
    web_server.files["/corpus"] = CONTENT
    fetch(url, path)
    web_server.files["/corpus"] = changed
    web_server.answer_cut(changed, sent=200_000)
    web_server.answer(500)
    with pytest.raises(RetryableError):
        fetch(url, path)
    fetch(url, path)
    assert path.read_bytes() == changed
    assert web_server.ranges[-1] == "bytes=200000-"


def test_killed_after_the_last_byte(web_server, tmp_path: Path):
    web_server.files["/corpus.zst"] = CONTENT
    (tmp_path / "corpus.zst.partial").write_bytes(CONTENT)
    (tmp_path / "corpus.zst.validator").write_text(f'"{hashlib.md5(CONTENT).hexdigest()}"')
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


@pytest.mark.parametrize("length", ["soon", "-1"])
def test_a_length_that_is_no_number(web_server, tmp_path: Path, length: str):
    web_server.answer(200, CONTENT, Content_Length=length)
    assert fetch(f"{web_server.address}/corpus", tmp_path / "corpus").bytes == len(CONTENT)


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


@pytest.mark.parametrize("address", ["http://[::1/corpus", "http://a..b/corpus", "http://host:99999/corpus"])
def test_addresses_that_cannot_be_asked_for(web_server, tmp_path: Path, address: str):
    with pytest.raises(StepError, match=r"cannot be read|cannot be asked for") as raised:
        fetch(address, tmp_path / "corpus")
    assert type(raised.value) is StepError
    web_server.answer(302, Location=address)
    with pytest.raises(StepError, match="an address that it leads to, cannot be asked for") as raised:
        fetch(f"{web_server.address}/corpus", tmp_path / "corpus")
    assert type(raised.value) is StepError
    assert len(web_server.paths) == 1


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        *((status, {}) for status in (200, 206, 404, 403, 503)),
        (200, {"Content_Type": "text/html"}),
        (302, {"Location": "ftp://name:secret@host/corpus?key=secret"}),
    ],
)
def test_what_may_be_a_key_is_not_shown(web_server, tmp_path: Path, caplog, status: int, headers: dict[str, str]):
    url = web_server.address.replace("//", "//name:secret@") + "/corpus?key=secret"
    for _ in range(fetching.ATTEMPTS):
        web_server.answer(status, **headers)
    with pytest.raises(StepError, match=f"^{web_server.address}/corpus: ") as raised:
        fetch(url, tmp_path / "corpus")
    assert "secret" not in str(raised.value) + caplog.text


def test_what_may_be_a_key_is_not_shown_where_there_is_no_server(tmp_path: Path, caplog):
    with pytest.raises(RetryableError, match=r"^http://127\.0\.0\.1:1/corpus: .*refused") as raised:
        fetch("http://name:secret@127.0.0.1:1/corpus?key=secret", tmp_path / "corpus")
    assert "secret" not in str(raised.value) + caplog.text


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl to make a certificate with")
def test_a_certificate_that_is_not_trusted(tmp_path: Path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    words = ["openssl", "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-subj", "/CN=localhost", "-keyout", key, "-out", certificate]
    subprocess.run(words, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *arguments: None
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        with pytest.raises(StepError, match="CERTIFICATE_VERIFY_FAILED") as raised:
            fetch(f"https://127.0.0.1:{server.server_address[1]}/corpus", tmp_path / "corpus")
        server.shutdown()
    assert type(raised.value) is StepError


@pytest.mark.parametrize("name", ["語" * 80 + ".zst", "a" * 300 + ".zst", "\U0001f600" * 60 + "a.zst", "corpus.zst"])
def test_local_names_are_short_enough_for_every_disk(tmp_path: Path, name: str):
    short = local_name(f"http://host/{name}?key=1")
    (tmp_path / f"{short}.validator").touch()
    assert short.endswith(name[-12:]) and len(short.encode()) <= 77
    assert short != local_name(f"http://host/{name}?key=2")
