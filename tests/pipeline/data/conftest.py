"""An unsigned Debian archive with a handful of descriptions."""

import hashlib
import lzma
from pathlib import Path

import pytest

from tests.pipeline.data.catalogue_server import catalogue_folder, catalogue_server, unreachable  # noqa: F401, fixtures
from tests.pipeline.hub_server import hub  # noqa: F401, a fixture

PACKAGES = {
    "hello": (
        ("friendly greeter", "saluto amichevole"),
        ("Prints a greeting. It is small.\n .\n Features:\n  * colours\n  * sounds of many\n    kinds",
         "Stampa un saluto. È piccolo.\n .\n Funzionalità:\n  * colori\n  * suoni di molti\n    tipi"),
    ),
    "hello-doc": (("documentation of hello", "documentazione di hello"), ("One paragraph.", "Un paragrafo.\n .\n Ancora uno.")),
    "editor": (("editor of plain text", "editor di testo semplice"), ("Edits text, e.g. Perl.", "<trans>")),
    "twin": (("friendly greeter", "saluto amichevole"), ("It is small.", "È piccolo.")),
    "foreign": (("never translated", ""), ("Nobody did.", "")),
}  # fmt: skip


@pytest.fixture(scope="session")
def debian_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with the release "bookworm", English descriptions, and Italian ones for most packages; no signature."""
    archive = tmp_path_factory.mktemp("archive")
    dists = archive / "dists" / "bookworm"
    (dists / "main" / "i18n").mkdir(parents=True)
    listed = []
    for side, language in enumerate(("en", "it")):
        stanzas = [
            f"Package: {package}\nDescription-md5: {hashlib.md5(package.encode()).hexdigest()}\n"
            f"Description-{language}: {titles[side]}\n {texts[side]}\n"
            for package, (titles, texts) in PACKAGES.items()
            if titles[side]
        ]
        plain = "\n".join(stanzas).encode()
        packed = lzma.compress(plain)
        (dists / "main" / "i18n" / f"Translation-{language}.xz").write_bytes(packed)
        listed += [(plain, f"main/i18n/Translation-{language}"), (packed, f"main/i18n/Translation-{language}.xz")]
    sums = "\n".join(f" {hashlib.sha256(content).hexdigest()} {len(content)} {name}" for content, name in listed)
    (dists / "Release").write_text(
        "Origin: Debian\nSuite: stable\nVersion: 12.0\nCodename: bookworm\nDate: Sat, 10 Jun 2023 08:53:33 UTC\n"
        f"Architectures: amd64\nComponents: main\nSHA256:\n{sums}\n"
    )
    return archive
