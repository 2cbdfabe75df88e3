"""Mirrors of what packages download from: their addresses are in the packages, and one variable moves them all to another server."""

import os
from urllib.parse import urlsplit


def mirrored(url: str, variable: str) -> str:
    """`url` on the mirror that the environment variable names, in a folder for each host: `https://host/a?b` is MIRROR/host/a?b there."""
    mirror = os.environ.get(variable)
    if not mirror:
        return url
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{mirror.rstrip('/')}/{parts.netloc}{parts.path}{query}"
