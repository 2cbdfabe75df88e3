"""What tests of the loopback server ask it with: the official client."""

import pytest
import taskcluster
from taskcluster.exceptions import TaskclusterRestFailure

from tests.taskcluster.loopback_deployment import task_template


@pytest.fixture
def client(taskcluster_server):
    """The official client of a service, which does not try again."""
    return lambda service, root=None: getattr(taskcluster, service)({"rootUrl": root or taskcluster_server.root_url, "maxRetries": 0})


@pytest.fixture
def queue(client):
    return client("Queue")


def definition(**changes):
    return {**task_template("a task"), **changes}


def every_page(method, *, limit=None, **arguments):
    """The answers to a request and those for the pages after it."""
    pages = []
    method(**arguments, query={"limit": limit} if limit else {}, paginationHandler=pages.append)
    return pages


def failure(method, *arguments, **named):
    with pytest.raises(TaskclusterRestFailure) as caught:
        method(*arguments, **named)
    return caught.value.status_code, caught.value.body["code"]
