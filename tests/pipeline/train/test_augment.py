"""The feed of a student: OpusTrainer with our modifier, held against OpusTrainer's own Tags."""

import random
import subprocess
from collections import Counter

import pytest
from opustrainer.modifiers.placeholders import PlaceholderTagModifier

from pipeline.align.remap import load_vocab
from pipeline.align.symmetrize import format_links, parse_links
from pipeline.common.data_files import data_file
from pipeline.common.lines import read_lines, write_lines
from pipeline.train import modifiers
from pipeline.train.augment import Augment
from pipeline.train.feed import feeder_command, modifier_options, write_guided_tsv, write_tsv
from pipeline.train.modifiers import MODIFIERS, usable_modifiers
from pipeline.train.sentence import Pair, parse_sentence
from pipeline.train.train import read_yaml
from tests.pipeline.toy_language import toy_sentences

LANGUAGES = ("en", "it")
EVERYTHING = {**dict.fromkeys(MODIFIERS, 0.3), "Noise": 0.1}


@pytest.fixture
def pairs():
    """Pairs of which every token is a word between spaces."""
    return [pair for pair in toy_sentences(400) if "北京大学" not in pair[0]]


@pytest.fixture
def aligned_tsv(pairs, vocab, tmp_path):
    """The pairs as TSV with links of pieces and of tokens, word by word."""
    corpus = tmp_path / "corpus.en", tmp_path / "corpus.it"
    alignments = tmp_path / "corpus.aln"
    for path, lines in zip(corpus, zip(*pairs, strict=True), strict=True):
        write_lines(path, lines)
    write_lines(alignments, map(words_aligned, (source for source, _ in pairs)))
    tsv = tmp_path / "corpus.tsv"
    write_guided_tsv(tsv, [*corpus, alignments], vocab, LANGUAGES, 1)
    return tsv


def words_aligned(line: str) -> str:
    return " ".join(f"{number}-{number}" for number in range(len(line.split())))


def augment(probabilities, vocab=()):
    return Augment(1.0, languages=LANGUAGES, modifiers=probabilities, aligned=bool(vocab), vocab=tuple(map(str, vocab)))


def test_the_links_are_those_of_tags(aligned_tsv, vocab):
    """Both the links computed once for the corpus, and those of lines that are taken apart and encoded in the feed.

    Tags leaves pieces unlinked that stand for no character of a word ("▁" alone); all others are linked alike, on every line.
    """
    lines = list(read_lines(aligned_tsv))
    rows = [line.split("\t") for line in lines]
    tags = PlaceholderTagModifier(0.0, spm_vocab_src=vocab[0], spm_vocab_trg=vocab[1])
    expected = list(tags("\t".join((source, target, tokens)) for source, target, _, tokens in rows))
    feed = augment({}, vocab)
    once = list(feed(lines))
    assert list(feed.rows([feed.parse(line) for line in lines])) == once
    same = sum(line == other for line, other in zip(once, expected, strict=True))
    assert 100 < same < len(lines)
    for line, other in zip(once, expected, strict=True):
        source, target, links = line.split("\t")
        spaces = [{i for i, piece in enumerate(load_vocab(path).encode(text, out_type=str)) if piece == "▁"}
                  for path, text in zip(vocab, (source, target), strict=True)]  # fmt: skip
        kept = [link for link in parse_links(links) if link[0] not in spaces[0] and link[1] not in spaces[1]]
        assert f"{source}\t{target}\t{format_links(kept)}" == other


@pytest.mark.parametrize("name", MODIFIERS)
def test_links_of_changed_lines_are_of_the_right_pieces(aligned_tsv, vocab, name, monkeypatch):
    """Every toy word is linked with its translation: so must be the pieces of what became of it."""
    monkeypatch.setattr(modifiers, "random_words", lambda: ["zig", "zag"])
    random.seed(1)
    lines = list(read_lines(aligned_tsv))
    before = [line.rpartition("\t")[0] for line in lines]
    after = list(augment({name: 1.0}, vocab)(lines))
    changed = [(old.split("\t"), new.split("\t")) for old, new in zip(before, after, strict=True) if old != new]
    assert len(changed) > 200
    for old, (source, target, links) in changed:
        words = words_of_pieces(source, vocab[0]), words_of_pieces(target, vocab[1])
        if name == "Typos":
            assert target == old[1]
            assert {i for i, _ in parse_links(links)} == set(range(len(words[0])))
            assert {j for _, j in parse_links(links)} == set(range(len(words[1])))
        else:
            expected = {(i, j) for i, word in enumerate(words[0]) for j, other in enumerate(words[1]) if word == other}
            assert set(parse_links(links)) == expected


def words_of_pieces(line, vocab):
    """The number of the word each piece stands in, counted from the pieces' own text."""
    words, word = [], -1
    for piece in load_vocab(vocab).encode(line, out_type=str):
        word += piece.startswith("▁")
        words.append(word)
    return words


