"""A web server on the loopback interface."""

import hashlib
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class WebServer:
    """`answers` are given to the requests in turn, then those of `faults` to requests for a path, and then `files`.

    `paths` and `ranges` are what each request asked for.
    """

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    faults: dict[str, list[Answer]] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)
    ranges: list[str | None] = field(default_factory=list)

    def answer(self, status: int, content: bytes = b"", **headers: str) -> None:
        self.answers.append(lambda handler: send(handler, status, content, **headers))

    def answer_cut(self, content: bytes, sent: int) -> None:
        """The next answer begins to send the content, or what is missing of it, and is cut off after `sent` bytes."""
        self.answers.append(lambda handler: send_file(handler, content, sent))

    def fault(self, path: str, answer: Answer) -> None:
        """The next request for the path is answered so."""
        self.faults.setdefault(path, []).append(answer)


def send(handler: BaseHTTPRequestHandler, status: int, content: bytes = b"", **headers: str) -> None:
    handler.send_response(status)
    for name, value in ({"Content_Length": str(len(content))} | headers).items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(content)


def send_file(handler: BaseHTTPRequestHandler, content: bytes, sent: int | None = None, pieces: int = 1, pause: float = 0) -> None:
    """Serves content as a file server does, ranges included; after `sent` bytes the connection is cut.

    It goes in as many pieces, with a pause of so many seconds before each but the first.
    """
    etag = f'"{hashlib.md5(content).hexdigest()}"'
    asked = re.fullmatch(r"bytes=(\d+)-(\d*)", handler.headers.get("Range") or "")
    if handler.headers.get("If-Range", etag) != etag:
        asked = None
    start = int(asked[1]) if asked else 0
    end = min(len(content), int(asked[2]) + 1 if asked and asked[2] else len(content))
    if asked and start >= len(content):
        send(handler, 416, Content_Range=f"bytes */{len(content)}")
        return
    handler.send_response(206 if asked else 200)
    handler.send_header("Content-Length", str(end - start))
    handler.send_header("ETag", etag)
    if asked:
        handler.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(content)}")
    handler.end_headers()
    part = content[start:end] if sent is None else content[start : start + sent]
    size = -(-len(part) // pieces)
    for begin in range(0, len(part), size):
        if begin:
            time.sleep(pause)
        handler.wfile.write(part[begin : begin + size])
    handler.close_connection = True


@pytest.fixture
def web_server() -> Iterator[WebServer]:
    served = WebServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.paths.append(self.path)
            served.ranges.append(self.headers.get("Range"))
            if served.answers:
                served.answers.pop(0)(self)
            elif served.faults.get(self.path):
                served.faults[self.path].pop(0)(self)
            elif self.path in served.files:
                send_file(self, served.files[self.path])
            else:
                send(self, 404, b"no such file")

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.address = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield served
    server.shutdown()
    server.server_close()
