from pathlib import Path

import pytest

from pipeline.common.lines import write_lines
from pipeline.common.script import StepError
from pipeline.translate.n_best import parse_candidate, read_n_best, renumber, resume_at

REST = " ||| una ||| F0= -1.5 ||| -0.5"


def numbered(*sentences: int) -> list[bytes]:
    return [f"{sentence}{REST}\n".encode() for sentence in sentences]


@pytest.mark.parametrize("text", ["una casa", "", "a ||| b", "|||"])
def test_a_candidate_is_written_as_it_was_read(text: str):
    line = f"7 ||| {text} ||| F0= -0.00112586 ||| -0.000187643"
    candidate = parse_candidate(line)
    assert (candidate.sentence, candidate.text, candidate.score) == (7, text, -0.000187643)
    assert str(candidate) == line


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        pytest.param([f"0{REST}", f"2{REST}"], r"n-best\.zst:2: sentence 2, expected 1", id="a sentence is missing"),
        pytest.param([f"1{REST}"], r"n-best\.zst:1: sentence 1, expected 0", id="the first is missing"),
        pytest.param([f"0{REST}", "plain text"], r"n-best\.zst:2: expected 'sentence \|\|\| text", id="plain text"),
        pytest.param([f"0{REST}", f"1{REST}", f"0{REST}"], r"n-best\.zst:3: sentence 0, expected 2", id="chunks joined as they are"),
    ],
)
def test_a_gap_is_an_error(tmp_path: Path, lines: list[str], error: str):
    write_lines(tmp_path / "n-best.zst", lines)
    with pytest.raises(StepError, match=error):
        list(read_n_best(tmp_path / "n-best.zst"))


def test_sentences_go_on_from_where_they_were_and_candidates_beyond_n_go():
    assert list(renumber(numbered(0, 0, 0, 1, 2, 2), first=40, total=43, n_best=2)) == numbered(40, 40, 41, 42, 42)


@pytest.mark.parametrize(
    ("sentences", "error"), [((0, 2), "for sentence 41, found"), ((0, 1), "ends after 42 of 43"), ((), "after 40 of 43")]
)
def test_a_sentence_that_is_left_out(sentences: tuple[int, ...], error: str):
    with pytest.raises(StepError, match=error):
        list(renumber(numbered(*sentences), first=40, total=43, n_best=2))


@pytest.mark.parametrize(
    ("content", "kept_lines", "kept_sentences"),
    [
        pytest.param(b"", 0, 0, id="nothing yet"),
        pytest.param(b"".join(numbered(0, 0, 1, 1)), 0, 0, id="whether the last is whole is not known"),
        pytest.param(b"".join(numbered(0, 0, 1, 1, 2)), 4, 2, id="the next one has begun"),
        pytest.param(b"".join(numbered(0, 0, 1, 1, 2, 2, 3, 4)), 7, 4, id="the last boundary"),
        pytest.param(b"".join(numbered(0, 0, 1, 1)) + b"2 ||| hal", 0, 0, id="half a line"),
    ],
)
def test_it_goes_on_before_a_sentence_at_a_boundary(tmp_path: Path, content: bytes, kept_lines: int, kept_sentences: int):
    file = tmp_path / "n-best.txt"
    file.write_bytes(content)
    assert resume_at(file, step=2, total=9) == kept_sentences
    assert file.read_bytes() == b"".join(content.splitlines(keepends=True)[:kept_lines])
