import gzip
import json
import lzma
from pathlib import Path

import pytest
import zstandard

from pipeline.align.remap import remap
from pipeline.align.symmetrize import parse_links
from pipeline.align.tokenize import token_words, tokenize
from pipeline.common.lines import open_input, read_lines
from pipeline.common.script import StepError
from pipeline.continuation import given_alignments
from pipeline.continuation.corpus import main
from pipeline.continuation.given_alignments import convert, convert_row
from tests.pipeline.toy_language import toy_sentences

PACKERS = {"": bytes, ".zst": zstandard.ZstdCompressor().compress, ".gz": gzip.compress, ".xz": lzma.compress}


def take(folder: Path, urls: dict[str, str], *words: object, languages: tuple[str, str] = ("en", "it")) -> tuple[Path, Path, Path]:
    outputs = tuple(folder / "taken" / f"corpus.{name}.zst" for name in (*languages, "aln"))
    given = ["--src", languages[0], "--trg", languages[1], "--output", *outputs[:2], "--work-dir", folder / "work", "--threads", "1"]
    given += [word for name, url in urls.items() for word in (f"--{name}-url", url)]
    if "alignments" in urls:
        given += ["--output-alignments", outputs[2]]
    main([str(word) for word in [*given, "--statistics", folder / "statistics.json", *words]])
    assert list((folder / "work").iterdir()) == []  # nothing is left behind
    return outputs[0], outputs[1], outputs[2]


def serve(web_server, **files: str | bytes) -> dict[str, str]:
    """Puts files on the server, text as it is, and returns their addresses by the option they are for."""
    urls = {}
    for option, content in files.items():
        name = option.replace("_", "-")
        web_server.files[f"/{name}.txt"] = content.encode() if isinstance(content, str) else content
        urls[name] = f"{web_server.address}/{name}.txt"
    return urls


@pytest.mark.parametrize("suffix", PACKERS)
def test_the_content_stays_as_it_is(web_server, tmp_path, suffix):
    contents = ["red house\r\nnext\u2028line \x00\t\n\n 北京大学\n".encode(), b"casa rossa\nprossima\nvuota\n ateneo \n"]
    urls = {}
    for side, content in zip(("src", "trg"), contents, strict=True):
        web_server.files[f"/corpus.{side}{suffix}"] = PACKERS[suffix](content)
        urls[side] = f"{web_server.address}/corpus.{side}{suffix}"
    outputs = take(tmp_path, urls)
    for path, content in zip(outputs, contents, strict=False):
        with open_input(path) as file:
            assert file.read() == content
    assert not outputs[2].exists()
    statistics = json.loads((tmp_path / "statistics.json").read_text())
    assert statistics.pop("lines") == 4
    assert [source["url"] for source in statistics.pop("sources")] == list(urls.values())
    assert statistics == {}


def test_alignments_are_of_our_tokens_afterwards(web_server, vocab, tmp_path):
    """Given are whitespace tokens, in which a full stop hangs on the last word; every word is aligned with its translation."""
    pairs = [(source.replace(" .", "."), target.replace(" .", ".")) for source, target in toy_sentences(300)]
    source, target = ("".join(f"{pair[side]}\n" for pair in pairs) for side in (0, 1))
    links = "".join(" ".join(f"{i}-{i}" for i in range(len(pair[0].split()))) + "\n" for pair in pairs)
    outputs = take(tmp_path, serve(web_server, src=source, trg=target, tok_src=source, tok_trg=target, alignments=links))
    lines = list(read_lines(outputs[2]))
    assert len(lines) == len(pairs)
    assert [list(read_lines(path)) for path in outputs[:2]] == [[pair[side] for pair in pairs] for side in (0, 1)]
    split = 0
    for pair, line in zip(pairs, lines, strict=True):
        sides = [token_words(text, tokenize(text, language)) for text, language in zip(pair, ("en", "it"), strict=True)]
        found = set(parse_links(line))
        assert (len(sides[0]) - 1, len(sides[1]) - 1) in found  # full stops
        assert {source for source, _ in found} == set(range(len(sides[0])))
        split += len(sides[0]) > len(pair[0].split()) + 1
    assert split  # "北京大学" is two tokens of ours
    statistics = json.loads((tmp_path / "statistics.json").read_text())
    assert (statistics["lines"], statistics["lines-without-links"], statistics["lines-with-other-tokens"]) == (300, 0, 0)
    assert statistics["links"] == sum(len(line.split()) for line in lines)
    rows = [(*pair, line) for pair, line in zip(pairs, lines, strict=True)]
    assert all(remap(rows, vocab, ("en", "it")))  # what trains on them finds its way


