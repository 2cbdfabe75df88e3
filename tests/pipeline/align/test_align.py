import json
from pathlib import Path

import pytest

from pipeline.align.align import main
from pipeline.align.batch import ALIGNMENTS
from pipeline.common.lines import read_lines, write_lines
from pipeline.common.script import StepError
from tests.pipeline.toy_language import toy_sentences, write_corpus


def one_token_a_word(number: int, seed: int = 1) -> list[tuple[str, str]]:
    return [pair for pair in toy_sentences(number, seed) if "北京大学" not in pair[0]]


def align(corpus, folder: Path, *options: str) -> list[str]:
    output = folder / "corpus.aln.zst"
    given = {"--src": ["en"], "--trg": ["it"], "--threads": ["2"], "--work-dir": [folder / "work"], "--output": [output]}
    given |= {"--corpus": corpus, "--statistics": [folder / "statistics.json"]}
    main([*(str(word) for name, values in given.items() for word in (name, *values)), *options])
    return list(read_lines(output))


def monotone(line: str) -> str:
    return " ".join(f"{i}-{i}" for i in range(len(line.split())))


def crossing(line: str) -> str:
    last = len(line.split()) - 1
    return " ".join(f"{i}-{last - i}" for i in range(last + 1))


@pytest.mark.parametrize(("order", "expected"), [(1, monotone), (-1, crossing)])
def test_words_are_aligned_with_their_translations(order, expected, tmp_path):
    pairs = [(source, " ".join(target.split()[::order])) for source, target in one_token_a_word(500)]
    alignments = align(write_corpus(tmp_path, pairs), tmp_path)
    # A word that stands twice in a sentence cannot be told from itself where the order is not known beforehand.
    clear = [(line, source) for line, (source, _) in zip(alignments, pairs, strict=True) if len(set(source.split())) == len(source.split())]
    assert sum(line == expected(source) for line, source in clear) >= 0.98 * len(clear) > 200


def test_batches_give_the_same_links_as_one(tmp_path):
    pairs = one_token_a_word(400)
    corpus = write_corpus(tmp_path, pairs)
    alignments = align(corpus, tmp_path, "--batch-lines", "100")
    assert sum(line == monotone(source) for line, (source, _) in zip(alignments, pairs, strict=True)) >= 0.98 * len(pairs)
    assert json.loads((tmp_path / "statistics.json").read_text()) == {
        "lines": len(pairs),
        "lines-without-links": 0,
        "links": sum(len(line.split()) for line in alignments),
    }
    assert list((tmp_path / "work").iterdir()) == []


def test_lines_without_tokens_or_with_too_many_stay_empty_and_in_their_place(tmp_path):
    pairs = one_token_a_word(200)
    odd = {3: ("", "casa ."), 5: ("house .", "\u3000"), 8: ("", ""), 13: ("house " * 1024, "casa .")}
    for number, pair in odd.items():
        pairs.insert(number, pair)
    alignments = align(write_corpus(tmp_path, pairs), tmp_path)
    assert [number for number, line in enumerate(alignments) if not line] == list(odd)
    assert json.loads((tmp_path / "statistics.json").read_text())["lines-without-links"] == 4


def test_the_same_ambiguous_corpus_gives_the_same_bytes(tmp_path):
    """Half of the targets belong to other sentences, so that eflomal's samplers have to guess."""
    pairs = toy_sentences(200)
    mixed = [(source, pairs[i - i % 2][1]) for i, (source, _) in enumerate(pairs)]
    corpus = write_corpus(tmp_path, mixed)
    first = align(corpus, tmp_path / "first", "--batch-lines", "80", "--threads", "2")
    assert align(corpus, tmp_path / "second", "--batch-lines", "80", "--threads", "4") == first


def test_priors_of_one_corpus_align_a_single_sentence(tmp_path):
    in_either_order = [
        (source, " ".join(target.split()[:: (-1) ** number])) for number, (source, target) in enumerate(one_token_a_word(500))
    ]
    align(write_corpus(tmp_path, in_either_order, "large"), tmp_path, "--output-priors", str(tmp_path / "priors.zst"))
    assert "LEX\tbread\tpane\t" in "\n".join(read_lines(tmp_path / "priors.zst"))

    single = write_corpus(tmp_path, [("Red bread today", "oggi Pane rosso")], "small")
    assert align(single, tmp_path / "small", "--priors", str(tmp_path / "priors.zst")) == ["0-2 1-1 2-0"]
    assert json.loads((tmp_path / "small" / "statistics.json").read_text()) == {"lines": 1, "lines-without-links": 0, "links": 3}


def test_broken_priors_are_named(tmp_path):
    priors = tmp_path / "priors.zst"
    write_lines(priors, ["LEX\thouse\tcasa\tmany"])
    with pytest.raises(StepError, match=r"priors\.zst: eflomal cannot read these priors"):
        align(write_corpus(tmp_path, toy_sentences(10)), tmp_path, "--priors", str(priors))


def test_a_finished_batch_is_not_aligned_again(tmp_path):
    corpus = write_corpus(tmp_path, one_token_a_word(300))
    finished = tmp_path / "work" / "batches" / "00001" / ALIGNMENTS
    write_lines(finished, ["7-7"] * 100)
    alignments = align(corpus, tmp_path, "--batch-lines", "100")
    assert alignments[100:200] == ["7-7"] * 100
    assert "7-7" not in alignments[:100] + alignments[200:]


def test_what_a_killed_batch_left_behind_is_no_hindrance(tmp_path):
    corpus = write_corpus(tmp_path, one_token_a_word(100))
    expected = align(corpus, tmp_path / "undisturbed")
    left = tmp_path / "work" / "batches" / "00000" / "eflomal"
    left.mkdir(parents=True)
    for name in ("eflomal", "eflomal.seed", "source.ids", "forward.links"):
        (left / name).write_text("half of someth")
    assert align(corpus, tmp_path) == expected


def test_an_empty_corpus_is_an_error(tmp_path):
    for side in ("en", "it"):
        write_lines(tmp_path / f"corpus.{side}.zst", [])
    with pytest.raises(StepError, match=r"corpus\.en\.zst: no lines"):
        align((tmp_path / "corpus.en.zst", tmp_path / "corpus.it.zst"), tmp_path)
