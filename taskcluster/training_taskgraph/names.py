"""Names made of other names, within the limits of the services that show or index them."""

import hashlib
import re

# A route has 249 characters at most, of which the prefix, the kind and the digest take up to 180.
CACHE_NAME_LENGTH = 60
# Treeherder's limit for a symbol.
SYMBOL_LENGTH = 25


def shortened(name: str, length: int) -> str:
    """The name in plain letters and at most `length` of them; where something is lost a hash of the whole keeps it unique."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", name)
    if plain == name and len(plain) <= length:
        return plain
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{plain[: length - len(digest) - 1]}-{digest}"


def cache_name(name: str) -> str:
    return shortened(name, CACHE_NAME_LENGTH)


def treeherder_symbol(kind: str, name: str) -> str:
    """GROUP(SYMBOL): the group is the first word of the kind, the symbol what is left of kind and name."""
    group, _, rest = kind.partition("-")
    return f"{group}({shortened(f'{rest}-{name}'.strip('-'), SYMBOL_LENGTH)})"
