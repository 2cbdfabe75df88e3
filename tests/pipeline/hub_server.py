"""The Hugging Face hub as far as its packages ask it about datasets, on the loopback interface.

Routes and headers are those of the hub: https://huggingface.co/docs/hub/api. Parquet files are where large files are on the hub: on another
server, here another path, to which the hub redirects.
"""

import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import PurePosixPath
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from tests.pipeline.web_server import Answer, send, send_file

TOKEN = "hf_secret"


@dataclass
class Repository:
    """`revisions` are the branches and tags by the commit that they are."""

    files: dict[str, bytes]
    licence: str | None = None
    private: bool = False
    gated: bool = False
    commit: str = "c" * 40
    revisions: dict[str, str] = field(default_factory=lambda: {"main": "c" * 40})

    def has(self, revision: str) -> bool:
        return revision in self.revisions or revision == self.commit

    def entries(self, folder: str, recursive: bool) -> list[dict[str, object]]:
        found: dict[str, dict[str, object]] = {}
        for path, content in self.files.items():
            inside = PurePosixPath(path).relative_to(folder) if not folder or path.startswith(f"{folder}/") else None
            if inside is None:
                continue
            for parent in reversed([parent for parent in inside.parents if parent != PurePosixPath(".")]):
                if recursive or len(parent.parts) == 1:
                    name = str(PurePosixPath(folder) / parent)
                    found[name] = {"type": "directory", "oid": "d" * 40, "size": 0, "path": name}
            if recursive or len(inside.parts) == 1:
                found[path] = self.entry(path, content)
        return list(found.values())

    def entry(self, path: str, content: bytes) -> dict[str, object]:
        return {"type": "file", "oid": hashlib.sha1(content).hexdigest(), "size": len(content), "path": path}


@dataclass
class Hub:
    """`answers` are given in turn to the requests for files' content. `failures` says how many requests with some words are yet to fail."""

    address: str = ""
    repositories: dict[str, Repository] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    failures: dict[str, int] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)


class Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self.answer()

    def do_GET(self) -> None:
        self.answer()

    def do_POST(self) -> None:
        self.answer()

    def log_message(self, *arguments: object) -> None:
        pass

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        parts = urlsplit(self.path)
        token = self.headers.get("Authorization") == f"Bearer {TOKEN}"
        self.hub.requests.append(f"{self.command} {self.path}{' with the token' if token else ''}")
        words = [unquote(word) for word in parts.path.strip("/").split("/")]
        content = self.command == "GET" and (words[0] == "cdn" or (words[0] == "datasets" and PurePosixPath(parts.path).suffix != ".md"))
        if content and self.hub.answers and not words[-1].endswith((".yaml", "infos.json")):
            self.hub.answers.pop(0)(self)
        elif failing := next((words for words, number in self.hub.failures.items() if number and words in self.hub.requests[-1]), None):
            self.hub.failures[failing] -= 1
            self.reply(503, b"busy")
        elif words[0] == "cdn":
            send_file(self, self.hub.repositories["/".join(words[1:3])].files["/".join(words[3:])])
        elif words[0] == "datasets":
            self.resolve("/".join(words[1:3]), words[4], "/".join(words[5:]), token)
        else:
            self.describe("/".join(words[2:4]), words[4:], parse_qs(parts.query), body, token)

    def repository(self, name: str, revision: str, token: bool) -> Repository | None:
        repository = self.hub.repositories.get(name)
        if repository is None or (repository.private and not token):
            self.refuse(401, "RepoNotFound", "Repository not found")
        elif not repository.has(revision):
            self.refuse(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        else:
            return repository
        return None

    def describe(self, name: str, words: list[str], query: dict[str, list[str]], body: str, token: bool) -> None:
        """/api/datasets/ORG/NAME[/revision/REV | /tree/REV/FOLDER | /paths-info/REV]"""
        what, revision, *path = words or ["revision", "main"]
        repository = self.repository(name, revision, token)
        if repository is None:
            return
        if what == "revision":
            card = {"license": repository.licence} if repository.licence else {}
            state = {"private": repository.private, "gated": "auto" if repository.gated else False}
            siblings = [{"rfilename": file} for file in repository.files]
            self.reply_json({"_id": "1", "id": name, "sha": repository.commit, "cardData": card, "siblings": siblings, "tags": [], **state})
        elif what == "tree":
            folder = "/".join(path)
            entries = repository.entries(folder, query.get("recursive", ["false"])[0].lower() == "true")
            if folder and not entries:
                self.refuse(404, "EntryNotFound", f"{folder} does not exist")
            else:
                self.reply_json(entries)
        else:
            asked = json.loads(body)["paths"] if body.startswith("{") else parse_qs(body)["paths"]
            known = {entry["path"]: entry for entry in repository.entries("", recursive=True)}
            self.reply_json([known[file] for file in asked if file in known])

    def resolve(self, name: str, revision: str, path: str, token: bool) -> None:
        repository = self.repository(name, revision, token)
        if repository is None:
            return
        if repository.gated and not token:
            self.refuse(401, "GatedRepo", f"Access to dataset {name} is restricted")
        elif path not in repository.files:
            self.refuse(404, "EntryNotFound", "Entry not found")
        else:
            content = repository.files[path]
            headers = {"X_Repo_Commit": repository.commit, "ETag": f'"{hashlib.md5(content).hexdigest()}"'}
            if path.endswith(".parquet"):
                headers |= {"X_Linked_ETag": headers["ETag"], "X_Linked_Size": str(len(content))}
                headers |= {"Location": f"{self.hub.address}/cdn/{name}/{path}"}
                self.reply(302, b"", **headers)
            elif self.command == "HEAD":
                self.reply(200, content, **headers)
            else:
                send_file(self, content)

    def refuse(self, status: int, code: str, message: str) -> None:
        self.reply(status, b"", X_Error_Code=code, X_Error_Message=message)

    def reply_json(self, content: object) -> None:
        self.reply(200, json.dumps(content).encode(), Content_Type="application/json")

    def reply(self, status: int, content: bytes, **headers: str) -> None:
        if self.command == "HEAD":
            headers["Content_Length"], content = str(len(content)), b""
        send(self, status, content, **headers)


@pytest.fixture
def hub() -> Iterator[Hub]:
    served = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("HubHandler", (Handler,), {"hub": served}))
    server.daemon_threads = True
    served.address = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield served
    server.shutdown()
    server.server_close()