def test_a_split_and_a_joined_word_keep_their_links(vocab):
    source = parse_sentence("red cat house", "en").with_token(0, "re d").with_gap(2, "")
    target = parse_sentence("rosso gatto casa", "it")
    (row,) = augment({}, vocab).rows([Pair(source, target, [(0, 0), (1, 1), (2, 2)])])
    text, _, links = row.split("\t")
    assert text == "re d cathouse"
    characters = [set(range(4)), set(range(5, 8)), set(range(8, 13))]
    pieces = load_vocab(vocab[0]).encode(text, out_type="immutable_proto").pieces
    own = {number: set(range(piece.begin, piece.end)) for number, piece in enumerate(pieces) if text[piece.begin : piece.end].strip()}
    words = words_of_pieces(target.text, vocab[1])
    expected = {(i, j) for i, place in own.items() for j, word in enumerate(words) if place & characters[word]}
    assert {link for link in parse_links(links) if link[0] in own} == expected
    assert {i for i, _ in parse_links(links)} == set(range(len(pieces)))


def test_probabilities_are_kept_and_noise_comes_on_top(aligned_tsv, vocab):
    random.seed(1)
    lines = list(read_lines(aligned_tsv)) * 10
    before = [line.rpartition("\t")[0] for line in lines]
    upper = list(augment({"UpperCase": 0.07}, vocab)(lines))
    assert 0.05 < sum(old != new for old, new in zip(before, upper, strict=True)) / len(lines) < 0.09
    noisy = list(augment({"Noise": 0.05}, vocab)(lines))
    extra = Counter(noisy) - Counter(before)
    assert 0.03 < len(extra) / len(lines) < 0.07
    assert all(len(set(line.split("\t")[:2])) == 1 for line in extra)


def test_a_line_never_loses_its_last_link(vocab):
    line = "red .\trosso .\t1-1\t1-1"
    assert list(augment({"RemoveEndPunct": 1.0}, vocab)([line])) == ["red .\trosso .\t1-1"]


def test_a_teacher_reads_no_links_where_modifiers_need_them(aligned_tsv, monkeypatch):
    monkeypatch.setattr(modifiers, "random_words", lambda: ["zig", "zag"])
    random.seed(1)
    rows = [line.split("\t") for line in read_lines(aligned_tsv)]
    lines = ["\t".join((source, target, tokens)) for source, target, _, tokens in rows]
    noisy = list(Augment(1.0, languages=LANGUAGES, modifiers={"InlineNoise": 0.5}, aligned=True)(lines))
    changed = 0
    for (source, target, *_), line in zip(rows, noisy, strict=True):
        new_source, new_target = line.split("\t")
        if (new_source, new_target) != (source, target):
            changed += 1
            assert new_source.replace("zig zag ", "").replace(" zig zag", "") == source
            # Every toy word is linked with the one at the same place.
            assert new_source.split().index("zig") == new_target.split().index("zig")
    assert 0.4 < changed / len(lines) < 0.6


def test_a_teacher_has_no_links(pairs):
    random.seed(1)
    rows = list(augment({name: 0.5 for name in EVERYTHING if name != "InlineNoise"})(["\t".join(pair) for pair in pairs]))
    assert len(rows) > len(pairs)
    assert all(row.count("\t") == 1 for row in rows)
    assert sum(row.isupper() for row in rows) > 100


@pytest.mark.parametrize(("fields", "probabilities"), [(2, {"Typos": 0.5}), (2, {"InlineNoise": 0.5}), (3, EVERYTHING)], ids=str)
def test_opustrainer_streams_the_same_lines_with_any_number_of_workers(aligned_tsv, vocab, tmp_path, pairs, fields, probabilities):
    aligned = "InlineNoise" in probabilities
    unlinked = ("sun moon", "luna sole")
    corpus = aligned_tsv if fields == 3 else tmp_path / "plain.tsv"
    modifier = modifier_options(probabilities, LANGUAGES, aligned, vocab if fields == 3 else None)
    if fields == 2:
        sides = [tmp_path / f"plain.{name}" for name in ("en", "it", "aln")]
        links = ["", *(words_aligned(source) for source, _ in pairs)]
        for path, lines in zip(sides, (*zip(unlinked, *pairs, strict=True), links), strict=True):
            write_lines(path, lines)
        write_tsv(corpus, sides if aligned else sides[:2])
    schedule = {"stages": ["train"], "train": ["original 1.0", "until original 1"]}
    streams = []
    for workers in (0, 2):
        work = tmp_path / f"work{workers}"
        work.mkdir()
        words = feeder_command(schedule, {"original": corpus}, modifier, 1, work)
        run = subprocess.run([*words, "--workers", str(workers), "cat"], capture_output=True)
        assert run.returncode == 0, run.stderr.decode()
        streams.append(run.stdout.decode().split("\n")[:-1])
    assert streams[0] == streams[1]
    assert len(streams[0]) > len(pairs)
    if fields == 2:
        assert any(line.endswith(f"\t{unlinked[1]}") for line in streams[0])
    assert {len(line.split("\t")) for line in streams[0]} == {fields}


def test_the_curricula_have_modifiers_that_work():
    for path in sorted(data_file("train/curricula").glob("*.yml")):
        given = read_yaml(path)["modifiers"]
        assert usable_modifiers(given, LANGUAGES, aligned=True) == given
