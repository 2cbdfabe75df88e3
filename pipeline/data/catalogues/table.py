"""A listing of datasets as a table for people."""

from typing import Any

TITLES = {
    "parallel": "Parallel text to train on",
    "evaluation": "Sets for evaluation",
    "mono-src": "Monolingual text, {src}",
    "mono-trg": "Monolingual text, {trg}",
}
UNITS = (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3))


def render(listing: dict[str, Any], everything: bool = False) -> str:
    """The datasets by kind, each with its size where it is known, and where the list comes from. Those whose text another one has are only
    counted, unless `everything` is asked for.
    """
    blocks = [block(kind, listing, everything) for kind in TITLES]
    sources = [source_line(catalogue) for catalogue in listing["catalogues"]]
    return "\n\n".join([*filter(None, blocks), "\n".join(["Asked:", *sources])])


def block(kind: str, listing: dict[str, Any], everything: bool) -> str:
    datasets = [dataset for dataset in listing["datasets"] if dataset["kind"] == kind]
    if not datasets:
        return ""
    own = [dataset for dataset in datasets if not dataset["duplicate-of"]]
    rows = [("dataset", "sentences", "download", ""), *map(row, datasets if everything else own)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [f"  {name:<{widths[0]}}  {count:>{widths[1]}}  {bytes_:>{widths[2]}}  {note}".rstrip() for name, count, bytes_, note in rows]
    if not everything and len(own) < len(datasets):
        lines.append(f"  and {len(datasets) - len(own)} with the text of these, or an older version of it, which --all lists")
    return "\n".join([f"{TITLES[kind].format(**listing)}: {total(own)}", *lines])


def row(dataset: dict[str, Any]) -> tuple[str, str, str, str]:
    duplicate = f"as {dataset['duplicate-of']}" if dataset["duplicate-of"] else ""
    note = "; ".join(filter(None, [duplicate, dataset["remark"]]))
    return dataset["name"], sentences(dataset["sentences"]), size(dataset["bytes"]), note


def total(datasets: list[dict[str, Any]]) -> str:
    """How much there is, as far as it is known."""
    parts = [f"{len(datasets)} set{'' if len(datasets) == 1 else 's'}"]
    if known := [dataset["sentences"] for dataset in datasets if dataset["sentences"]]:
        parts.append(f"{sum(known):,} sentences in the {len(known)} of known size")
    if known := [dataset["bytes"] for dataset in datasets if dataset["bytes"]]:
        parts.append(f"{size(sum(known))} to download in {len(known)}")
    return ", ".join(parts)


def sentences(number: int | None) -> str:
    return "unknown" if number is None else f"{number:,}"


def size(number: int | None) -> str:
    if number is None:
        return "unknown"
    return next((f"{number / unit:.1f} {name}" for name, unit in UNITS if number >= unit), f"{number} B")


def source_line(catalogue: dict[str, Any]) -> str:
    date = f", as of {catalogue['date']}" if catalogue["date"] else ""
    problem = " (could not be asked now)" if catalogue["problem"] else ""
    return f"  {catalogue['provider']}: {catalogue['source'] or 'not asked'}{date}{problem}"
