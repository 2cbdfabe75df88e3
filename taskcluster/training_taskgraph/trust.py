"""Whom a graph is made for: nobody unknown gets a secret, or writes where others read."""

from collections.abc import Mapping
from typing import Any

PULL_REQUEST = "github-pull-request"
UNTRUSTED_PULL_REQUEST = "github-pull-request-untrusted"


def is_pull_request(parameters: Mapping[str, Any]) -> bool:
    return parameters["tasks_for"] in (PULL_REQUEST, UNTRUSTED_PULL_REQUEST)


def is_untrusted(parameters: Mapping[str, Any]) -> bool:
    """Whether the code is that of a pull request by somebody who may not push to the repository."""
    return parameters["tasks_for"] == UNTRUSTED_PULL_REQUEST
