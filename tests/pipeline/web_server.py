"""A web server on the loopback interface."""

import hashlib
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class WebServer:
    """`answers` are given to the requests in turn, and then `files`; `ranges` is what each request asked for."""

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    ranges: list[str | None] = field(default_factory=list)

    def answer(self, status: int, content: bytes = b"", **headers: str) -> None:
        self.answers.append(lambda handler: send(handler, status, content, **headers))

    def answer_cut(self, content: bytes, sent: int) -> None:
        """The next answer begins to send the content, or what is missing of it, and is cut off after `sent` bytes."""
        self.answers.append(lambda handler: send_file(handler, content, sent))


def send(handler: BaseHTTPRequestHandler, status: int, content: bytes = b"", **headers: str) -> None:
    handler.send_response(status)
    for name, value in ({"Content_Length": str(len(content))} | headers).items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(content)


def send_file(handler: BaseHTTPRequestHandler, content: bytes, sent: int | None = None) -> None:
    """Serves content as a file server does, ranges included; after `sent` bytes the connection is cut."""
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
    handler.wfile.write(content[start:end] if sent is None else content[start : start + sent])
    handler.close_connection = True


@pytest.fixture
def web_server() -> Iterator[WebServer]:
    served = WebServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.ranges.append(self.headers.get("Range"))
            if served.answers:
                served.answers.pop(0)(self)
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
