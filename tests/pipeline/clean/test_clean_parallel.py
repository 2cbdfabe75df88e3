import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.clean import cleaning
from pipeline.clean.clean_parallel import main
from pipeline.clean.parts import Parts
from pipeline.common.dropped import SAMPLES
from pipeline.common.lines import read_lines, write_lines
from pipeline.common.script import StepError

GOOD = [
    (f"The package number {number} contains the documentation.", f"Il pacchetto numero {number} contiene la documentazione.")
    for number in range(5000)
]
ODD = [
    ("", ""),
    ("same", "Same"),
    ("a\u2028b and\x00 c\r", "a\u2028b e\x00 c\r"),
    ("x" * 1_000_000, "y" * 1_000_000),
    ("cafe\u0301 of the\u00a0corner", "caffe\u0300 dell'angolo"),
    ("a line that was said before", "una riga detta prima"),
    ("a  line that was said\u3000before", "una riga  detta prima"),
    ("This is said in English on both sides of the corpus.", "This was said in English on both of the sides, really."),
]


def clean(folder: Path, pairs: list[tuple[str, str]], threads: int = 1) -> tuple[list[Path], dict]:
    corpus = [folder / "in.en.zst", folder / "in.it.zst"]
    outputs = [folder / f"out{threads}.en.zst", folder / f"out{threads}.it.zst"]
    for path, lines in zip(corpus, zip(*pairs, strict=True), strict=True):
        write_lines(path, lines)
    words = ["--corpus", *map(str, corpus), "--src", "en", "--trg", "it", "--output", *map(str, outputs), "--threads", str(threads)]
    main([*words, "--statistics", str(folder / f"{threads}.json")])
    return outputs, json.loads((folder / f"{threads}.json").read_text())


def test_adversarial_lines(tmp_path: Path):
    outputs, statistics = clean(tmp_path, ODD)
    assert list(zip(*map(read_lines, outputs), strict=True)) == [
        ("a b and c", "a b e c"),
        ("café of the corner", "caffè dell'angolo"),
        ("a line that was said before", "una riga detta prima"),
    ]
    assert statistics["lines"] == {"in": 8, "out": 3}
    assert statistics["dropped"] == {"empty": 1, "identical": 1, "too-long": 1, "duplicate": 1, "language": 1}
    assert statistics["samples"]["duplicate"] == [["a line that was said before", "una riga detta prima"]]
    assert len(statistics["samples"]["too-long"][0][0]) < 1000


def test_the_same_for_any_number_of_threads(tmp_path: Path):
    short = [(src[:3000], trg[:3000]) for src, trg in ODD]
    pairs = [pair for number, good in enumerate(GOOD) for pair in (good, short[number % len(short)])]
    one, statistics = clean(tmp_path, pairs, threads=1)
    two, _ = clean(tmp_path, pairs, threads=2)
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]
    assert (tmp_path / "1.json").read_bytes() == (tmp_path / "2.json").read_bytes()
    lines = statistics["lines"]
    assert lines["in"] == len(pairs) == lines["out"] + sum(statistics["dropped"].values())
    assert set(GOOD) <= set(zip(*map(read_lines, one), strict=True))
    assert statistics["samples"].keys() == statistics["dropped"].keys()
    assert all(0 < len(samples) <= SAMPLES for samples in statistics["samples"].values())


def test_unequal_sides(tmp_path: Path):
    write_lines(tmp_path / "c.en", ["one", "two"])
    write_lines(tmp_path / "c.it", ["uno"])
    corpus, output = [str(tmp_path / "c.en"), str(tmp_path / "c.it")], [str(tmp_path / "o.en"), str(tmp_path / "o.it")]
    with pytest.raises(StepError, match=r"c\.it: ends after 1 lines"):
        main(["--corpus", *corpus, "--src", "en", "--trg", "it", "--output", *output, "--threads", "1"])
    assert not list(tmp_path.glob("o.*"))


KILLED = """
import sys
from pipeline.clean import clean_parallel, cleaning
cleaning.BATCH, cleaning.PART = 100, 3
clean_parallel.main(sys.argv[1:])
"""


def test_a_killed_run_goes_on_and_gives_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cleaning, "BATCH", 100)
    monkeypatch.setattr(cleaning, "PART", 3)
    pairs = [pair for number, good in enumerate(GOOD * 3) for pair in (good, (good[0] + f" {number}", good[1] + f" {number}"))]
    whole, statistics = clean(tmp_path, pairs, threads=1)
    assert statistics["lines"]["in"] == len(pairs) == statistics["lines"]["out"] + sum(statistics["dropped"].values())

    outputs, work = [tmp_path / "killed.en.zst", tmp_path / "killed.it.zst"], tmp_path / "work"
    corpus = ["--corpus", str(tmp_path / "in.en.zst"), str(tmp_path / "in.it.zst"), "--src", "en", "--trg", "it"]
    words = [*corpus, "--output", *map(str, outputs), "--work-dir", str(work), "--statistics", str(tmp_path / "killed.json")]
    process = subprocess.Popen([sys.executable, "-c", KILLED, *words, "--threads", "2"])
    while not list(work.rglob("part.9.json")) and process.poll() is None:
        time.sleep(0.01)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert not any(path.exists() for path in outputs)

    before = {path: path.stat().st_mtime_ns for path in work.rglob("part.*.json")}
    seen: list[Path] = []
    join = Parts.join

    def join_and_look(self: Parts, number: int, outputs: list[Path]) -> None:
        seen.extend(path for path, changed in before.items() if path.stat().st_mtime_ns == changed)
        join(self, number, outputs)

    monkeypatch.setattr(Parts, "join", join_and_look)
    main([*words, "--threads", "1"])
    assert len(seen) == len(before) >= 10
    assert [path.read_bytes() for path in outputs] == [path.read_bytes() for path in whole]
    assert (tmp_path / "killed.json").read_bytes() == (tmp_path / "1.json").read_bytes()
    assert not list(work.iterdir())


@pytest.mark.parametrize(
    ("others", "left"),
    [(["--trg", "it", "--filters", '{"identical": false, "duplicate": false}'], 5), (["--trg", "el"], 0)],
)
def test_parts_made_with_other_filters_or_for_other_languages_do_not_count(
    others: list[str], left: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def fail(*_: object) -> None:
        raise StepError("stopped")

    monkeypatch.setattr(Parts, "join", fail)
    with pytest.raises(StepError, match="stopped"):
        clean(tmp_path, ODD)
    monkeypatch.undo()
    corpus = ["--corpus", str(tmp_path / "in.en.zst"), str(tmp_path / "in.it.zst"), "--src", "en"]
    outputs = [str(tmp_path / "out1.en.zst"), str(tmp_path / "out1.it.zst")]
    words = [*corpus, "--output", *outputs, "--threads", "1", "--statistics", str(tmp_path / "s.json")]
    main([*words, *others])
    assert json.loads((tmp_path / "s.json").read_text())["lines"] == {"in": 8, "out": left}
