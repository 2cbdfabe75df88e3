# ruff: noqa: RUF001
"""Every step on the text that breaks programs: each line that went in came out, or was counted as dropped, and the sides stay paired.

The corpus is drawn by a seeded generator. Each pair has a tag of its own as the first word of both sides, and after it characters that some
program takes for the end of a line, or for nothing at all. What a step says in its statistics is held against the files, which are split
at "\\n" here, without the pipeline's own readers.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

import pytest
import zstandard

from pipeline.clean.bicleaner_model import ModelDescription, pack
from pipeline.merge.held_out import comparable
from tests.pipeline.clean.conftest import command  # noqa: F401, a fixture
from tests.pipeline.toy_language import DICTIONARY

Row = tuple[bytes, ...]
Statistics = dict[str, Any]

ROWS = 2600  # more than one batch of every step that works in batches, but for continuation's
TAG = re.compile(rb"K\d{6}")
JUNK = [
    *("\u2028", "\u2029", "\x85", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x1f", "\x1a", "\x7f", "\x80"),
    *("\r", " \r ", "\r\r", "\ufeff", "\u200b", "\u200c", "\u200d", "\u2060", "\xad", "\u202e", "\u2066", "\u200f", "\u061c"),
    *("\u0301", "e\u0301\u0323\u0308", "\u0e33\u0e4d", "a" + "\u0300" * 40, "\u1112\u1161\u11ab", "\u11a8", "שלום עולם", "مرحبا\u060c"),
    *("👩‍👩‍👧‍👦", "🏳️‍🌈", "\U0001d49c\U0001f468", "\U000e0001", "\U0010ffff", "\ufffd", "\ufffe", "Ã©", "Ã ", "â€™", "ï¿½", "perchÃ©"),
    *("&amp;", "&lt;b&gt;", "&#39;", "&#x2028;", "&#13;", "&#10;", "&NewLine;", "&nbsp;", "&#0;", "&#xD800;", "&amp;amp;"),
    *("＆ａｍｐ；", "Ｆｕｌｌ\u3000ｗｉｄｔｈ！"),
    *("«»", "„“”", "‚‘’‛", "''", "``", '""', "「」", "\t", "\t\t", "\xa0", "\u3000", "  ", " ||| ", "\\n", "{}", "%s", "İ", "ß", "ﬁ"),
    *("x" * 20_000, "ж" * 10_000, "abcdefghi" * 10),
]
BROKEN = [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf0\x9f\x98", b"\xc0\x80", b"\xf5\x80\x80\x80", b"caf\xe9", b"\x00", b"a\x00b"]
BLANK = ["", "", " ", "\t", "\xa0", "\u2028", "\u3000 ", "\ufeff", "\u200b"]
OPUSCLEANER = [
    {"filter": "remove_empty_lines", "parameters": {}, "language": None},
    {"filter": "deescape_tsv", "parameters": {}, "language": None},
    {"filter": "deescape-special-chars", "parameters": {"LANG1": "en"}, "language": "it"},
    {"filter": "normalize_whitespace", "parameters": {"COLLAPSE": False}, "language": "it"},
    {"filter": "sed", "parameters": {"PATTERN": "\\s+", "REPLACEMENT": " "}, "language": "it"},
    {"filter": "max_length", "parameters": {"MAXLENGTH": 40, "MINLENGTH": 1}, "language": None},
]
SENTENCES_OF_A_LINE = 3


def tagged_pairs(number: int, seed: int, junk: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of toy sentences in which junk stands; one in forty has a side, or both, without anything, and then no tag."""
    generator = Random(seed)
    pairs = []
    for place in range(number):
        words = generator.choices(list(DICTIONARY), k=generator.randint(2, 8))
        sides = [sentence(generator, place, text, junk) for text in (words, [DICTIONARY[word] for word in words])]
        if place % 40 == 7:
            sides[generator.randrange(2)] = generator.choice(BLANK)
        elif place % 40 == 8:
            sides = [generator.choice(BLANK), generator.choice(BLANK)]
        pairs.append((sides[0], sides[1]))
    long = " ".join(["città e perché"] * 62_000)
    pairs[number // 2] = (f"K{number // 2:06} {long}", f"K{number // 2:06} {long}")
    return pairs


def sentence(generator: Random, number: int, words: Sequence[str], junk: Sequence[str]) -> str:
    """After the tag the words, and in every other sentence junk between, inside or after them."""
    text = " ".join(words)
    if generator.random() < 0.5:
        for piece in generator.choices(junk, k=generator.randint(1, 3)):
            place = generator.choice([0, generator.randint(0, len(text)), len(text)])
            text = text[:place] + piece + text[place:]
    return f"K{number:06} {text}"


PAIRS = tagged_pairs(ROWS, 1, JUNK)
CORPUS: list[Row] = [(source.encode(), target.encode()) for source, target in PAIRS]


def raw_corpus() -> list[Row]:
    """The corpus as it may come from elsewhere: with bytes that are no UTF-8, NUL, Windows' line ends, a byte order mark."""
    generator = Random(2)
    rows = []
    for place, row in enumerate(CORPUS):
        sides = list(row)
        if place % 7 == 3 and all(TAG.search(side) for side in sides):
            side = generator.randrange(2)
            sides[side] += b" " + generator.choice(BROKEN) + b" end"
        rows.append(tuple(side + b"\r" * (place % 5 == 1) for side in sides))
    return [tuple(b"\xef\xbb\xbf" + side for side in rows[0]), *rows[1:]]


RAW = raw_corpus()


def read(path: Path) -> list[bytes]:
    with path.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True) as reader:
        content = reader.read()
    assert content.endswith(b"\n") or not content
    return content.split(b"\n")[:-1]


