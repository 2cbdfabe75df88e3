import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from pipeline.align import shortlist
from pipeline.align.remap import load_vocab
from pipeline.align.shortlist import main
from pipeline.common.lines import read_lines, write_lines
from pipeline.common.marian import run_marian
from pipeline.common.script import StepError
from tests.pipeline.toy_language import toy_sentences, write_corpus


def write_shortlist(folder: Path, pairs: list[tuple[str, str]], alignments: list[str], vocab, *options: str) -> list[str]:
    write_lines(folder / "corpus.aln.zst", alignments)
    given = {"--corpus": write_corpus(folder, pairs), "--src": ["en"], "--trg": ["it"], "--alignments": [folder / "corpus.aln.zst"]}
    given |= {"--vocab": vocab, "--output": [folder / "lex.s2t.zst"], "--statistics": [folder / "statistics.json"], "--threads": ["1"]}
    main([*(str(word) for name, values in given.items() for word in (name, *values)), *options])
    return list(read_lines(folder / "lex.s2t.zst"))


def test_probabilities_are_relative_frequencies_of_links(vocab, tmp_path):
    pairs = [("red", "rosso"), ("red", "rosso"), ("red", "verde"), ("bread", "pane"), ("red", "gatto")]
    lines = write_shortlist(tmp_path, pairs, ["0-0", "0-0", "0-0", "0-0", ""], vocab)
    assert sorted(lines) == ["▁gatto </s> 1", "▁pane ▁bread 1", "▁rosso ▁red 0.66666667", "▁verde ▁red 0.33333333"]
    assert json.loads((tmp_path / "statistics.json").read_text()) == {"entries": 4, "links": 5, "pairs-seen": 4}


def test_only_the_best_are_kept_in_order_of_source_and_probability(vocab, tmp_path):
    pairs = [("red", "rosso")] * 3 + [("red", "verde")] * 4 + [("red", "pane")] * 2 + [("cat", "gatto")]
    lines = write_shortlist(tmp_path, pairs, ["0-0"] * len(pairs), vocab, "--best", "2")
    processor = load_vocab(vocab[0])
    by_source = defaultdict(list)
    for line in lines:
        by_source[line.split()[1]].append(line.split()[0])
    assert by_source == {"▁red": ["▁verde", "▁rosso"], "▁cat": ["▁gatto"]}
    ids = [processor.piece_to_id(source) for source in by_source]
    assert ids == sorted(ids)


def test_batches_and_threads_change_nothing(vocab, tmp_path, monkeypatch):
    pairs = toy_sentences(95)
    alignments = ["0-0"] * 95
    for name in ("whole", "batches"):
        (tmp_path / name).mkdir()
    whole = write_shortlist(tmp_path / "whole", pairs, alignments, vocab)
    monkeypatch.setattr(shortlist, "BATCH_LINES", 10)
    assert write_shortlist(tmp_path / "batches", pairs, alignments, vocab, "--threads", "2") == whole
    assert len(whole) > 50


@pytest.mark.parametrize("everything_under", ["its translation", "</s>"])
def test_marian_translates_with_it(vocab, tiny_model, tmp_path, everything_under):
    """What the shortlist does not allow cannot come out, but for the vocabulary's first pieces, and those are bytes."""
    pairs = [pair for pair in toy_sentences(400) if "北京大学" not in pair[0]]
    links = [" ".join(f"{i}-{i}" for i in range(len(source.split()))) for source, _ in pairs]
    write_shortlist(tmp_path, pairs, links if everything_under == "its translation" else [""] * len(pairs), vocab)
    write_lines(tmp_path / "lex.s2t", read_lines(tmp_path / "lex.s2t.zst"))
    run_marian("convert", {"shortlist": [tmp_path / "lex.s2t", 100, 100, 0], "dump-shortlist": tmp_path / "lex.bin", "vocabs": vocab})

    tested = pairs[:50]
    words = [sys.executable, "-m", "pymarian", "decode", "--models", str(tiny_model), "--vocabs", *map(str, vocab)]
    words += ["--shortlist", str(tmp_path / "lex.bin"), "false", "--cpu-threads", "1", "--workspace", "300", "--beam-size", "1", "--quiet"]
    decoded = subprocess.run(words, input="".join(f"{source}\n" for source, _ in tested), capture_output=True, text=True, check=True)
    right = sum(line == target for line, (_, target) in zip(decoded.stdout.splitlines(), tested, strict=True))
    assert right >= 40


def test_alignments_of_another_corpus_are_an_error(vocab, tmp_path):
    with pytest.raises(StepError, match=r"ends after 1 lines"):
        write_shortlist(tmp_path, [("red", "rosso"), ("cat", "gatto")], ["0-0"], vocab)
    assert not (tmp_path / "lex.s2t.zst").exists()
