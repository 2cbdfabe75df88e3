"""Uploads to a server on loopback that speaks Cloud Storage's API, through Google's own client."""

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from pipeline.common.script import RetryableError, StepError
from pipeline.upload import bucket, transfer
from pipeline.upload.upload import main, parser
from tests.pipeline.upload.storage_server import BUCKET, crc32c

ROOT = Path(__file__).resolve().parents[3]
CHUNK = 256 << 10
SMALL = {"model/metadata.json": b'{"a": 1}\n', "scores/evaluate-student-x/metrics.json": b"{}\n", "summary.md": "# Übersicht\n".encode()}
LARGE = random.Random(1).randbytes(3 * CHUNK + 1000)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Small chunks, and no waiting."""
    monkeypatch.setattr(transfer, "CHUNK", CHUNK)
    monkeypatch.setattr(transfer, "WAIT", 0.001)
    monkeypatch.setattr(bucket, "FIRST_WAIT", 0.001)
    monkeypatch.setattr(bucket, "LONGEST_WAIT", 0.01)


@pytest.fixture
def upload(tmp_path, storage):
    """Uploads these files, and returns the record."""

    def run(files=SMALL, config=None, folder=None):
        folder = folder or tmp_path / "in"
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        main(words(tmp_path, folder, config))
        return json.loads((tmp_path / "out/upload.json").read_text())

    return run


def words(tmp_path, folder, config=None, destination=f"gs://{BUCKET}/en-it/spring"):
    given = ["--folder", folder, "--destination", destination, "--output", tmp_path / "out/upload.json", "--work-dir", tmp_path / "work"]
    given += ["--statistics", tmp_path / "out/statistics.json"]
    return [*map(str, given), *(["--config", config] if config else [])]


def place(record):
    """The prefix of the objects."""
    return record["destination"].removeprefix(f"gs://{BUCKET}/")


def contents(storage, record):
    return {name.removeprefix(f"{place(record)}/"): stored.content for name, stored in storage.objects.items()}


def test_files_become_objects_and_the_record_comes_last(upload, storage, tmp_path):
    record = upload({**SMALL, "corpus.aln.zst": LARGE}, config='{"experiment": {"name": "frühling"}}')
    uploaded = contents(storage, record)
    written = json.loads(uploaded.pop("upload.json"))
    config = uploaded.pop("config.json")
    assert uploaded == {**SMALL, "corpus.aln.zst": LARGE}
    assert json.loads(config) == {"experiment": {"name": "frühling"}}
    assert written == record
    assert place(record).startswith("en-it/spring-")
    assert storage.sent("POST")[-1] == f"POST {place(record)}/upload.json"
    assert record["objects"] == [
        {
            "name": name,
            "url": f"gs://{BUCKET}/{place(record)}/{name}",
            "bytes": len(content),
            "crc32c": crc32c(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        for name, content in sorted({**uploaded, "config.json": config}.items())
    ]
    statistics = json.loads((tmp_path / "out/statistics.json").read_text())
    assert statistics == {"objects": 5, "bytes": sum(one["bytes"] for one in record["objects"])}
    assert storage.objects[f"{place(record)}/model/metadata.json"].content_type == "application/json"
    assert list((tmp_path / "work/sessions").iterdir()) == []


def test_large_files_go_in_chunks(upload, storage):
    upload({"corpus.zst": LARGE})
    size = len(LARGE)
    chunks = [f"PUT {start}-{min(start + CHUNK, size) - 1}/{size}" for start in range(0, size, CHUNK)]
    assert storage.sent("PUT")[:-1] == chunks
    assert len(chunks) == 4


def test_an_empty_file(upload, storage):
    record = upload({"nothing": b""})
    assert contents(storage, record)["nothing"] == b""


def test_what_is_there_is_not_sent_again(upload, storage):
    record = upload()
    storage.requests.clear()
    assert upload() == record
    assert storage.sent("POST") == storage.sent("PUT") == []


def test_other_content_has_a_place_of_its_own(upload, storage):
    first = upload()
    second = upload({**SMALL, "summary.md": b"# Other\n"})
    assert first["destination"] != second["destination"]
    assert storage.objects[f"{place(first)}/summary.md"].content == SMALL["summary.md"]
    renamed = upload({"summary.txt": b"# Other\n"})
    assert renamed["destination"] not in {first["destination"], second["destination"]}


def test_an_object_of_other_content_is_never_overwritten(upload, storage):
    record = upload()
    changed = f"{place(record)}/summary.md"
    storage.put(changed, b"precious")
    storage.requests.clear()
    message = rf"^gs://models/{changed}: there is something else, 8 bytes with CRC32C \S+, and this is 13 bytes with CRC32C \S+$"
    with pytest.raises(StepError, match=message) as raised:
        upload()
    assert not isinstance(raised.value, RetryableError)
    assert storage.objects[changed].content == b"precious"
    assert storage.sent("POST") == []


def test_the_record_is_overwritten(upload, storage):
    record = upload()
    storage.put(f"{place(record)}/upload.json", b"{}")
    upload()
    assert json.loads(storage.objects[f"{place(record)}/upload.json"].content) == record


@pytest.mark.parametrize(("theirs", "ends_well"), [(SMALL["summary.md"], True), (b"precious", False)])
@pytest.mark.parametrize("moment", ["POST", "PUT"])
def test_an_object_that_appears_while_it_is_sent(upload, storage, theirs, ends_well, moment):
    record = upload()
    storage.objects.clear()
    name = f"{place(record)}/summary.md"
    request = f"POST {name}" if moment == "POST" else f"PUT 0-{len(SMALL['summary.md']) - 1}/"
    storage.faults.append((request, lambda handler: bool(storage.put(name, theirs)) and False))
    if ends_well:
        upload()
    else:
        with pytest.raises(StepError, match="there is something else"):
            upload()
    assert storage.objects[name].content == theirs


def test_a_busy_server_is_asked_again(upload, storage):
    for request in ("GET", "POST", "PUT"):
        storage.answer(request, 503, 500, 429)
    record = upload({"corpus.zst": LARGE})
    assert contents(storage, record)["corpus.zst"] == LARGE


def test_a_cut_connection_costs_what_had_not_arrived(upload, storage):
    size = len(LARGE)
    storage.cut(f"PUT {CHUNK}-")
    storage.cut("POST")
    storage.cut("GET")
    record = upload({"corpus.zst": LARGE})
    assert contents(storage, record)["corpus.zst"] == LARGE
    second = f"PUT {CHUNK}-{2 * CHUNK - 1}/{size}"
    assert storage.sent("PUT")[1:4] == [second, f"PUT */{size}", second]


def test_an_answer_that_is_lost_after_the_last_byte(upload, storage):
    """The server has the object; asked how far it is, it describes it."""
    size = len(LARGE)

    def receive_and_cut(handler):
        key = handler.path.rpartition("/")[2]
        storage.sessions[key].content = LARGE
        return handler.cut()

    storage.faults.append((f"PUT {3 * CHUNK}-", receive_and_cut))
    record = upload({"corpus.zst": LARGE})
    assert contents(storage, record)["corpus.zst"] == LARGE
    assert storage.sent("PUT")[4] == f"PUT */{size}"
    assert len(storage.sent("PUT")) == 6


def test_a_server_that_keeps_a_part_of_each_chunk(upload, storage):
    storage.takes = CHUNK // 2
    record = upload({"corpus.zst": LARGE})
    assert contents(storage, record)["corpus.zst"] == LARGE
    assert storage.sent("PUT")[1].startswith(f"PUT {CHUNK // 2}-")


def test_a_server_that_takes_nothing_is_given_up(upload, storage):
    storage.takes = 0
    with pytest.raises(RetryableError, match=r"nothing has arrived of the bytes from 0 on; gave up after 6 attempts"):
        upload({"corpus.zst": LARGE})


def test_a_session_that_is_gone_is_begun_anew(upload, storage):
    storage.answer(f"PUT {2 * CHUNK}-", 410)
    record = upload({"corpus.zst": LARGE})
    assert contents(storage, record)["corpus.zst"] == LARGE
    assert len(storage.sent("POST")) == 3


@pytest.mark.parametrize(("request_", "statuses"), [("PUT", [502] * 6), ("PUT", [408, 429] * 3)])
def test_a_server_that_stays_down_is_retryable(upload, storage, request_, statuses):
    storage.answer(request_, *statuses)
    with pytest.raises(RetryableError, match=rf"the server answered {statuses[-1]}: .* gave up after 6 attempts"):
        upload()


def test_a_server_that_does_not_answer_is_retryable(upload, storage, monkeypatch):
    monkeypatch.setattr(bucket, "PATIENCE", 0.1)
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "http://127.0.0.1:9")
    with pytest.raises(RetryableError, match=r"^gs://models/\S+: .*given up after 0\.1 s$"):
        upload()
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", storage.address)
    storage.answer("GET", *[503] * 100)
    with pytest.raises(RetryableError, match=r"^gs://models/\S+: the server answered 503: as the test wants it; given up after 0\.1 s$"):
        upload()


def test_content_that_is_damaged_on_its_way_is_refused_by_the_server(upload, storage):
    storage.damages = True
    with pytest.raises(RetryableError, match=r"the server answered 400: .*doesn't match calculated CRC32C.* gave up after 6 attempts"):
        upload({"corpus.zst": LARGE})
    assert storage.objects == {}
    storage.damages = False
    assert contents(storage, upload({"corpus.zst": LARGE}))["corpus.zst"] == LARGE


@pytest.fixture
def reports_another_checksum(storage, monkeypatch):
    """The server says that it has something else than it was sent."""
    put = storage.put

    def put_wrongly(*arguments):
        stored = put(*arguments)
        stored.reported_crc32c = "AAAAAA=="
        return stored

    monkeypatch.setattr(storage, "put", put_wrongly)


def test_an_object_that_is_not_what_was_sent_is_removed(upload, storage, reports_another_checksum):
    with pytest.raises(RetryableError, match=r"arrived as 8192 with AAAAAA==, which was removed$"):
        upload({"corpus.zst": LARGE[:8192]})
    assert storage.objects == {}


def test_an_object_that_is_not_what_was_sent_and_cannot_be_removed(upload, storage, reports_another_checksum):
    storage.answer("DELETE", 403, message="no storage.objects.delete access")
    with pytest.raises(StepError, match=r"with AAAAAA==, which cannot be removed: .*403: .*no storage\.objects\.delete access") as raised:
        upload({"corpus.zst": LARGE})
    assert not isinstance(raised.value, RetryableError)


@pytest.mark.parametrize(("request_", "message"), [("GET", "no storage.objects.get access"), ("POST", "no storage.objects.create access")])
def test_missing_permission_is_one_clear_line(upload, storage, request_, message):
    storage.answer(request_, 403, message=f"tests@example.com has\n{message}.")
    with pytest.raises(StepError, match=rf"^gs://models/\S+: the server answered 403: tests@example\.com has {message}\.$") as raised:
        upload()
    assert not isinstance(raised.value, RetryableError)
    assert "\n" not in str(raised.value)


def test_a_bucket_that_does_not_exist(upload, storage):
    storage.bucket = "another"
    with pytest.raises(StepError, match=r"^gs://models/\S+: the server answered 404: The specified bucket does not exist\.$") as raised:
        upload()
    assert not isinstance(raised.value, RetryableError)


@pytest.fixture(scope="module")
def private_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def credentials(tmp_path, storage, private_key, monkeypatch):
    """The file of a service account's key that the server knows."""
    storage.needs_token = True
    key = {
        "type": "service_account",
        "project_id": "test",
        "private_key_id": "1",
        "private_key": private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        "client_email": "uploads@test.example.com",
        "client_id": "1",
        "token_uri": f"{storage.address}/token",
    }
    file = tmp_path / "key.json"
    file.write_text(json.dumps(key))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    return file


