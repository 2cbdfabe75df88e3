"""One word alignment from two directed ones."""

from collections.abc import Iterable

Link = tuple[int, int]

NEIGHBOURS = [(-1, 0), (0, -1), (1, 0), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1)]


def parse_links(line: str) -> list[Link]:
    """Reads Pharaoh's format, "0-0 1-2": pairs of the positions of a source and a target token, counted from 0."""
    return [(int(source), int(target)) for source, _, target in (link.partition("-") for link in line.split())]


def format_links(links: Iterable[Link]) -> str:
    """Writes Pharaoh's format, sorted by source position."""
    return " ".join(f"{source}-{target}" for source, target in sorted(links))


def grow_diag_final_and(forward: Iterable[Link], reverse: Iterable[Link]) -> set[Link]:
    """Symmetrizes with the heuristic grow-diag-final-and: Koehn, Och and Marcu, "Statistical Phrase-Based Translation", NAACL 2003, and
    http://www2.statmt.org/moses/?n=FactoredTraining.AlignWords for the "and".

    It begins with the links that both directions have. Links of either that neighbour a link, diagonals included, join as long as they
    link a word that has none yet; in the end links between two words that have none yet.
    """
    directed = set(forward), set(reverse)
    links = directed[0] & directed[1]
    if links == directed[0] == directed[1]:
        return links
    union = directed[0] | directed[1]
    sources, targets = {source for source, _ in links}, {target for _, target in links}

    def add(link: Link) -> None:
        links.add(link)
        sources.add(link[0])
        targets.add(link[1])

    fresh = sorted(links)
    while fresh:
        grown = []
        for source, target in fresh:
            for down, right in NEIGHBOURS:
                link = source + down, target + right
                if link in union and link not in links and (link[0] not in sources or link[1] not in targets):
                    add(link)
                    grown.append(link)
        fresh = grown
    for direction in directed:
        for link in sorted(direction):
            if link[0] not in sources and link[1] not in targets:
                add(link)
    return links
