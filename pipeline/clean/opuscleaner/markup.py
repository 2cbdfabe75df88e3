"""Filters for the markup of wikis and of HTML."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser

from pipeline.clean.opuscleaner.filters import Definition, Row, RowFunction, Scope, keep_lines
from pipeline.clean.opuscleaner.parameters import Flag
from pipeline.common.languages import Language

CODE = ".mw-parser-output"  # style sheets that OPUS-wikimedia has in its text


@dataclass(frozen=True)
class Markup:
    """What is taken out of a pair, and left of it; `sign` is in each line that has any. `differ` compares what the sides have of it."""

    sign: str
    pattern: re.Pattern[str]
    left: str
    differ: Callable[[set[str], set[str]], bool]


def mostly_other(src: set[str], trg: set[str]) -> bool:
    return len(src & trg) < len(src ^ trg)


def not_as_many(src: set[str], trg: set[str]) -> bool:
    """For what is translated."""
    return len(src) != len(trg)


URL_CHARACTERS = r"-a-zA-Z0-9()@:%_+.~#?&/="
MARKUP = {
    "footnotes": Markup("[", re.compile(r"\[[0-9]+\]"), "", mostly_other),
    "urls": Markup(
        "://",
        re.compile(rf"https?://[-a-zA-Z0-9@:%._+~#=]{{1,260}}\.[a-zA-Z0-9()]{{1,6}}\b[{URL_CHARACTERS}]*"),
        "",
        mostly_other,
    ),
    "wikilinks": Markup("[[", re.compile(r"\[\[(?:.+?\|)?(.+?)\]\]"), r"\1", not_as_many),
    "headings": Markup("==", re.compile(r"(==+)(.+?)\1"), "", not_as_many),
}


def fix_wiki(
    languages: Sequence[Language],
    always: bool,
    footnotes: bool,
    urls: bool,
    wikilinks: bool,
    code: bool,
    headings: bool,
    removeemptylines: bool,
) -> RowFunction:
    """Takes footnote marks, URLs, headings, and the marks of links out of pairs whose sides differ in them; with ALWAYS, out of all.

    With CODE, rows with style sheets are dropped, with REMOVEEMPTYLINES those with an empty line. Without the latter OpusCleaner prints
    nothing at all; here rows are kept.
    """
    chosen = {"footnotes": footnotes, "urls": urls, "wikilinks": wikilinks, "headings": headings}
    markups = [MARKUP[name] for name, wanted in chosen.items() if wanted]

    def apply(row: Row) -> Row | None:
        if code and any(CODE in line for line in row):
            return None
        for markup in markups:
            if any(markup.sign in line for line in row) and (always or differs(markup, row)):
                row = tuple(markup.pattern.sub(markup.left, line) for line in row)
        row = tuple(map(str.strip, row))
        return row if all(row) or not removeemptylines else None

    return apply


def differs(markup: Markup, row: Row) -> bool:
    src, trg = ({match[0] for match in markup.pattern.finditer(line)} for line in row)
    return markup.differ(src, trg)


def html_tag(languages: Sequence[Language]) -> RowFunction:
    """Keeps rows without HTML tags. An ending tag that nothing began is none, nor is a comment."""
    return keep_lines(lambda line: "<" not in line or not has_tag(line))


class TagFinder(HTMLParser):
    found = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found = True


def has_tag(line: str) -> bool:
    finder = TagFinder()
    try:
        finder.feed(line)
        finder.close()
    except AssertionError:  # how the parser says that a declaration, <![…, is none
        return True
    return finder.found


MARKUP_FILTERS = (
    Definition(
        "fix_wiki",
        Scope.PAIR,
        fix_wiki,
        {
            "ALWAYS": Flag(),
            "FOOTNOTES": Flag(default=True),
            "URLS": Flag(default=True),
            "WIKILINKS": Flag(default=True),
            "CODE": Flag(default=True),
            "HEADINGS": Flag(default=True),
            "REMOVEEMPTYLINES": Flag(default=True),
        },
    ),
    Definition("opus.HtmlTagFilter", Scope.ROW, html_tag),
)