@pytest.mark.parametrize(
    ("source", "tokens", "alignment", "expected"),
    [
        pytest.param("red house", "red ▁ house", "0-0 2-1", "0-0 1-1", id="space marks are tokens"),
        pytest.param("red house", "▁red ▁house", "0-0 1-1", "0-0 1-1", id="space marks begin tokens"),
        pytest.param("red house", "red house", "", "", id="no links"),
        pytest.param("don't", "do n't", "0-0 1-1", "0-0 0-1 1-1 2-1", id="one of theirs shares characters with three of ours"),
        pytest.param("red-house", "red-house", "0-0 0-1", "0-0 0-1 1-0 1-1 2-0 2-1", id="a token of several"),
        pytest.param("redhouse", "red house", "0-0 1-1", "0-0 0-1", id="one of ours is two of theirs"),
        pytest.param("red\u3000  house", "red house", "1-1", "1-1", id="white space does not count"),
        pytest.param("red ▁ house", "red ▁ house", "2-1", "2-1", id="a mark in the sentence itself"),
        pytest.param("red, house", "red house", "1-1", "2-1", id="a character that their tokenizer drops"),
        pytest.param("house red house", "house red house", "2-0", "2-0", id="the second one of two"),
        pytest.param("red house", "red mouse", "0-0", None, id="another sentence"),
        pytest.param("red house", "house red", "0-0", None, id="another order"),
        pytest.param("red house", "red house", "0-0 2-1", None, id="a link of no token"),
        pytest.param("red house", "red house", "0-0 x", None, id="no link"),
        pytest.param("", "", "", "", id="nothing"),
    ],
)
def test_links_go_where_characters_are_shared(source, tokens, alignment, expected):
    assert convert_row((source, "casa rossa", tokens, "casa rossa", alignment), ("en", "it")) == expected


def test_unspaced_text(tmp_path):
    row = ("我喜欢猫。", "I like cats.", "我喜欢 猫 。", "I ▁ like ▁ cats .", "0-0 0-2 1-4 2-5")
    assert convert_row(row, ("zh", "en")) == "0-0 0-1 1-0 1-1 2-2 3-3"  # 我 and 喜欢 are two tokens of ours


def test_batches_and_processes_change_nothing(monkeypatch):
    rows = [(*pair, *pair, "0-0" if number % 9 else "0-99") for number, pair in enumerate(toy_sentences(95))]
    expected = list(convert(rows, ("en", "it")))
    assert None in expected and "0-0" in expected
    monkeypatch.setattr(given_alignments, "BATCH_LINES", 10)
    assert list(convert(iter(rows), ("en", "it"), 2)) == expected


def test_lines_of_other_tokens_are_counted_and_too_many_are_an_error(web_server, tmp_path, caplog):
    def given(misfits: int) -> dict[str, str]:
        tokens = "mouse\n" * misfits + "red\n" * (20 - misfits)
        return serve(web_server, src="red\n" * 20, trg="rosso\n" * 20, tok_src=tokens, tok_trg="rosso\n" * 20, alignments="0-0\n" * 20)

    outputs = take(tmp_path, given(2))
    assert list(read_lines(outputs[2])) == ["", "", *["0-0"] * 18]
    assert "2 of 20 lines have no alignment" in caplog.text
    statistics = json.loads((tmp_path / "statistics.json").read_text())
    assert (statistics["lines-without-links"], statistics["lines-with-other-tokens"], statistics["links"]) == (2, 2, 18)
    with pytest.raises(StepError, match="3 of 20 lines do not have the tokens that their alignments count"):
        take(tmp_path / "more", given(3))
    assert not (tmp_path / "more" / "taken").exists() or list((tmp_path / "more" / "taken").iterdir()) == []


@pytest.mark.parametrize("short", ["src", "trg", "tok_src", "tok_trg", "alignments"])
def test_sides_of_unequal_length(web_server, tmp_path, monkeypatch, short):
    monkeypatch.setattr(given_alignments, "BATCH_LINES", 2)  # the shorter ones end together with a batch
    files = {"src": "red\n", "trg": "rosso\n", "tok_src": "red\n", "tok_trg": "rosso\n", "alignments": "0-0\n"}
    for number, (its_own, others, error) in enumerate(
        [(2, 3, f"{short}.*: ends after 2 lines"), (3, 2, f"ends after 2 lines, but .*{short}.* goes on")]
    ):
        urls = serve(web_server, **{name: line * (its_own if name == short else others) for name, line in files.items()})
        with pytest.raises(StepError, match=error):
            take(tmp_path / str(number), urls)


def test_an_empty_corpus(web_server, tmp_path):
    with pytest.raises(StepError, match="the corpus is empty"):
        take(tmp_path, {side: serve_packed(web_server, side, b"") for side in ("src", "trg")})


def serve_packed(web_server, side: str, content: bytes) -> str:
    web_server.files[f"/{side}.gz"] = gzip.compress(content)
    return f"{web_server.address}/{side}.gz"


def test_a_broken_download_is_named(web_server, tmp_path):
    urls = {side: serve_packed(web_server, side, b"red\n" * 100) for side in ("src", "trg")}
    web_server.files["/trg.gz"] = web_server.files["/trg.gz"][:-10]
    with pytest.raises(StepError, match=r"trg_url.*\.gz: broken after line"):
        take(tmp_path, urls)
    assert not any((tmp_path / "taken").glob("*"))


def test_all_wrong_addresses_are_named_before_a_download(web_server, tmp_path):
    urls = serve(web_server, src="red\n", trg="rosso\n", tok_src="red\n", tok_trg="rosso\n", alignments="0-0\n")
    del web_server.files["/trg.txt"], web_server.files["/alignments.txt"]
    with pytest.raises(StepError, match=r"/trg\.txt: the server answered 404.*; .*/alignments\.txt: the server answered 404"):
        take(tmp_path, urls)
    assert set(web_server.ranges) == {"bytes=0-0"}


def test_alignments_without_their_tokens(web_server, tmp_path):
    urls = serve(web_server, src="red\n", trg="rosso\n", tok_src="red\n", alignments="0-0\n")
    with pytest.raises(StepError, match="no --tok-trg-url: alignments need the tokens that they count"):
        take(tmp_path, urls)
