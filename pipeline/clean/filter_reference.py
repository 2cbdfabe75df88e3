"""The page of all filters, made from their table.

python -m pipeline.clean.filter_reference > docs/filters.md
"""

from collections.abc import Iterable, Iterator

from pipeline.clean.filters import FILTERS, Filter
from pipeline.clean.rules import Number

INTRODUCTION = """\
<!-- Made by `python -m pipeline.clean.filter_reference`; change the filters, not this page. -->

# The filters

What datasets are cleaned with, in this order, by the names that filter files, statistics and samples have for them. All are on by default.
[cleaning.md](cleaning.md) says what cleaning does and how a dataset gets a filter file."""

PARAMETERS = """\
A value may be the lowest and the highest, too. Where the default is a whole number, every value is."""


def reference_page() -> str:
    """The text of docs/filters.md."""
    filters = ((f"`{each.name}`", text_for(each), each.does) for each in FILTERS.values())
    parameters = (
        (f"`{each.name}`", f"`{name}`", number(one.default), number(one.minimum), number(one.maximum), one.meaning)
        for each in FILTERS.values()
        for name, one in each.parameters.items()
    )
    parts = [
        INTRODUCTION,
        "\n".join(table(("filter", "for", "does"), filters)),
        "## Parameters",
        PARAMETERS,
        "\n".join(table(("filter", "parameter", "default", "lowest", "highest", "meaning"), parameters)),
    ]
    return "\n\n".join(parts) + "\n"


def text_for(each: Filter) -> str:
    if each.mono:
        return "monolingual text"
    return "parallel text" if each.sides == 2 else "all text"


def number(value: Number) -> str:
    return f"{value:,}"


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    for row in (head, ("---",) * len(head), *rows):
        yield f"| {' | '.join(row)} |"


if __name__ == "__main__":
    print(reference_page().rstrip())