def test_the_key_of_a_service_account_gives_access(upload, storage, credentials):
    record = upload({"corpus.zst": LARGE})
    assert contents(storage, record)["corpus.zst"] == LARGE
    assert storage.requests[:2] == ["POST token", f"GET {place(record)}/corpus.zst"]
    assert len(storage.sent("POST token")) == 1


def test_a_key_that_was_withdrawn(upload, storage, credentials):
    def refuse(handler):
        handler.reply(400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."})
        return True

    storage.faults.append(("POST token", refuse))
    with pytest.raises(StepError, match=r"the credentials gave no access: .*Invalid JWT Signature") as raised:
        upload()
    assert not isinstance(raised.value, RetryableError)


def test_without_the_token_there_is_no_access(upload, storage):
    storage.needs_token = True
    with pytest.raises(StepError, match="the credentials gave no access: Anonymous credentials"):
        upload()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, r"GOOGLE_APPLICATION_CREDENTIALS: File \S+key\.json was not found"),
        ("{", r"GOOGLE_APPLICATION_CREDENTIALS: .*not a valid json file"),
        ("{}", r"GOOGLE_APPLICATION_CREDENTIALS: .*[Tt]ype"),
        ('{"type": "service_account"}', r"GOOGLE_APPLICATION_CREDENTIALS: .*missing fields .*client_email"),
    ],
)
def test_a_file_that_has_no_credentials(upload, credentials, content, message):
    credentials.unlink() if content is None else credentials.write_text(content)
    with pytest.raises(StepError, match=message) as raised:
        upload()
    assert "\n" not in str(raised.value)


