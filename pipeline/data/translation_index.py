"""The package descriptions of a Debian release, fetched through apt, which knows the mirror, its proxy and the keys.

apt runs on a configuration and folders of our own: it needs no root, and leaves the machine's package lists alone. Only the indices
dists/RELEASE/main/i18n/Translation-LANGUAGE are fetched, see https://wiki.debian.org/DebianRepository/Format#i18n
"""

import hashlib
import ipaddress
import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pipeline.common.script import RetryableError, StepError
from pipeline.common.source import Source
from pipeline.data.apt_sources import APT_MISSING, AptSource, debian_sources
from pipeline.data.deb822 import Stanza, read_stanzas

RETRIES = 3

# Hooks of the machine's configuration (apt.conf.d is read before this) expect root and the machine's own lists.
CONFIGURATION = """\
#clear APT::Update;
#clear Acquire::Languages;
APT::Update::Error-Mode "any";
APT::Sandbox::User "";
Acquire::GzipIndexes "false";
Acquire::Retries "{retries}";
Acquire::http::Timeout "60";
Acquire::https::Timeout "60";
Dir::State::status "/dev/null";
Dir::State::lists "{folder}/lists";
Dir::Cache "{folder}/cache";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "{folder}/sources";
"""
SOURCE = """\
Types: deb
URIs: {uri}
Suites: {release}
Components: main
Languages: {languages}
Targets: Translations
"""
NO_SUCH_FILE = ("404  Not Found", "File not found")
BAD_SIGNATURE = ("is not signed", "NO_PUBKEY", "BADSIG", "EXPKEYSIG")


@dataclass(frozen=True)
class TranslationIndex:
    """Descriptions of one language: a file of stanzas with Description-md5 and Description-LANGUAGE.

    `source` has size and hash of the decompressed index, as the Release file has.
    """

    path: Path
    source: Source


def download_translations(release: str, languages: Sequence[str], folder: Path) -> tuple[Stanza, list[TranslationIndex]]:
    """The Release file's fields, and the index of each language (in Debian's spelling, `pt_BR`).

    Raises StepError where there is no Debian mirror, release, or language, and RetryableError where the network failed.
    """
    configuration, fields = find_release(release, languages, folder)
    return fields, [find_index(configuration, language, fields, release) for language in languages]


def find_release(release: str, languages: Sequence[str], folder: Path) -> tuple[Path, Stanza]:
    """Fetches a release's indices of these languages (`none` is a language to apt, and has none); returns apt's configuration, and the
    Release file's fields. The mirror is the machine's own, or DDTP_URL. See download_translations for errors.
    """
    sources = [source_from_environment(os.environ["DDTP_URL"])] if os.environ.get("DDTP_URL") else debian_sources()
    for source in sources:
        configuration = configure(source, release, languages, folder)
        update(configuration, source, release)
        fields = release_fields(folder / "lists", source, release)
        if fields.get("Origin") == "Debian":
            return configuration, fields
    raise StepError("this machine's apt sources name no mirror of Debian; set DDTP_URL to one, such as https://HOST/debian")


def source_from_environment(url: str) -> AptSource:
    """DDTP_URL as a source. An archive on this machine need not be signed; any other is checked with Debian's keys."""
    parts = urlsplit(url)
    if parts.scheme == "file" or (parts.scheme == "http" and is_loopback(parts.hostname or "")):
        return AptSource(url, trust={"Trusted": "yes"})
    keyring = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
    return AptSource(url, trust={"Signed-By": str(keyring)} if keyring.exists() else {})


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def configure(source: AptSource, release: str, languages: Sequence[str], folder: Path) -> Path:
    """Writes the private configuration below `folder`; returns the file that `apt-get -c` takes."""
    folder = folder.resolve()
    for name in ("lists/partial", "cache/archives/partial", "sources"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    stanza = SOURCE.format(uri=source.uri, release=release, languages=" ".join(languages))
    for name, value in source.trust.items():
        stanza += f"{name}: " + value.replace("\n", "\n ") + "\n"
    (folder / "sources" / "ddtp.sources").write_text(stanza, encoding="utf-8")
    configuration = folder / "apt.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder, retries=RETRIES), encoding="utf-8")
    return configuration


def apt_get(configuration: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"LC_ALL": "C.UTF-8"}  # its messages are read below
    try:
        return subprocess.run(["apt-get", "-c", str(configuration), *words], capture_output=True, text=True, env=environment)
    except FileNotFoundError as error:
        raise StepError(APT_MISSING) from error


def update(configuration: Path, source: AptSource, release: str) -> None:
    """Fetches the indices; raises StepError where trying again cannot help, RetryableError otherwise."""
    finished = apt_get(configuration, "update")
    if finished.returncode == 0:
        return
    complaints = " ".join(line for line in finished.stderr.splitlines() if line.startswith(("E:", "W:")))
    answers = finished.stdout + finished.stderr
    if "does not have a Release file" in answers and any(sign in answers for sign in NO_SUCH_FILE):
        raise StepError(f"ddtp_{release}: {source.uri} has no release {release!r}; a codename such as bookworm or trixie is expected")
    if any(sign in answers for sign in BAD_SIGNATURE):
        keys = source.trust.get("Signed-By", "apt's trusted keys")
        raise StepError(f"ddtp_{release}: {source.uri} is not signed with {keys}: {complaints}")
    raise RetryableError(f"ddtp_{release}: apt-get update failed: {complaints or finished.stdout.strip()[-500:]}")


def release_fields(lists: Path, source: AptSource, release: str) -> Stanza:
    """The fields of the Release file that apt fetched; its checksums stay one string."""
    for path in [*lists.glob("*_InRelease"), *lists.glob("*_Release")]:
        for stanza in read_stanzas(path.read_text(encoding="utf-8").splitlines()):
            if release in (stanza.get("Codename"), stanza.get("Suite")):
                return stanza
    raise StepError(f"ddtp_{release}: {source.uri} has no release {release!r}; a codename such as bookworm or trixie is expected")


def find_index(configuration: Path, language: str, fields: Stanza, release: str) -> TranslationIndex:
    """The index of a language among what apt has fetched; raises StepError, naming what there is, where the release has none."""
    listing = apt_get(configuration, "indextargets", "--format", "$(LANGUAGE)\t$(FILENAME)\t$(URI)", "Created-By: Translations").stdout
    for line in listing.splitlines():
        found, name, uri = line.split("\t")
        if found == language:
            path = Path(name)
            content = path.read_bytes()
            return TranslationIndex(path, Source(uri, len(content), hashlib.sha256(content).hexdigest()))
    known = sorted(set(re.findall(r" main/i18n/Translation-(\w+)", fields.get("SHA256", ""))))
    raise StepError(f"ddtp_{release} has no descriptions in {language!r}; it has them in {' '.join(known)}")
