"""What a file that was downloaded is on record as."""

from dataclasses import asdict, dataclass
from urllib.parse import urlsplit, urlunsplit


@dataclass(frozen=True)
class Source:
    """One downloaded file: `bytes` and `sha256` are those of the file as it came, unless who downloaded it says otherwise."""

    url: str
    bytes: int
    sha256: str

    def record(self) -> dict[str, str | int]:
        """What statistics may say of it, which anyone may read; the sum tells files apart whose addresses differ in the query alone."""
        return asdict(self) | {"url": public_address(self.url)}


def public_address(url: str) -> str:
    """The address without user, password, query and fragment: any of them may be a key, and none looks like one for certain."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
