"""What all services of Taskcluster do alike: endpoints, errors, scopes, and lists that come in pages.

Methods, paths and query arguments of the endpoints are those of the API reference that the official client is generated from. How errors
and scopes work: https://docs.taskcluster.net/docs/manual/design/apis
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import taskcluster

STATUSES = {
    "MalformedPayload": 400,
    "InvalidRequestArguments": 400,
    "InputValidationError": 400,
    "InputError": 400,
    "InsufficientScopes": 403,
    "ResourceNotFound": 404,
    "RequestConflict": 409,
    "InternalServerError": 500,
}

SLUGID = r"[A-Za-z0-9_-]{8}[Q-T][A-Za-z0-9_-][CGKOSWaeimquy26-][A-Za-z0-9_-]{10}[AQgw]"
NAMESPACE = r"([\w!~*'()%-]+\.)*[\w!~*'()%-]+"
PARAMETERS = {
    "taskId": SLUGID,
    "taskGroupId": SLUGID,
    "runId": r"[0-9]+",
    "name": r"[\x20-\x7e]+",
    "indexPath": NAMESPACE,
    "namespace": NAMESPACE,
    "hookGroupId": r"[\w-]{1,1000}",
    "hookId": r"[\w/-]{1,1000}",
}


class ApiError(Exception):
    """An answer other than success: `code` is one of STATUSES."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass
class Call:
    """A request to an endpoint: `parameters` are those of its path, `scopes` what its caller may do."""

    parameters: dict[str, str]
    query: dict[str, str]
    body: Any
    scopes: Sequence[str]

    def require(self, *scopes: str) -> None:
        require(scopes, self.scopes)

    def valid_body(self, *required: str) -> dict:
        if not isinstance(self.body, dict):
            raise ApiError("MalformedPayload", "The payload must be a JSON object")
        if missing := [name for name in required if name not in self.body]:
            raise ApiError("InputValidationError", f"Schema Validation Failed: data should have required property {missing}")
        return self.body


@dataclass
class Reply:
    """`content` is sent as JSON, or as it is where it is bytes."""

    content: Any = field(default_factory=dict)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Answer = Callable[[Any, Call], Any]


@dataclass(frozen=True)
class Endpoint:
    service: str
    name: str
    method: str
    path: re.Pattern
    query: frozenset[str]
    answer: Answer

    def parameters(self, path: str) -> dict[str, str] | None:
        """Those in a path of this endpoint, which may yet be of the wrong form; none where it is no path of it."""
        match = self.path.fullmatch(path)
        return {name: unquote(value) for name, value in match.groupdict().items()} if match else None

    def check(self, parameters: dict[str, str], query: dict[str, str]) -> None:
        for name, value in parameters.items():
            if not re.fullmatch(PARAMETERS[name], value):
                raise ApiError("InvalidRequestArguments", f"URL parameter {name} given as {value!r} must match {PARAMETERS[name]}")
        if unknown := query.keys() - self.query:
            raise ApiError("InvalidRequestArguments", f"Query-string parameters {sorted(unknown)} are not valid")
        if not re.fullmatch("[0-9]+", query.get("limit", "1")):
            raise ApiError("InvalidRequestArguments", f"Query-string parameter limit given as {query['limit']!r} must match [0-9]+")


ENDPOINTS: list[Endpoint] = []


def endpoint(client: str, name: str) -> Callable[[Answer], Answer]:
    """Registers what answers the method `name` of the official `client`: from the deployment and the call, a Reply or JSON."""

    def register(answer: Answer) -> Answer:
        service = getattr(taskcluster, client)
        reference = service.funcinfo[name]
        path = re.sub(r"<(\w+)>", _parameter, f"/api/{service.serviceName}/{service.apiVersion}{reference['route']}")
        query = frozenset(reference.get("query", ()))
        ENDPOINTS.append(Endpoint(service.serviceName, name, reference["method"].upper(), re.compile(path), query, answer))
        return answer

    return register


def _parameter(match: re.Match) -> str:
    """Names of artifacts and secrets, which come last in their paths, may hold slashes."""
    return f"(?P<{match[1]}>{'.+' if match[1] == 'name' else '[^/]+'})"


def find_endpoint(method: str, path: str) -> tuple[Endpoint, dict[str, str]]:
    for candidate in ENDPOINTS:
        parameters = candidate.parameters(path)
        if candidate.method == method and parameters is not None:
            return candidate, parameters
    raise ApiError("ResourceNotFound", f"There is no {method} {path} here")


def page(items: Sequence[Any], query: dict[str, str], size: int) -> tuple[Sequence[Any], dict[str, str]]:
    """The items of the page that `query` asks for, `size` at most, and what tells of the next one."""
    limit = min(int(query.get("limit", size)), size)
    token = re.fullmatch(r"from-([0-9]+)", query.get("continuationToken", "from-0"))
    if not token:
        raise ApiError("InvalidRequestArguments", f"Invalid continuationToken {query['continuationToken']!r}")
    start = int(token[1])
    more = {"continuationToken": f"from-{start + limit}"} if start + limit < len(items) else {}
    return items[start : start + limit], more


def satisfied(required: str, scopes: Iterable[str]) -> bool:
    """A scope that ends in a star stands for all that begin with what is before it."""
    return any(required == scope or (scope.endswith("*") and required.startswith(scope[:-1])) for scope in scopes)


def require(required: Iterable[str], scopes: Sequence[str]) -> None:
    if missing := [scope for scope in required if not satisfied(scope, scopes)]:
        lines = [
            "The caller does not have sufficient scopes and is missing the following scopes:",
            *missing,
            "You have the scopes:",
            *scopes,
        ]
        raise ApiError("InsufficientScopes", "\n".join(lines))


def expand_scopes(scopes: Iterable[str], roles: dict[str, list[str]]) -> list[str]:
    """The scopes with all that the roles grant which they let their holder assume; a role may end in a star as well."""
    expanded: set[str] = set()
    found = set(scopes)
    while found:
        expanded |= found
        assumed = {scope.removeprefix("assume:") for scope in found if scope.startswith("assume:")}
        granted = {scope for role in assumed for pattern, scopes in roles.items() if _same_role(role, pattern) for scope in scopes}
        found = granted - expanded
    return sorted(expanded)


def _same_role(role: str, pattern: str) -> bool:
    return satisfied(role, [pattern]) or satisfied(pattern, [role])


def javascript_date(moment: datetime) -> str:
    """As JavaScript writes it, and Taskcluster with it: milliseconds and a Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment_of(date: str) -> datetime:
    return datetime.fromisoformat(date)


def now() -> str:
    return javascript_date(datetime.now(UTC))


def is_past(date: str) -> bool:
    return moment_of(date) < datetime.now(UTC)
