"""Debian's mirror, as this machine's own apt configuration names it, so that a download goes where the machine's packages come from.

Formats: sources.list(5), both the one-line style and deb822.
"""

import platform
import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.common.script import StepError
from pipeline.data.deb822 import Stanza, read_stanzas

ONE_LINE = re.compile(r"deb\s+(?:\[(?P<options>[^]]*)\]\s*)?(?P<uri>\S+)\s+(?P<suite>\S+)\s+(?P<components>[^#]+)")
SUITE_ALIASES = {"stable", "oldstable", "oldoldstable", "testing", "unstable", "sid"}
APT_MISSING = "ddtp datasets are read through apt, which is not installed here; on such a machine use another provider"
DEBIAN_KEYRING = "debian-archive"  # part of the name of every keyring that Debian's archive is signed with


@dataclass(frozen=True)
class AptSource:
    """An archive and what vouches for it: the deb822 fields Signed-By or Trusted as `trust`; none means the keys that apt trusts anyway."""

    uri: str
    suites: frozenset[str] = frozenset()
    components: frozenset[str] = frozenset()
    trust: Stanza = field(default_factory=dict)


def debian_sources() -> list[AptSource]:
    """This machine's sources that may be Debian's main archive, the likeliest first; raises StepError where apt is missing.

    Other archives name their suites as Debian does. Which one it is, is told by the Origin of what it serves.
    """
    try:
        code = platform.freedesktop_os_release().get("VERSION_CODENAME", "")
    except OSError:
        code = ""
    suites = SUITE_ALIASES | {code}
    found = [source for source in configured_sources() if source.suites & suites and "main" in source.components]
    return sorted(found, key=lambda source: DEBIAN_KEYRING not in source.trust.get("Signed-By", ""))


def configured_sources() -> Iterator[AptSource]:
    """All binary package sources of apt's configuration, in apt's order."""
    try:
        answer = subprocess.run(
            ["apt-config", "shell", "list", "Dir::Etc::sourcelist/f", "parts", "Dir::Etc::sourceparts/d"],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
    except FileNotFoundError as error:
        raise StepError(APT_MISSING) from error
    main, parts = (Path(line.split("=", 1)[1].strip("'\"")) for line in answer.splitlines())
    for path in [main, *sorted(parts.glob("*"))]:
        if path.is_file() and path.suffix in {".list", ".sources"}:
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            yield from parse_deb822(lines) if path.suffix == ".sources" else parse_one_line(lines)


def parse_one_line(lines: Iterable[str]) -> Iterator[AptSource]:
    """`deb [signed-by=KEYRING arch=amd64] URI SUITE COMPONENT…`"""
    for line in lines:
        if match := ONE_LINE.match(line.strip()):
            options = dict(option.split("=", 1) for option in (match["options"] or "").split() if "=" in option)
            trust = {name.title(): options[name] for name in ("signed-by", "trusted") if name in options}
            yield AptSource(match["uri"], frozenset([match["suite"]]), frozenset(match["components"].split()), trust)


def parse_deb822(lines: Iterable[str]) -> Iterator[AptSource]:
    for stanza in read_stanzas(lines):
        if "deb" not in stanza.get("Types", "").split() or stanza.get("Enabled", "yes").lower() in {"no", "false", "0"}:
            continue
        trust = {name: value for name, value in stanza.items() if name in {"Signed-By", "Trusted"}}
        for uri in stanza.get("URIs", "").split():
            yield AptSource(uri, frozenset(stanza.get("Suites", "").split()), frozenset(stanza.get("Components", "").split()), trust)
