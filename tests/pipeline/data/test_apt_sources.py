from pipeline.data.apt_sources import AptSource, parse_deb822, parse_one_line


def test_one_line_style():
    lines = [
        "# a comment",
        "deb-src https://mirror.example/debian bookworm main",
        "deb [arch=amd64 signed-by=/keys/debian-archive.gpg] https://mirror.example/debian bookworm main contrib # ours",
        "deb http://other.example/debian stable main",
    ]
    trust = {"Signed-By": "/keys/debian-archive.gpg"}
    assert list(parse_one_line(lines)) == [
        AptSource("https://mirror.example/debian", frozenset({"bookworm"}), frozenset({"main", "contrib"}), trust),
        AptSource("http://other.example/debian", frozenset({"stable"}), frozenset({"main"})),
    ]


def test_deb822_style_with_a_key_inside():
    lines = """\
Types: deb deb-src
# a snapshot
URIs: https://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc

Enabled: no
Types: deb
URIs: https://off.example/
Suites: x
Components: main
""".splitlines()
    assert list(parse_deb822(lines)) == [
        AptSource(
            "https://mirror.example/debian",
            frozenset({"bookworm", "bookworm-updates"}),
            frozenset({"main"}),
            {"Signed-By": "\n-----BEGIN PGP PUBLIC KEY BLOCK-----\n.\nabc"},
        )
    ]
