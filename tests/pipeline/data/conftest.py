"""A web server on the loopback interface, and an unsigned Debian archive with a handful of descriptions."""

import hashlib
import lzma
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

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
    asked = handler.headers.get("Range")
    start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked and handler.headers.get("If-Range") == etag else 0
    if start >= len(content) > 0:
        send(handler, 416, Content_Range=f"bytes */{len(content)}")
        return
    handler.send_response(206 if start else 200)
    handler.send_header("Content-Length", str(len(content) - start))
    handler.send_header("ETag", etag)
    if start:
        handler.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
    handler.end_headers()
    handler.wfile.write(content[start:] if sent is None else content[start : start + sent])
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


PACKAGES = {
    "hello": (
        ("friendly greeter", "saluto amichevole"),
        ("Prints a greeting. It is small.\n .\n Features:\n  * colours\n  * sounds of many\n    kinds",
         "Stampa un saluto. È piccolo.\n .\n Funzionalità:\n  * colori\n  * suoni di molti\n    tipi"),
    ),
    "hello-doc": (("documentation of hello", "documentazione di hello"), ("One paragraph.", "Un paragrafo.\n .\n Ancora uno.")),
    "editor": (("editor of plain text", "editor di testo semplice"), ("Edits text, e.g. Perl.", "<trans>")),
    "twin": (("friendly greeter", "saluto amichevole"), ("It is small.", "È piccolo.")),
    "foreign": (("never translated", ""), ("Nobody did.", "")),
}  # fmt: skip


@pytest.fixture(scope="session")
def debian_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with the release "bookworm", English descriptions, and Italian ones for most packages; no signature."""
    archive = tmp_path_factory.mktemp("archive")
    dists = archive / "dists" / "bookworm"
    (dists / "main" / "i18n").mkdir(parents=True)
    listed = []
    for side, language in enumerate(("en", "it")):
        stanzas = [
            f"Package: {package}\nDescription-md5: {hashlib.md5(package.encode()).hexdigest()}\n"
            f"Description-{language}: {titles[side]}\n {texts[side]}\n"
            for package, (titles, texts) in PACKAGES.items()
            if titles[side]
        ]
        plain = "\n".join(stanzas).encode()
        packed = lzma.compress(plain)
        (dists / "main" / "i18n" / f"Translation-{language}.xz").write_bytes(packed)
        listed += [(plain, f"main/i18n/Translation-{language}"), (packed, f"main/i18n/Translation-{language}.xz")]
    sums = "\n".join(f" {hashlib.sha256(content).hexdigest()} {len(content)} {name}" for content, name in listed)
    (dists / "Release").write_text(
        "Origin: Debian\nSuite: stable\nVersion: 12.0\nCodename: bookworm\nDate: Sat, 10 Jun 2023 08:53:33 UTC\n"
        f"Architectures: amd64\nComponents: main\nSHA256:\n{sums}\n"
    )
    return archive
