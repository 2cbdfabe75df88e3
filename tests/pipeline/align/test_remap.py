from itertools import product

import pytest

from pipeline.align import remap as remap_module
from pipeline.align.remap import align_pieces, load_vocab, piece_spans, pieces_of_tokens, proto_spans, remap
from pipeline.align.symmetrize import parse_links
from pipeline.align.tokenize import tokenize
from pipeline.common.script import StepError
from tests.pipeline.toy_language import toy_sentences

LANGUAGES = ("en", "it")


def pieces_by_token(vocab, line: str) -> dict[str, list[str]]:
    """Each token's pieces, as text."""
    encoded = load_vocab(vocab[0]).encode(line, out_type="immutable_proto")
    tokens = tokenize(line, "en")
    pieces = [piece.piece for piece in encoded.pieces]
    return {
        line[begin:end]: [pieces[i] for i in of]
        for (begin, end), of in zip(tokens, pieces_of_tokens(proto_spans(encoded), tokens), strict=True)
    }


def oracle(vocab, line: str) -> list[int]:
    """The number of the word each piece is in, counted from the pieces' own text; for lines that normalization leaves alone."""
    words, spaces = [], -1
    for piece in load_vocab(vocab[0]).encode(line, out_type=str):
        spaces += piece.startswith("▁")
        words.append(spaces)
    return words


def test_links_of_words_become_links_of_all_their_pieces(vocab):
    pairs = toy_sentences(300)
    rows = [
        (source, target, " ".join(f"{i}-{i}" for i in range(len(source.split())))) for source, target in pairs if "北京大学" not in source
    ]
    lines = list(remap(rows, vocab, LANGUAGES))
    assert len(lines) == len(rows)
    split_words = 0
    for (source, target, _), line in zip(rows, lines, strict=True):
        words = oracle(vocab, source), oracle(vocab, target)
        expected = {(i, j) for (i, word), (j, other) in product(enumerate(words[0]), enumerate(words[1])) if word == other}
        assert set(parse_links(line)) == expected
        split_words += len(words[0]) > len(source.split())
    assert split_words >= 20


@pytest.mark.parametrize(
    ("line", "pieces"),
    [
        pytest.param("naïve cat", {"naïve": ["▁naïve"], "cat": ["▁cat"]}, id="characters, not bytes"),
        pytest.param("京 red", {"京": ["▁", "京"], "red": ["▁red"]}, id="a space of its own goes with what it announces"),
        pytest.param("red  🚀 cat", {"red": ["▁red"], "🚀": ["▁", "<0xF0>", "<0x9F>", "<0x9A>", "<0x80>"], "cat": ["▁cat"]}, id="bytes"),
        pytest.param("\u3000red\u00a0 cat ", {"red": ["▁red"], "cat": ["▁cat"]}, id="other white space"),
        pytest.param("bread.", {"bread": ["▁bread"], ".": ["."]}, id="no space between tokens"),
        pytest.param("\uff43\uff41\uff54", {"\uff43\uff41\uff54": ["▁cat"]}, id="full-width letters are normalized"),
        pytest.param(
            "c\u200bat \u0007 red", {"c": ["▁c"], "at": ["▁", "at"], "red": ["▁red"]}, id="zero-width space, and a bell that goes"
        ),
        pytest.param("", {}, id="nothing"),
        pytest.param(" \u3000 ", {}, id="white space only"),
    ],
)
def test_pieces_are_found_by_the_characters_they_stand_for(vocab, line, pieces):
    assert pieces_by_token(vocab, line) == pieces


def test_a_character_that_is_normalized_to_several_keeps_all_their_pieces(vocab):
    found = pieces_by_token(vocab, "½ ﬃ red")
    assert found["red"] == ["▁red"]
    assert "".join(found["ﬃ"]) == "▁ffi"
    assert found["½"][-1] == "2" or found["½"][-1] == "<0x32>"


def test_every_piece_belongs_to_a_token(vocab):
    for source, _ in toy_sentences(100):
        line = source.replace(" .", "… ™ ½ 東!").replace("a", "\uff41")
        encoded = load_vocab(vocab[0]).encode(line, out_type="immutable_proto")
        found = pieces_of_tokens(proto_spans(encoded), tokenize(line, "en"))
        assert sorted({piece for of in found for piece in of}) == list(range(len(encoded.pieces)))
        assert all(found)


def test_spans_are_those_that_sentencepiece_gives(vocab):
    lines = [source for source, _ in toy_sentences(50)]
    lines += ["", " ", "red  cat", " red", "red ", "red\u00a0cat", "\uff43\uff41\uff54", "▁red▁cat", "京 red 🚀", "ﬃ ½", "RED", "c\u200bat"]
    model = load_vocab(vocab[0])
    expected = [proto_spans(model.encode(line, out_type="immutable_proto")) for line in lines]
    assert list(piece_spans(vocab[0], lines)) == expected


def test_ids_are_those_that_marian_sees(vocab):
    (aligned,) = align_pieces([("red house", "casa rosso", "0-1 1-0")], vocab, LANGUAGES)
    sides = [load_vocab(vocab[0]).encode(line) for line in ("red house", "casa rosso")]
    assert [aligned.source, aligned.target] == sides


def test_batches_and_processes_change_nothing(vocab, monkeypatch):
    rows = [(source, target, "0-0") for source, target in toy_sentences(95)]
    expected = list(remap(rows, vocab, LANGUAGES))
    monkeypatch.setattr(remap_module, "BATCH_LINES", 10)
    assert list(remap(iter(rows), vocab, LANGUAGES, 2)) == expected


def test_a_line_without_links_has_none_afterwards(vocab):
    assert list(remap([("red house", "casa rosso", ""), ("", "", "")], vocab, LANGUAGES)) == ["", ""]


@pytest.mark.parametrize("alignment", ["0-0 2-0", "0-0 0-2", "0", "a-b", "-1-0"])
def test_an_alignment_of_another_sentence_is_an_error(vocab, alignment):
    with pytest.raises(StepError, match=rf"alignment '{alignment}' does not fit 2 tokens of 'red house' and 2 of 'casa rosso'"):
        list(remap([("red house", "casa rosso", alignment)], vocab, LANGUAGES))


def test_a_file_that_is_no_vocabulary_is_named(vocab, tmp_path):
    broken = tmp_path / "vocab.en.spm"
    broken.write_bytes(b"not a model")
    with pytest.raises(StepError, match=r"vocab\.en\.spm: not a SentencePiece model"):
        list(remap([("a", "b", "0-0")], (broken, vocab[1]), LANGUAGES))
