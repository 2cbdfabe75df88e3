import json
import os
from pathlib import Path

import pytest
import sentencepiece

from pipeline.common.lines import write_lines
from pipeline.common.script import StepError
from pipeline.vocab.build_vocab import character_coverage, main
from tests.pipeline.toy_language import toy_sentences, write_corpus


@pytest.fixture
def corpus(tmp_path):
    return write_corpus(tmp_path, toy_sentences(1000))


def build(corpus, folder: Path, *options: str) -> tuple[Path, Path]:
    output = folder / "vocab.en.spm", folder / "vocab.it.spm"
    given = {"--src": ["en"], "--trg": ["it"], "--sample-size": ["600"], "--vocab-size": ["304"], "--threads": ["1"]}
    given |= {"--corpus": corpus, "--output": output, "--work-dir": [folder / "work"], "--statistics": [folder / "statistics.json"]}
    main([*(str(word) for name, values in given.items() for word in (name, *values)), *options])
    return output


def test_a_joint_vocabulary_serves_both_sides(corpus, tmp_path):
    source, target = build(corpus, tmp_path / "joint")
    assert source.read_bytes() == target.read_bytes()
    vocab = sentencepiece.SentencePieceProcessor(model_file=str(source))
    assert (len(vocab), vocab.bos_id(), vocab.eos_id(), vocab.unk_id()) == (304, -1, 0, 1)
    for line in ("naïve cat sees 北京大学 .", "perché la città è verde", "unseen: Ω🚀"):
        assert vocab.decode(vocab.encode(line)) == line
        assert vocab.unk_id() not in vocab.encode(line)
    assert json.loads((tmp_path / "joint" / "statistics.json").read_text()) == {"sampled-pairs": 300, "vocab-size": 304, "split": False}


def test_split_vocabularies_know_their_own_side(corpus, tmp_path):
    vocabs = [sentencepiece.SentencePieceProcessor(model_file=str(path)) for path in build(corpus, tmp_path / "split", "--split")]
    assert vocabs[0].is_byte(vocabs[0].encode("à")[-1])
    assert not vocabs[1].is_byte(vocabs[1].encode("à")[-1])
    assert vocabs[1].is_byte(vocabs[1].encode("东")[-1])
    assert json.loads((tmp_path / "split" / "statistics.json").read_text()) == {"sampled-pairs": 600, "vocab-size": 304, "split": True}


def test_the_same_corpus_gives_the_same_bytes_with_any_number_of_threads(corpus, tmp_path):
    granted = os.sched_getaffinity(0)
    first = build(corpus, tmp_path / "first")[0].read_bytes()
    assert build(corpus, tmp_path / "second", "--threads", "2")[0].read_bytes() == first
    assert os.sched_getaffinity(0) == granted
    assert str(tmp_path).encode() not in first


def test_nothing_is_left_in_the_work_folder(corpus, tmp_path):
    build(corpus, tmp_path)
    assert list((tmp_path / "work").iterdir()) == []


def test_a_vocabulary_too_large_for_the_corpus_is_explained(corpus, tmp_path):
    with pytest.raises(
        StepError, match=r"^the corpus is too small for 4000 pieces: set experiment.spm-vocab-size to \d+ or less$"
    ) as raised:
        build(corpus, tmp_path, "--vocab-size", "4000")
    advised = str(raised.value).split()[-3]
    build(corpus, tmp_path, "--vocab-size", advised)


def test_a_vocabulary_too_small_for_the_alphabet_is_explained(corpus, tmp_path):
    with pytest.raises(
        StepError, match=r"^the en side of the corpus has too many characters for 264 pieces: set experiment\.spm-vocab-size"
    ):
        build(corpus, tmp_path, "--split", "--vocab-size", "264")
    assert not (tmp_path / "vocab.en.spm").exists()


def test_a_size_that_is_not_divisible_by_8_is_refused_with_the_nearest(corpus, tmp_path):
    with pytest.raises(StepError, match=r"spm-vocab-size is 301: not divisible by 8.* nearest is 304"):
        build(corpus, tmp_path, "--vocab-size", "301")


def test_an_empty_corpus_is_an_error(tmp_path):
    corpus = tmp_path / "empty.en.zst", tmp_path / "empty.it.zst"
    for path in corpus:
        write_lines(path, [])
    with pytest.raises(StepError, match=r"empty\.en\.zst: no lines"):
        build(corpus, tmp_path)


def test_an_unknown_normalization_is_refused_before_anything_runs(corpus, tmp_path):
    with pytest.raises(SystemExit):
        build(corpus, tmp_path, "--normalization-rule", "nmt_nfkd")


@pytest.mark.parametrize(("language", "coverage"), [("it", 1.0), ("ru", 1.0), ("ja", 0.9995), ("zh_hant", 0.9995), ("ko", 0.9995)])
def test_alphabets_are_covered_whole_and_large_scripts_nearly(language, coverage):
    assert character_coverage(language) == coverage
