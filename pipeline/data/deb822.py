"""Debian's control format: stanzas of fields, apart by empty lines.

Source: https://www.debian.org/doc/debian-policy/ch-controlfields.html#syntax-of-control-files and deb822(5).
"""

from collections.abc import Iterable, Iterator

Stanza = dict[str, str]


def read_stanzas(lines: Iterable[str]) -> Iterator[Stanza]:
    """Yields the stanzas as {field: value}, the field's name as written.

    A value of several lines keeps its line breaks and each continuation line loses the one blank that makes it one. Comments, and
    lines that are no field (a signature's armour), are left out.
    """
    stanza: Stanza = {}
    name = ""
    for line in lines:
        if line.startswith("#"):
            continue
        if not line.strip():
            if stanza:
                yield stanza
            stanza, name = {}, ""
        elif line[0] in " \t":
            if name:
                stanza[name] += "\n" + line[1:]
        else:
            name, colon, value = line.partition(":")
            if colon:
                stanza[name] = value.strip()
            else:
                name = ""
    if stanza:
        yield stanza