def test_no_credentials_at_all(upload, monkeypatch):
    monkeypatch.delenv("STORAGE_EMULATOR_HOST")
    with pytest.raises(StepError, match="no credentials: GOOGLE_APPLICATION_CREDENTIALS must name the file"):
        upload()


@pytest.mark.parametrize(
    "wrong",
    [
        "models/en-it",
        "gs://models",
        "gs://models/",
        "gs://models/a//b",
        "gs://models/../b",
        "gs://Models/a",
        "s3://models/a",
        "gs://m/a\nb",
    ],
)
def test_a_wrong_destination_is_refused(wrong, tmp_path, capsys):
    with pytest.raises(SystemExit):
        parser().parse_args(words(tmp_path, tmp_path, destination=wrong))
    assert "is no gs://BUCKET/PREFIX" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("files", "config", "message"),
    [
        ({}, None, "no file to upload"),
        ({"upload.json": b""}, None, r"upload\.json: a name that the upload keeps for itself"),
        ({"config.json": b""}, "{}", r"config\.json: a name that the upload keeps for itself"),
        ({"a": b""}, "{", r"--config: not JSON"),
        ({"a\nb": b""}, None, "no name for an object"),
        ({"/".join(["a" * 200] * 6): b""}, None, "no name for an object"),
    ],
)
def test_a_wrong_input_is_an_error_before_anything_is_sent(upload, storage, files, config, message):
    with pytest.raises(StepError, match=message):
        upload(files, config)
    assert storage.requests == []


