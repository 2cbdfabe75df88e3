import pytest

from pipeline.align.symmetrize import format_links, grow_diag_final_and, parse_links


def symmetrized(forward: str, reverse: str) -> str:
    return format_links(grow_diag_final_and(parse_links(forward), parse_links(reverse)))


@pytest.mark.parametrize(
    ("forward", "reverse", "links"),
    [
        pytest.param("0-0 1-1", "0-0 1-1", "0-0 1-1", id="both directions agree"),
        pytest.param("0-0 0-1", "0-0", "0-0 0-1", id="a neighbour with a free target word joins"),
        pytest.param("0-0", "0-0 1-1", "0-0 1-1", id="a diagonal neighbour joins"),
        pytest.param("0-0 1-1 0-1", "0-0 1-1", "0-0 1-1", id="a neighbour whose words both have links stays out"),
        pytest.param("0-0 0-1 0-2", "0-0", "0-0 0-1 0-2", id="what has grown grows on"),
        pytest.param("0-0 5-5", "0-0", "0-0 5-5", id="a lone link between two free words joins at the end"),
        pytest.param("0-0 0-5", "0-0", "0-0", id="a lone link joins only if both words are free"),
        pytest.param("2-0", "0-2", "0-2 2-0", id="nothing in common"),
        pytest.param("2-0", "2-5", "2-0", id="forward links come before reverse ones"),
        pytest.param("", "", "", id="no links"),
        pytest.param("10-2 2-10", "2-10 10-2", "2-10 10-2", id="sorted by number"),
    ],
)
def test_grow_diag_final_and(forward, reverse, links):
    assert symmetrized(forward, reverse) == links
