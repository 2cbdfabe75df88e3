"""What a file that was downloaded is on record as."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """One downloaded file: `bytes` and `sha256` are those of the file as it came, unless who downloaded it says otherwise."""

    url: str
    bytes: int
    sha256: str
