"""A deployment of Taskcluster on the loopback interface, which the official client, `taskgraph` and fetch-content talk to as to a real one.

Its root URL serves as TASKCLUSTER_ROOT_URL and as TASKCLUSTER_PROXY_URL. The proxy of a task is at an address of its own, `proxy_url`, and
gives who calls through it that task's scopes, as a worker's does.
"""

import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from tests.taskcluster import loopback_endpoints
from tests.taskcluster.loopback_api import STATUSES, ApiError, Call, Reply, find_endpoint
from tests.taskcluster.loopback_deployment import Deployment


@dataclass
class Request:
    """One that the server has seen. `endpoint` is like "queue.createTask"; `caller` is the task through whose proxy it came, if it did."""

    method: str
    path: str
    body: Any
    caller: str | None = None
    endpoint: str | None = None
    status: int | None = None


@dataclass
class Fault:
    """What happens to the next `times` requests whose method and path, like "PUT /api/queue/…", match the pattern."""

    pattern: str
    times: int
    status: int | None = None
    handled: bool = False


@dataclass
class LoopbackTaskcluster(Deployment):
    requests: list[Request] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    crashes: list[Exception] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def proxy_url(self, task_id: str) -> str:
        assert task_id in self.tasks, f"there is no task {task_id}"
        return f"{self.root_url}/proxy/{task_id}"

    def fail_next(self, pattern: str, times: int = 1, status: int = 500) -> None:
        self.faults.append(Fault(pattern, times, status=status))

    def cut_next(self, pattern: str, times: int = 1, *, handled: bool = False) -> None:
        """They get no answer; where `handled`, what they asked for is done all the same."""
        self.faults.append(Fault(pattern, times, handled=handled))

    def calls(self, endpoint: str) -> list[Request]:
        """Those of an endpoint, like "queue.createTask", that succeeded."""
        return [request for request in self.requests if request.endpoint == endpoint and request.status in (200, 303)]

    def reply(self, method: str, target: str, content: bytes) -> Reply | None:
        """None where the connection is to be cut."""
        with self.lock:
            proxy = re.match(r"/proxy/([\w-]+)(?=/)", target)
            path = target[proxy.end() :] if proxy else target
            request = Request(method, path, _parsed(content), proxy[1] if proxy else None)
            self.requests.append(request)
            fault = self._next_fault(f"{method} {path}")
            if fault and fault.status:
                reply = _error_reply("InternalServerError", "Internal Server Error", fault.status, request, {})
            elif fault and not fault.handled:
                return None
            else:
                reply = self._answer(request)
            request.status = reply.status
            return None if fault and not fault.status else reply

    def _next_fault(self, line: str) -> Fault | None:
        for fault in self.faults:
            if fault.times > 0 and re.search(fault.pattern, line):
                fault.times -= 1
                return fault
        return None

    def _answer(self, request: Request) -> Reply:
        parameters: dict[str, str] = {}
        try:
            url = urlsplit(request.path)
            if request.method == "GET" and url.path.startswith(f"{loopback_endpoints.ARTIFACTS}/"):
                return self._artifact(unquote(url.path))
            query = dict(parse_qsl(url.query))
            endpoint, parameters = find_endpoint(request.method, url.path)
            request.endpoint = f"{endpoint.service}.{endpoint.name}"
            endpoint.check(parameters, query)
            answer = endpoint.answer(self, Call(parameters, query, request.body, self.granted(request.caller)))
            return answer if isinstance(answer, Reply) else Reply(answer)
        except ApiError as error:
            return _error_reply(error.code, error.message, STATUSES[error.code], request, parameters)
        except Exception as error:
            self.crashes.append(error)
            return _error_reply("InternalServerError", repr(error), 500, request, parameters)

    def _artifact(self, path: str) -> Reply:
        task_id, run_id, name = path.removeprefix(f"{loopback_endpoints.ARTIFACTS}/").split("/", 2)
        artifact = self.tasks[task_id].artifacts[int(run_id)][name]
        return Reply(artifact.content, headers={"Content-Type": artifact.content_type})


def _parsed(content: bytes) -> Any:
    """None where there is no body, or none of JSON."""
    try:
        return json.loads(content) if content else None
    except ValueError:
        return None


def _error_reply(code: str, message: str, status: int, request: Request, parameters: dict[str, str]) -> Reply:
    name = request.endpoint.partition(".")[2] if request.endpoint else None
    time = datetime.now(UTC).isoformat()
    facts = f"* method:     {name}\n* errorCode:  {code}\n* statusCode: {status}\n* time:       {time}"
    information = {"method": name, "params": parameters, "payload": request.body or {}, "time": time}
    return Reply({"code": code, "message": f"{message}\n\n---\n\n{facts}", "requestInfo": information}, status)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body in one piece: a client that keeps its connection waits for the second of two
    server: "Server"

    def do_GET(self) -> None:
        self.respond()

    def do_PUT(self) -> None:
        self.respond()

    def do_POST(self) -> None:
        self.respond()

    def respond(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        reply = self.server.deployment.reply(self.command, self.path, content)
        if reply is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        body = reply.content if isinstance(reply.content, bytes) else json.dumps(reply.content).encode()
        self.send_response(reply.status)
        for name, value in ({"Content-Type": "application/json", "Content-Length": str(len(body))} | reply.headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 128  # taskgraph opens 50 connections at once

    def __init__(self, deployment: LoopbackTaskcluster):
        super().__init__(("127.0.0.1", 0), Handler)
        self.deployment = deployment
        deployment.root_url = f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def serving(deployment: LoopbackTaskcluster) -> Iterator[LoopbackTaskcluster]:
    """Answers at the deployment's `root_url` meanwhile. Raises an error in the server itself, which a client takes for one to try again."""
    server = Server(deployment)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield deployment
    finally:
        server.shutdown()
        server.server_close()
    if deployment.crashes:
        raise deployment.crashes[0]


@pytest.fixture
def taskcluster_server() -> Iterator[LoopbackTaskcluster]:
    with serving(LoopbackTaskcluster()) as deployment:
        yield deployment