SCRIPT = f"from pipeline.upload import transfer, upload\ntransfer.CHUNK = {CHUNK}\nupload.main()"


def test_killed_in_the_middle_of_a_file_it_goes_on_there(upload, storage, tmp_path):
    files = {"a.json": b"{}", "corpus.zst": LARGE}
    reached, goes_on = threading.Event(), threading.Event()

    def wait_for_the_kill(handler):
        reached.set()
        goes_on.wait(60)
        return handler.cut()

    storage.faults.append((f"PUT {2 * CHUNK}-", wait_for_the_kill))
    for name, content in files.items():
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / name).write_bytes(content)
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, *words(tmp_path, tmp_path / "in")], cwd=ROOT, env=os.environ)
    assert reached.wait(60)
    process.send_signal(signal.SIGKILL)
    process.wait()
    goes_on.set()
    assert not (tmp_path / "out/upload.json").exists()
    assert (tmp_path / "work/sessions").stat().st_mode & 0o077 == 0

    storage.requests.clear()
    record = upload(files)
    size = len(LARGE)
    assert storage.sent("PUT")[:2] == [f"PUT */{size}", f"PUT {2 * CHUNK}-{3 * CHUNK - 1}/{size}"]
    assert [request.rpartition("/")[2] for request in storage.sent("POST")] == ["upload.json"]
    assert contents(storage, record)["corpus.zst"] == LARGE


def test_a_session_for_other_content_is_not_gone_on_with(upload, storage, tmp_path, monkeypatch):
    """The file was made anew between two runs, and the content hash of the set happens to be the same."""
    monkeypatch.setattr("pipeline.upload.upload.content_hash", lambda files: "same")
    storage.answer(f"PUT {CHUNK}-", 403)
    with pytest.raises(StepError, match="the server answered 403"):
        upload({"corpus.zst": LARGE})
    assert len(list((tmp_path / "work/sessions").iterdir())) == 1
    other = LARGE[::-1]
    assert contents(storage, upload({"corpus.zst": other}))["corpus.zst"] == other


def test_killed_before_the_record_the_set_is_not_complete(upload, storage, tmp_path):
    record = upload()
    complete = f"{place(record)}/upload.json"
    storage.objects.clear()
    shutil.rmtree(tmp_path / "out")
    storage.answer(f"POST {complete}", 403)
    with pytest.raises(StepError, match=r"upload\.json: the server answered 403"):
        upload()
    assert complete not in storage.objects
    assert len(storage.objects) == len(SMALL)
    assert not (tmp_path / "out/upload.json").exists()
