import random
from collections import Counter
from collections.abc import Sequence

import pytest

from pipeline.analyze import counts as counts_module
from pipeline.analyze.counts import BatchCounts, Counts, Side, count_blocks, count_pairs, pair_hashes
from pipeline.common.languages import parse_language
from pipeline.common.letters import LETTERS, count, foreign_letters
from pipeline.common.line_hashes import hash_lines
from pipeline.common.script import StepError

# What lines are made of below: letters of several scripts and planes, digits, and everything that separates something somewhere.
CHARACTERS = "aàЖжअ漢か한𠀀٣7½_.?!;»)'\"-+ \t\r\u2028\u0085\u00a0\u3000\u200b\u0301\ufffd\x00"


def lines_of_anything(number: int) -> list[str]:
    generator = random.Random(7)
    return ["".join(generator.choices(CHARACTERS, k=generator.choice([0, 1, 2, 30]))) for _ in range(number)]


def side(lines: Sequence[str], tag: str = "en") -> Side:
    return Side([line.encode() for line in lines], parse_language(tag))


def having(lines: Sequence[str], content: str) -> list[str]:
    mask = side(lines).contents()[content]
    return [line for line, has in zip(lines, mask, strict=True) if has]


@pytest.mark.parametrize("tag", ["en", "zh", "hi"])
def test_columns_count_as_a_loop_over_lines_does(tag: str):
    lines = lines_of_anything(3000)
    language = parse_language(tag)
    counts = side(lines, tag).describe()
    words = [len(line.split()) for line in lines]
    assert counts.totals == {"lines": 3000, "empty": words.count(0), "words": sum(words), "characters": sum(map(len, lines))}
    own, others = counts.letters()
    assert others.total() == sum(count(foreign_letters(language), line) for line in lines)
    assert own + others.total() == sum(count(LETTERS, line) for line in lines)
    assert counts.contents["digits"] == sum(any(map(str.isdecimal, line)) for line in lines)
    assert counts.contents["no-letters"] == sum(1 for line in lines if line.strip() and not LETTERS.search(line))
    assert counts.contents["broken-characters"] == sum("\ufffd" in line or "\x00" in line for line in lines)
    ends = Counter(end(line) for line in lines if line.strip())
    assert counts.ends == {"full-stop": ends["."], "question-mark": ends["?"], "exclamation-mark": ends["!"]} | {
        "other-punctuation": ends[""] + sum(ends[mark] for mark in ";-_"),
        "none": sum(number for last, number in ends.items() if last not in tuple(".?!;-_")) - ends[""],
    }
    assert sum(row["lines"] for row in counts.lengths.describe()) == 3000


def end(line: str) -> str:
    while line and (line[-1].isspace() or line[-1] in "»)'\""):
        line = line[:-1]
    return line[-1:]


def test_what_is_counted_does_not_depend_on_where_batches_end():
    lines = lines_of_anything(500)
    whole, parts = side(lines).describe(), side(lines[:1]).describe()
    parts.merge(side(lines[1:]).describe())
    assert (parts.totals, parts.contents, parts.ends, parts.letters()) == (whole.totals, whole.contents, whole.ends, whole.letters())
    assert parts.lengths.describe() == whole.lengths.describe()


def test_no_lines():
    counts = side([]).describe()
    assert counts.totals.total() == counts.contents.total() == counts.ends.total() == 0
    assert count_pairs(side([]), side([], "it")).totals.total() == 0


def test_addresses():
    found = ["See https://example.org/.", "at www.example.org", "Mail joe.doe+x@example.org today", "μail@παράδειγμα.gr"]
    others = ["a :// b", "www. is short", "@someone said", "12 @ 3.50", "either/or"]
    assert having(found + others, "addresses") == found


def test_markup():
    found = ["<b>bold</b>", "a<br/>", "Tom &amp; Ann", "&#39;", "Hello {name}", "{0} of {1}", "%s files", "%(count)d", "page %1 of %2"]
    others = ["1 < 2 > 0", "Tom & Ann;", "100% sure", "{ }", "50 %", "5%2"]
    assert having(found + others[:-1], "markup") == found


def test_broken_characters():
    found = ["caffÃ¨", "it\u00e2€™s", "Â£5", "it\x92s", "\ufffd", "ï¿½", "nul\x00"]
    others = ["caffè", "Âge", "SÃO PAULO", "tab\there", "it’s 5 €"]  # noqa: RUF001
    assert having(found + others, "broken-characters") == found


