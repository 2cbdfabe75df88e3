#!/usr/bin/env python3
"""Runs a command that finds the task's secrets in its environment: with_secrets.py COMMAND…

TASK_SECRETS says which, as JSON: {"VARIABLE": {"secret": its name in Taskcluster's secrets service, "required": whether there is nothing
to do without it, and "key": which of the secret's values the variable gets, or "file": true, where the variable is to name a file with the
secret as JSON}}. They come through the task's proxy, with the scopes that the task has, and are never printed. A secret that is required
and not to be had ends the task with exit code 1, and with 75, which is tried again, where the network is to blame. Without one that is
not required the command runs all the same.
"""

import http.client
import json
import os
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

RETRYABLE_EXIT_CODE = 75
# Seconds between attempts: the proxy starts together with the task, and the service may be restarting.
PAUSES = (1, 2, 4, 8, 16)


class NoSecretError(Exception):
    """The secret is not to be had; `retryable` where a later attempt may get it."""

    def __init__(self, message, retryable=False):
        super().__init__(message)
        self.retryable = retryable


def read_secret(name, proxy, sleep=time.sleep):
    """The secret, an object of the secrets service."""
    url = f"{proxy.rstrip('/')}/api/secrets/v1/secret/{urllib.parse.quote(name, safe='')}"
    trouble = None
    for pause in (*PAUSES, None):
        try:
            with urllib.request.urlopen(url, timeout=30) as response:
                return json.load(response)["secret"]
        except urllib.error.HTTPError as error:
            if error.code < 500 and error.code != 429:
                raise NoSecretError(f"the secret {name} is not to be had: {error.code} {error.reason}") from None
            trouble = f"{error.code} {error.reason}"
        except (OSError, http.client.HTTPException, ValueError) as error:
            trouble = str(error)
        if pause is not None:
            sleep(pause)
    raise NoSecretError(f"the secret {name} is not to be had: {trouble}", retryable=True)


def value_of(secret, wanted):
    """What the variable gets."""
    if wanted.get("file"):
        # Only the task's user may read it; it goes with the container.
        with tempfile.NamedTemporaryFile("w", prefix="secret-", delete=False) as file:
            json.dump(secret, file)
        return file.name
    try:
        return secret[wanted["key"]]
    except KeyError:
        raise NoSecretError(f"the secret {wanted['secret']} has no {wanted['key']}") from None


def main():
    environment = dict(os.environ)
    proxy = environment.get("TASKCLUSTER_PROXY_URL")
    for variable, wanted in json.loads(environment.pop("TASK_SECRETS", "{}")).items():
        try:
            if not proxy:
                raise NoSecretError(f"the secret {wanted['secret']} is not to be had: the task has no proxy")
            environment[variable] = value_of(read_secret(wanted["secret"], proxy), wanted)
        except NoSecretError as error:
            if wanted.get("required"):
                print(f"with_secrets.py: {error}", file=sys.stderr)
                sys.exit(RETRYABLE_EXIT_CODE if error.retryable else 1)
            print(f"with_secrets.py: {error}; going on without {variable}", file=sys.stderr)
    os.execvpe(sys.argv[1], sys.argv[1:], environment)


if __name__ == "__main__":
    main()