def write(path: Path, lines: Iterable[bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(zstandard.compress(b"".join(line + b"\n" for line in lines)))


def write_pairs(name: str, rows: Sequence[Row]) -> None:
    """in/NAME.en.zst and in/NAME.it.zst."""
    for side, language in enumerate(("en", "it")):
        write(Path("in") / f"{name}.{language}.zst", [row[side] for row in rows])


def rows_of(*names: str) -> list[Row]:
    return list(zip(*(read(Path("out") / f"{name}.zst") for name in names), strict=True))


def pairs_out() -> list[Row]:
    return rows_of("o.en", "o.it")


def run(script: str, arguments: str, *more: str) -> Statistics:
    """Runs a script on in/ with its output in out/; returns its statistics."""
    words = arguments.replace("HERE", str(Path.cwd())).split()
    import_module(f"pipeline.{script}").main([*words, *more, "--statistics", "out/statistics.json"])
    statistics: Statistics = json.loads(Path("out/statistics.json").read_text(encoding="utf-8"))
    return statistics


def tag(line: bytes) -> bytes:
    found = TAG.search(line)
    return found[0] if found else b""


def check_paired(rows: Iterable[Row], once: bool = True) -> None:
    """The tags of both sides are the same, where neither is blank; none stands twice."""
    tags = [tuple(map(tag, row)) for row in rows]
    assert not [pair for pair in tags if all(pair) and len(set(pair)) > 1]
    assert not once or max(Counter(pair for pair in tags if any(pair)).values()) == 1


def check_in_order(part: Iterable[object], whole: Iterable[object]) -> None:
    """All of `part` stands in `whole`, in this order."""
    rest = iter(whole)
    assert all(any(item == other for other in rest) for item in part)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("THREADS", "1")
    return tmp_path


def contents() -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(Path("out").rglob("*")) if path.is_file()}


def run_with_threads(script: str, arguments: str, *more: str) -> Statistics:
    """As run, with one thread and with two, which write the same bytes."""
    statistics = run(script, f"{arguments} --threads 1", *more)
    first = contents()
    run(script, f"{arguments} --threads 2", *more)
    assert first == contents()
    return statistics


# --- download ---

LANGUAGES = "--src en --trg it"
OUTPUT = "--output out/o.en.zst out/o.it.zst --work-dir work"
DOWNLOADED = f"{LANGUAGES} {OUTPUT} --dataset url_"
ADDRESS = "file://HERE/in/raw.[LANG].zst"


def mended(line: bytes) -> bytes:
    return line.rstrip(b"\r").replace(b"\0", b"").decode("utf-8", "replace").encode()


def is_utf8(line: bytes) -> bool:
    return line.decode("utf-8", "ignore").encode() == line


MENDED = [tuple(mended(side).removeprefix(b"\xef\xbb\xbf" if place == 0 else b"") for side in row) for place, row in enumerate(RAW)]


def test_download() -> None:
    write_pairs("raw", RAW)
    statistics = run("data.download", DOWNLOADED + ADDRESS)
    assert pairs_out() == MENDED
    check_paired(pairs_out())
    assert statistics["lines"] == {"available": ROWS, "written": ROWS}
    sides = [side for row in RAW for side in row]
    assert statistics["repaired"] == {
        "carriage-return": sum(side.endswith(b"\r") for side in sides),
        "nul": sum(b"\0" in side for side in sides),
        "not-utf-8": sum(not is_utf8(side) for side in sides),
    }


def test_download_of_a_sample() -> None:
    write_pairs("raw", RAW)
    statistics = run("data.download", f"{DOWNLOADED}{ADDRESS} --max-sentences 999")
    assert statistics["lines"] == {"available": ROWS, "written": 999}
    assert len(pairs_out()) == 999
    check_in_order(pairs_out(), MENDED)


@pytest.mark.parametrize("kind", ["noise", "inline-noise", "upper", "title", "punct", "short", "mix"])
@pytest.mark.parametrize("size", [None, 700])
def test_download_of_an_augmented_copy(kind: str, size: int | None) -> None:
    write_pairs("raw", RAW)
    statistics = run("data.download", f"{DOWNLOADED}aug-{kind}_{ADDRESS}" + (f" --max-sentences {size}" if size else ""))
    rows, added = pairs_out(), statistics["augmentation"]["pairs-added"]
    assert statistics["lines"] == {"available": ROWS, "written": (size or ROWS) + added} == {"available": ROWS, "written": len(rows)}
    assert (added > 0) == (kind in ("noise", "mix"))
    if kind == "noise":
        assert added == (size or ROWS)
        assert all(row[0] == row[1] for row in rows[::2])
        check_in_order(rows[1::2], MENDED)
    # Typing errors are in the tags too, and only of the source.
    check_in_order([tag(row[1]) for row in rows if tag(row[1])], [tag(row[1]) for row in MENDED])
    if kind != "mix":
        check_paired(rows)


# --- clean ---


@dataclass(frozen=True)
class Cleaning:
    """`filters` is the content of a filter file; `gone` are names of the filters by which lines must have been dropped.

    With `blank` a line may be left with nothing to see on it: what nobody sees is taken out after the filters, or not at all.
    """

    name: str
    filters: dict[str, Any] | None
    gone: tuple[str, ...]
    blank: bool = False


NOTHING_REWRITTEN = dict.fromkeys(("encoding", "entities", "characters", "quotes", "punctuation"), False)
USUAL = ("empty", "too-long", "mojibake", "long-word")
CLEANING_ROWS = [
    Cleaning("default", None, USUAL),
    Cleaning("filter-file", {"mojibake": False, "language": False, "too-long": {"max_words": 5}, "empty": True}, ("empty", "too-long")),
    Cleaning("nothing-rewritten", NOTHING_REWRITTEN, USUAL, blank=True),
    Cleaning("characters-kept", {"characters": False, "entities": False}, USUAL, blank=True),
    Cleaning("entities-only", {"characters": False}, USUAL, blank=True),
    Cleaning("opuscleaner", {"version": 1, "files": [], "filters": OPUSCLEANER}, ("remove_empty_lines", "max_length"), blank=True),
]
CLEANINGS = [pytest.param(each, id=each.name) for each in CLEANING_ROWS]


def arguments_of(cleaning: Cleaning) -> list[str]:
    return [] if cleaning.filters is None else ["--filters", json.dumps(cleaning.filters)]


def check_counts(statistics: Statistics, lines_in: int, lines_out: int, gone: Sequence[str]) -> None:
    lines, dropped = statistics["lines"], statistics["dropped"]
    assert (lines["in"], lines["out"]) == (lines_in, lines_out)
    assert lines["in"] + lines.get("split", 0) == lines["out"] + sum(dropped.values())
    assert set(gone) <= set(dropped)
    assert all(0 < len(statistics["samples"][reason]) <= number for reason, number in dropped.items())


@pytest.mark.parametrize("cleaning", CLEANINGS)
def test_clean_parallel(cleaning: Cleaning) -> None:
    repeated = [row for row in RAW if tag(row[0])][:50]
    write_pairs("raw", [*RAW, *repeated])
    arguments = f"--corpus in/raw.en.zst in/raw.it.zst {LANGUAGES} {OUTPUT}"
    statistics = run_with_threads("clean.clean_parallel", arguments, *arguments_of(cleaning))
    rows = pairs_out()
    check_counts(statistics, ROWS + 50, len(rows), (*cleaning.gone, "duplicate"))
    check_paired(rows)
    check_in_order([tag(row[0]) for row in rows], [tag(row[0]) for row in RAW])
    assert len(rows) > ROWS // 4
    assert cleaning.blank or all(tag(side) for row in rows for side in row)


@pytest.mark.parametrize("cleaning", CLEANINGS)
def test_clean_mono(cleaning: Cleaning) -> None:
    write_pairs("raw", RAW)
    arguments = "--corpus in/raw.it.zst --language it --output out/o.zst --work-dir work"
    statistics = run_with_threads("clean.clean_mono", arguments, *arguments_of(cleaning))
    lines = read(Path("out/o.zst"))
    check_counts(statistics, ROWS, len(lines), cleaning.gone)
    check_in_order([tag(line) for line in lines], [tag(row[1]) for row in RAW])


@pytest.mark.parametrize("others", [{}, {"characters": False, "entities": False}], ids=["default", "characters-kept"])
def test_clean_mono_splits_sentences(others: dict[str, Any]) -> None:
    """A line in two has three sentences, each with the line's tag and a number."""
    lines = []
    for number, (_, target) in enumerate(RAW):
        sentences = [target, *(b"K%06d.%d parla ancora" % (number, place) for place in range(1, SENTENCES_OF_A_LINE))]
        lines.append(b"! ".join(sentences) if number % 2 and tag(target) else target)
    write(Path("in/mono.it.zst"), lines)
    filters = json.dumps({"sentences": {"min_characters": 0}, "language": False, **others})
    statistics = run_with_threads(
        "clean.clean_mono", "--corpus in/mono.it.zst --language it --output out/o.zst --work-dir work", "--filters", filters
    )
    out = read(Path("out/o.zst"))
    check_counts(statistics, ROWS, len(out), ("empty",))
    assert statistics["lines"]["split"] > ROWS // 2
    tags = [tag(line) for line in out if tag(line)]
    assert tags == sorted(tags)
    # Behind a whole line with what no filter drops each sentence is there, once.
    followers = Counter(line for line in out if re.fullmatch(rb"K\d{6}\.\d parla ancora!?", line))
    assert set(followers.values()) == {1}
    assert len(followers) == (SENTENCES_OF_A_LINE - 1) * sum(number % 2 and tag(row[1]) != b"" for number, row in enumerate(RAW))


# Scores by the tag, so that they are right only where they are asked of the right row.
# They read text, as the commands do themselves.
SCORER = r"""
import re
for line in sys.stdin:
    found = re.search(r"K(\d{6})", line)
    print(int(found[1]) % 1000 / 1000 if found else 0.0)
"""
DOWNLOADER = """
from pathlib import Path
(Path(sys.argv[3]) / "pack").mkdir()
(Path(sys.argv[3]) / "pack" / "metadata.yaml").write_text("language: it")
"""


def passes(line: bytes) -> bool:
    return bool(tag(line)) and int(tag(line)[1:]) % 1000 >= 500


def check_scored(statistics: Statistics, lines_out: int) -> None:
    assert statistics["lines"] == {"in": ROWS, "out": lines_out}
    assert sum(statistics["scores"].values()) == ROWS
    assert sum(number for tenth, number in statistics["scores"].items() if tenth >= "0.5") == lines_out


def test_bicleaner_ai(command: Callable[[str, str], None], folder: Path) -> None:  # noqa: F811
    command("bicleaner-ai-classify", SCORER)
    (folder / "packed" / "model").mkdir(parents=True)
    (folder / "packed" / "model" / "metadata.yaml").touch()
    pack(folder / "packed", ModelDescription("en-it", "en", "it", False), folder / "model.tar.zst")
    write_pairs("raw", CORPUS)
    arguments = f"--corpus in/raw.en.zst in/raw.it.zst {LANGUAGES} {OUTPUT} --model model.tar.zst --threshold 0.5"
    statistics = run_with_threads("clean.bicleaner_ai", f"{arguments} --output-scores out/o.scores.zst")
    expected = [row for row in CORPUS if passes(row[0] + row[1])]
    assert pairs_out() == expected
    check_scored(statistics, len(expected))
    scores = [float(score) for (score,) in rows_of("o.scores")]
    assert scores == [int(tag(source + target)[1:]) % 1000 / 1000 for source, target in expected]


def test_monocleaner(command: Callable[[str, str], None]) -> None:  # noqa: F811
    for name, what in (("monocleaner", SCORER), ("monocleaner-download", DOWNLOADER), ("wget", "")):
        command(name, what)
    write_pairs("raw", CORPUS)
    arguments = "--corpus in/raw.it.zst --language it --threshold 0.5 --work-dir work --output out/o.zst"
    statistics = run_with_threads("clean.monocleaner", arguments)
    assert read(Path("out/o.zst")) == [target for _, target in CORPUS if passes(target)]
    check_scored(statistics, sum(passes(target) for _, target in CORPUS))


# --- merge ---

FIRST, SECOND = CORPUS[:1500], CORPUS[1000:]
SECOND_SCORES = [place % 101 / 100 for place in range(len(SECOND))]
HELD_OUT = [(source.upper(), b"...") for source, _ in CORPUS[100:200]] + [(b"", b" ! " + target) for _, target in CORPUS[1400:1450]]
MERGING = "--corpora in/corpora --held-out in/held-out --work-dir work"
CAP = 800


@cache
def comparable_form(line: bytes) -> str:
    return comparable(line.decode())


def merge_rows(side: int | None) -> tuple[dict[str, list[Row]], set[Row], Callable[[Row], bool]]:
    """The datasets, the rows that stay of them, and which row has a held-out line; of one side, or of both."""
    sides = slice(None) if side is None else slice(side, side + 1)
    datasets = {"a": [row[sides] for row in FIRST], "b": [row[sides] for row in SECOND]}
    held = [{comparable_form(line) for line in lines} for lines in list(zip(*HELD_OUT, strict=True))[sides]]

    def leaks(row: Row) -> bool:
        return any(comparable_form(line) in lines for line, lines in zip(row, held, strict=True))

    best: dict[bytes, tuple[float, Row]] = {}
    scores = {"a": [1.0] * len(FIRST), "b": SECOND_SCORES}
    for name, rows in datasets.items():
        for row, score in zip(rows, scores[name], strict=True):
            if not leaks(row) and (row[-1] not in best or score > best[row[-1]][0]):
                best[row[-1]] = score, row
    return datasets, {row for _, row in best.values()}, leaks


def write_merged() -> None:
    for name, rows in (("corpora/a", FIRST), ("corpora/b", SECOND), ("held-out/c", HELD_OUT)):
        write_pairs(name, rows)
    write(Path("in/corpora/b.scores.zst"), [b"%.2f" % score for score in SECOND_SCORES])


@pytest.mark.parametrize("cap", [None, CAP])
@pytest.mark.parametrize(
    ("script", "side", "arguments"),
    [
        ("merge.merge_parallel", None, f"{LANGUAGES} --output out/o.en.zst out/o.it.zst"),
        ("merge.merge_devset", None, f"{LANGUAGES} --output out/o.en.zst out/o.it.zst"),
        ("merge.merge_mono", 1, "--language it --output out/o.it.zst"),
    ],
)
def test_merge(script: str, side: int | None, arguments: str, cap: int | None) -> None:
    write_merged()
    statistics = run_with_threads(script, f"{MERGING} {arguments}" + (f" --max-sentences {cap}" if cap else ""))
    rows = rows_of("o.it") if side == 1 else pairs_out()
    datasets, expected, leaks = merge_rows(side)
    for name, counts in statistics["datasets"].items():
        assert counts["lines"] == len(datasets[name]) == counts["leaked"] + counts["duplicates"] + counts["kept"]
        assert counts["leaked"] == sum(map(leaks, datasets[name])) > 0
    total = statistics["total"]
    assert total["lines"] == total["leaked"] + total["duplicates"] + total["over-the-cap"] + total["written"]
    assert (total["kept"], total["written"]) == (len(expected), len(rows)) == (len(expected), cap or len(expected))
    assert len(set(rows)) == len(rows) and set(rows) <= expected
    check_paired(rows)


# --- translate, distillation ---


@pytest.mark.parametrize("chunks", [1, 7])
def test_chunk_and_dechunk(chunks: int) -> None:
    write_pairs("raw", CORPUS)
    arguments = f"--corpus in/raw.en.zst in/raw.it.zst --languages en it --chunks {chunks} --output-dir out"
    statistics = run("translate.chunk", arguments)
    names = [f"chunk.{number}" for number in range(1, chunks + 1)]
    dealt = [rows_of(f"{name}.en", f"{name}.it") for name in names]
    assert (statistics["lines"], statistics["chunks"]) == (ROWS, list(map(len, dealt)))
    assert [row for rows in dealt for row in rows] == CORPUS

    sources, targets = (" ".join(f"out/{name}.{language}.zst" for name in names) for language in ("en", "it"))
    whole = "--output out/o.it.zst --output-corpus out/o.en.zst"
    statistics = run("translate.dechunk", f"--corpus in/raw.en.zst --chunks {targets} --source-chunks {sources} {whole}")
    assert pairs_out() == CORPUS
    assert (statistics["lines"], statistics["chunks"]) == (ROWS, list(map(len, dealt)))
    empty = sum(bool(source.decode().strip()) and not target.decode().strip() for source, target in CORPUS)
    assert statistics["empty-translations"] == empty > 0


def test_distillation_merge() -> None:
    write_pairs("parallel", FIRST)
    write_pairs("mono", SECOND)
    files = "--parallel in/parallel.en.zst in/parallel.it.zst --mono in/mono.en.zst in/mono.it.zst"
    statistics = run("distillation.merge", f"{files} {OUTPUT}")
    rows = pairs_out()
    kept = {"parallel": len(set(FIRST)), "mono": len(set(SECOND) - set(FIRST))}
    for name, inputs in (("parallel", FIRST), ("mono", SECOND)):
        assert statistics["corpora"][name] == {"lines": len(inputs), "duplicates": len(inputs) - kept[name], "kept": kept[name]}
    assert statistics["total"] == {"lines": 3100, "duplicates": 3100 - len(rows), "kept": len(rows)}
    assert len(rows) == len(set(rows)) and set(rows) == set(CORPUS)
    check_paired(rows)


def test_extract_best() -> None:
    """One to three candidates; the second is the reference, cut where that is very long."""
    references = [target for _, target in CORPUS]
    listed, candidates = [], []
    for number, target in enumerate(references):
        texts = [tag(target) + b" altro", target[:2000].decode("utf-8", "ignore").encode(), tag(target) + b" ||| \xe2\x80\xa8"]
        candidates.append(texts[: 1 + number % 3])
        listed += [b"%d ||| %s ||| F0= -1 ||| -1" % (number, text) for text in candidates[-1]]
    write(Path("in/n.nbest.zst"), listed)
    write(Path("in/it.zst"), references)
    statistics = run_with_threads("distillation.extract_best", "--n-best in/n.nbest.zst --reference in/it.zst --output out/o.zst")
    best = read(Path("out/o.zst"))
    assert (statistics["lines"], statistics["candidates"]) == (len(best), len(listed)) == (ROWS, len(listed))
    assert all(text in texts for text, texts in zip(best, candidates, strict=True))
    assert list(map(tag, best)) == list(map(tag, references))
    assert statistics["not-the-first"] == sum(text != texts[0] for text, texts in zip(best, candidates, strict=True)) > ROWS // 2


def test_distillation_filter() -> None:
    write_pairs("raw", CORPUS)
    scores = [-Random(number).random() for number in range(ROWS)]
    write(Path("in/scores.zst"), [str(score).encode() for score in scores])
    arguments = "--corpus in/raw.en.zst in/raw.it.zst --scores in/scores.zst --remove 0.25 --output out/o.en.zst out/o.it.zst"
    statistics = run("distillation.filter", arguments)
    threshold = sorted(scores)[ROWS // 4]
    assert statistics == {"lines": ROWS, "removed": ROWS // 4, "kept": ROWS - ROWS // 4, "threshold": threshold}
    assert pairs_out() == [row for row, score in zip(CORPUS, scores, strict=True) if score >= threshold]


# --- continuation, analyze ---

URLS = "--src-url file://HERE/in/raw.en.zst --trg-url file://HERE/in/raw.it.zst"
ALIGNED = (
    "--alignments-url file://HERE/in/aln.zst --tok-src-url file://HERE/in/tok.en.zst --tok-trg-url file://HERE/in/tok.it.zst "
    "--output-alignments out/o.aln.zst"
)


def test_continuation() -> None:
    write_pairs("raw", CORPUS)
    statistics = run_with_threads("continuation.corpus", f"{URLS} {LANGUAGES} {OUTPUT}")
    assert pairs_out() == CORPUS
    assert statistics["lines"] == ROWS


def test_continuation_with_alignments() -> None:
    """The first words, which are the tags, are linked; one row in twenty is given the tokens of the next."""
    write_pairs("raw", CORPUS)
    tokens = [tuple(" ".join(side.decode().split()).encode() for side in row) for row in CORPUS]
    misfits = [place for place in range(0, ROWS - 1, 20) if all(map(tag, CORPUS[place])) and all(map(tag, CORPUS[place + 1]))]
    write_pairs("tok", [tokens[place + 1] if place in misfits else row for place, row in enumerate(tokens)])
    links = [b"0-0" if all(map(tag, row)) else b"" for row in CORPUS]
    write(Path("in/aln.zst"), links)
    statistics = run_with_threads("continuation.corpus", f"{URLS} {ALIGNED} {LANGUAGES} {OUTPUT}")
    assert pairs_out() == CORPUS
    alignments = [line for (line,) in rows_of("o.aln")]
    assert [line != b"" for line in alignments] == [link != b"" and place not in misfits for place, link in enumerate(links)]
    unlinked = alignments.count(b"")
    assert statistics["links"] == sum(line.count(b"-") for line in alignments)
    assert {name: statistics[name] for name in ("lines", "lines-without-links", "lines-with-other-tokens")} == {
        "lines": ROWS,
        "lines-without-links": unlinked,
        "lines-with-other-tokens": len(misfits),
    }


def test_analyze() -> None:
    rows = [*CORPUS, *CORPUS[:60]]
    write_pairs("raw", rows)
    arguments = "--corpus in/raw.en.zst in/raw.it.zst --languages en it --dataset toy --output out/analysis.json"
    statistics = run_with_threads("analyze.analyze", arguments)
    found = json.loads(Path("out/analysis.json").read_text(encoding="utf-8"))
    assert found["lines"] == statistics["lines"] == len(rows)
    for side, described in enumerate(found["sides"]):
        lines = [row[side] for row in rows]
        empty = sum(not line.decode().strip() for line in lines)
        assert (described["empty"], described["duplicates"]) == (empty, len(lines) - len(set(lines)))
        assert described["characters"] == sum(len(line.decode()) for line in lines)
        assert described["words"] == sum(len(line.decode().split()) for line in lines)
        assert sum(each["lines"] for each in described["lengths"]["histogram"]) == len(lines)
        assert sum(described["ends"].values()) == len(lines) - empty
    assert found["pairs"]["duplicates"] == len(rows) - len(set(rows))
    assert sum(each["lines"] for each in found["pairs"]["ratios"]) == sum(all(row) for row in rows)