@pytest.mark.parametrize(
    ("tag", "line", "expected"),
    [
        ("en", "He said “Go.” ", "full-stop"),
        ("en", "Wait…", "full-stop"),
        ("en", "(Why?)", "question-mark"),
        ("en", "No!'", "exclamation-mark"),
        ("en", "first, ", "other-punctuation"),
        ("en", ") \"'", "other-punctuation"),
        ("en", "title (2nd)", "none"),
        ("en", "1 + ", "none"),
        ("el", "Γιατί;", "question-mark"),
        ("ja", "「そうです。」", "full-stop"),
        ("hi", "यह है।", "full-stop"),
        ("ar", "لماذا؟", "question-mark"),
        ("th", "สวัสดีครับ", "none"),
    ],
)
def test_how_a_line_ends(tag: str, line: str, expected: str):
    ends = side([line, " "], tag).describe().ends
    assert {name: number for name, number in ends.items() if number} == {expected: 1}


@pytest.mark.parametrize(
    ("src", "trg", "different"),
    [
        ("In 1999", "Nel 1999", False),
        ("1,000.50", "1.000,50", False),
        ("3 cats, 12 dogs", "12 cani, 3 gatti", False),
        ("In 1999", "Nel 1998", True),
        ("11", "1", True),
        ("year 20", "", True),
        ("in 2024", "في ٢٠٢٤", False),
        ("none", "nessuno", False),
    ],
)
def test_digits_of_pairs(src: str, trg: str, different: bool):
    assert count_pairs(side([src]), side([trg], "it")).totals["different-digits"] == different


def test_identical_sides():
    src, trg = ["Linux", "STRASSE", "", " ", "one"], ["linux", "straße", "", " ", "uno"]
    assert count_pairs(side(src), side(trg, "de")).totals["identical"] == 2


def test_identical_sides_of_anything_are_those_with_the_same_case_folding():
    generator = random.Random(3)
    src, trg = ([line + generator.choice(["", "ß", "ẞ", "ŉ", "ſ"]) for line in lines_of_case(3000, seed)] for seed in (1, 2))  # noqa: RUF001
    expected = sum(one.casefold() == other.casefold() and bool(one.strip()) for one, other in zip(src, trg, strict=True))
    assert expected > 50
    assert count_pairs(side(src), side(trg)).totals["identical"] == expected


def lines_of_case(number: int, seed: int) -> list[str]:
    """Short lines, many of which differ only in case: of characters whose case folding is another one, or several."""
    generator = random.Random(seed)
    return ["".join(generator.choices("aAßẞsSſıIiİ ﬁfﬆ", k=generator.choice([0, 1, 1, 2]))) for _ in range(number)]  # noqa: RUF001


def test_pairs_are_told_apart_by_the_hashes_of_their_sides():
    pairs = [("a", "b"), ("b", "a"), ("a", "a"), ("b", "b"), ("a", "c"), ("ab", ""), ("", "ab"), ("a", "b")]
    hashes = pair_hashes(*(hash_lines(map(str.encode, lines)) for lines in zip(*pairs, strict=True)))
    assert len(set(hashes.tolist())) == 7 and hashes[0] == hashes[-1]


def test_duplicates_are_seen_across_batches():
    languages = [parse_language("en"), parse_language("it")]
    counts = Counts(languages)
    for block in (([b"a", b"a"], [b"x", b"y"]), ([b"a", b"b"], [b"x", b"x"])):
        counts.merge(BatchCounts(block, languages))
    assert counts.duplicates == [2, 2, 1]


@pytest.mark.parametrize("threads", [1, 2])
def test_a_line_that_is_not_utf8_is_named(monkeypatch: pytest.MonkeyPatch, threads: int):
    monkeypatch.setattr(counts_module, "BATCH", 3)
    lines = [b"line", b"caff\xc3\xa8"] * 4
    blocks = [(lines[:5], lines[:5]), (lines[5:], [b"uno", b"caff\xe8", b"tre"])]
    languages = [parse_language("en"), parse_language("it")]
    with pytest.raises(StepError, match=r"^line 7 of the corpus is not UTF-8 \(.*: b'\\xe8'\)$"):
        count_blocks(blocks, languages, threads)
