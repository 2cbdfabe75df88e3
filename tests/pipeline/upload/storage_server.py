"""Enough of Google Cloud Storage on the loopback interface: objects, resumable uploads, and the tokens of service accounts.

https://cloud.google.com/storage/docs/json_api/v1 and https://cloud.google.com/storage/docs/performing-resumable-uploads
"""

import base64
import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import google_crc32c

BUCKET = "models"
TOKEN = "a-token-of-the-test"

Fault = Callable[["Handler"], bool]


def crc32c(content: bytes) -> str:
    return base64.b64encode(google_crc32c.Checksum(content).digest()).decode()


@dataclass
class Object:
    content: bytes
    generation: int
    content_type: str
    reported_crc32c: str = ""

    def resource(self) -> dict[str, Any]:
        checksum = self.reported_crc32c or crc32c(self.content)
        return {"size": str(len(self.content)), "crc32c": checksum, "generation": str(self.generation), "contentType": self.content_type}


@dataclass
class Session:
    resource: dict[str, Any]
    size: int
    content_type: str
    generation: int
    content: bytes = b""


@dataclass
class StorageServer:
    """`requests` is what was asked for: "GET NAME", "POST NAME", "PUT RANGE", "DELETE NAME".

    `faults` are asked with each request that they are for (a start of those words), first come first served: one that returns true has
    answered it, or broken the connection. `takes` is how many bytes of a chunk are kept, None for all.
    """

    address: str = ""
    bucket: str = BUCKET
    objects: dict[str, Object] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    faults: list[tuple[str, Fault]] = field(default_factory=list)
    takes: int | None = None
    needs_token: bool = False
    damages: bool = False
    generation: int = 1000

    def put(self, name: str, content: bytes, content_type: str = "") -> Object:
        self.generation += 1
        self.objects[name] = Object(content, self.generation, content_type)
        return self.objects[name]

    def answer(self, request: str, *statuses: int, message: str = "as the test wants it") -> None:
        """The next requests that begin so get these statuses."""
        for status in statuses:
            self.faults.append((request, lambda handler, status=status: handler.error(status, message) or True))

    def cut(self, request: str) -> None:
        """The next request that begins so is read, and the connection closed without an answer."""
        self.faults.append((request, lambda handler: handler.cut()))

    def sent(self, request: str) -> list[str]:
        return [one for one in self.requests if one.startswith(request)]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    storage: StorageServer

    def handle_one(self, words: str, respond: Callable[[bytes], None]) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.storage.requests.append(words)
        for number, (start, fault) in enumerate(self.storage.faults):
            if words.startswith(start):
                del self.storage.faults[number]
                if fault(self):
                    return
                break
        respond(body)

    def do_GET(self) -> None:
        name = self.object_name()
        self.handle_one(f"GET {name}", lambda body: self.allowed() and self.describe(name))

    def do_DELETE(self) -> None:
        name = self.object_name()
        self.handle_one(f"DELETE {name}", lambda body: self.allowed() and self.delete(name))

    def do_POST(self) -> None:
        if self.path == "/token":
            self.handle_one("POST token", self.grant)
            return
        length = int(self.headers.get("Content-Length", 0))
        name = json.loads(self.rfile.peek(length)[:length])["name"]  # type: ignore[attr-defined]
        self.handle_one(f"POST {name}", lambda body: self.allowed() and self.begin(json.loads(body)))

    def do_PUT(self) -> None:
        content_range = self.headers["Content-Range"].removeprefix("bytes ")
        self.handle_one(f"PUT {content_range}", lambda body: self.receive(body, content_range))

    def object_name(self) -> str:
        return unquote(urlsplit(self.path).path.partition("/o/")[2])

    def query(self, name: str, default: str = "") -> str:
        return parse_qs(urlsplit(self.path).query).get(name, [default])[0]

    def allowed(self) -> bool:
        if self.storage.needs_token and self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self.error(401, "Invalid Credentials")
        elif f"/b/{self.storage.bucket}/" not in self.path:
            self.error(404, "The specified bucket does not exist.")
        else:
            return True
        return False

    def grant(self, body: bytes) -> None:
        form = parse_qs(body.decode())
        assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
        claims = form["assertion"][0].split(".")[1]
        assert "devstorage.read_write" in json.loads(base64.urlsafe_b64decode(claims + "=="))["scope"]
        self.reply(200, {"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer"})

    def describe(self, name: str) -> None:
        if found := self.storage.objects.get(name):
            self.reply(200, {"name": name, **found.resource()})
        else:
            self.error(404, f"No such object: {self.storage.bucket}/{name}")

    def delete(self, name: str) -> None:
        found = self.storage.objects.get(name)
        if not found or str(found.generation) != self.query("ifGenerationMatch"):
            self.error(404 if not found else 412, "no such version")
            return
        del self.storage.objects[name]
        self.reply(204)

    def begin(self, resource: dict[str, Any]) -> None:
        assert self.query("uploadType") == "resumable"
        generation = int(self.query("ifGenerationMatch"))
        if not self.matches(resource["name"], generation):
            return
        key = f"session-{len(self.storage.sessions)}"
        size = int(self.headers["X-Upload-Content-Length"])
        self.storage.sessions[key] = Session(resource, size, self.headers["X-Upload-Content-Type"], generation)
        self.reply(200, Location=f"{self.storage.address}/upload/{key}")

    def matches(self, name: str, generation: int) -> bool:
        found = self.storage.objects.get(name)
        if (found.generation if found else 0) == generation:
            return True
        self.error(412, "At least one of the pre-conditions you specified did not hold.")
        return False

    def receive(self, body: bytes, content_range: str) -> None:
        key = self.path.rpartition("/")[2]
        session = self.storage.sessions.get(key)
        if session is None:
            self.error(410, "The session is gone.")
            return
        start, size = re.fullmatch(r"(?:(\d+)-\d+|\*)/(\d+)", content_range).groups()  # type: ignore[union-attr]
        assert int(size) == session.size
        if start is not None:
            assert int(start) <= len(session.content), "a gap"
            new = body[len(session.content) - int(start) :]
            session.content += new[: self.storage.takes]
        name = session.resource["name"]
        if len(session.content) < session.size:
            headers = {"Range": f"bytes=0-{len(session.content) - 1}"} if session.content else {}
            self.reply(308, **headers)
            return
        content = bytes(reversed(session.content)) if self.storage.damages else session.content
        if crc32c(content) != session.resource["crc32c"]:
            del self.storage.sessions[key]
            self.error(400, "Provided CRC32C doesn't match calculated CRC32C")
        # A session that has ended tells of its object again.
        elif session.generation < 0 or self.matches(name, session.generation):
            if session.generation >= 0:
                self.storage.put(name, content, session.content_type)
                session.generation = -1
            self.reply(200, {"name": name, **self.storage.objects[name].resource()})

    def error(self, status: int, message: str) -> None:
        self.reply(status, {"error": {"code": status, "message": message}})

    def cut(self) -> bool:
        self.close_connection = True
        self.connection.close()
        return True

    def reply(self, status: int, content: object = None, **headers: str) -> None:
        body = b"" if content is None else json.dumps(content).encode()
        self.send_response(status)
        for header, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
            self.send_header(header, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


def serve(storage: StorageServer) -> ThreadingHTTPServer:
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("BoundHandler", (Handler,), {"storage": storage}))
    server.daemon_threads = True
    storage.address = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    return server
