"""pipeline.data.download with no way out but the loopback interface, and without its waits between attempts.

What the packages of a provider read when they are imported is then as in a task: a test runs this as a program. It takes the arguments of
several downloads, with "--" between them, as the packages take seconds to be imported. After each it prints the exit code, as JSON with
what was logged.
"""

import io
import json
import logging
import socket
import sys
import time
from contextlib import redirect_stderr
from itertools import groupby

resolve, connect = socket.getaddrinfo, socket.socket.connect


def check(host: str) -> None:
    if host not in ("127.0.0.1", "localhost"):
        raise SystemExit(f"a connection to {host}, which is not the loopback interface")


def checked_getaddrinfo(host, *arguments, **options):
    check(host)
    return resolve(host, *arguments, **options)


def checked_connect(self, address):
    if self.family != socket.AF_UNIX:
        check(address[0])
    return connect(self, address)


socket.getaddrinfo = checked_getaddrinfo
socket.socket.connect = checked_connect
time.sleep = lambda seconds: None


def download(arguments: list[str]) -> tuple[int, str]:
    from pipeline.common.script import run
    from pipeline.data.download import main

    sys.argv[1:] = arguments
    log = io.StringIO()
    logging.root.handlers.clear()
    with redirect_stderr(log):
        try:
            run(main)
        except SystemExit as end:
            return end.code, log.getvalue()
    return 0, log.getvalue()


for separator, words in groupby(sys.argv[1:].copy(), lambda word: word == "--"):
    if not separator:
        print(json.dumps(download(list(words))), flush=True)
