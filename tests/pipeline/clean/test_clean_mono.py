# ruff: noqa: RUF001
import json
from pathlib import Path

import pytest

from pipeline.clean.clean_mono import main
from pipeline.clean.sentences import SentenceSplitter
from pipeline.common.languages import parse_language
from pipeline.common.lines import read_lines, write_lines
from pipeline.common.script import StepError

GOOD = [f"Il pacchetto numero {number} contiene la documentazione." for number in range(3000)]
ODD = [
    "",
    "a\u2028b and\x00 c\r",
    "x" * 1_000_000,
    "caffe\u0300 dell'angolo",
    "una riga detta prima",
    "una  riga detta\u3000prima ",
    "This line is said in English, although the text should be Italian.",
    "negli anni tra il 1990 e il 2015",
    "no no no no no no",
]


def clean(folder: Path, lines: list[str], threads: int = 1) -> tuple[Path, dict]:
    write_lines(folder / "in.it.zst", lines)
    output, statistics = folder / f"out{threads}.it.zst", folder / f"{threads}.json"
    words = ["--corpus", str(folder / "in.it.zst"), "--language", "it", "--output", str(output), "--threads", str(threads)]
    main([*words, "--statistics", str(statistics)])
    return output, json.loads(statistics.read_text())


def test_adversarial_lines(tmp_path: Path):
    output, statistics = clean(tmp_path, ODD)
    assert list(read_lines(output)) == ["a b and c", "caffè dell'angolo", "una riga detta prima", "negli anni tra il 1990 e il 2015"]
    assert statistics["lines"] == {"in": 9, "split": 0, "out": 4}
    assert statistics["dropped"] == {"empty": 1, "too-long": 1, "repetition": 1, "duplicate": 1, "language": 1}
    assert statistics["samples"]["duplicate"] == [["una riga detta prima"]]
    names = [rule["name"] for rule in statistics["filters"]]
    assert "too-long" in names and not {"identical", "length-ratio", "numbers"} & set(names)


def test_the_same_for_any_number_of_threads(tmp_path: Path):
    short = [line[:3000] for line in ODD]
    lines = [line for number, good in enumerate(GOOD) for line in (good, short[number % len(short)])]
    one, statistics = clean(tmp_path, lines, threads=1)
    two, _ = clean(tmp_path, lines, threads=2)
    assert one.read_bytes() == two.read_bytes()
    assert (tmp_path / "1.json").read_bytes() == (tmp_path / "2.json").read_bytes()
    assert statistics["lines"]["in"] == len(lines) == statistics["lines"]["out"] + sum(statistics["dropped"].values())
    assert set(GOOD) <= set(read_lines(one))


def test_a_broken_corpus_leaves_no_output(tmp_path: Path):
    write_lines(tmp_path / "in.it.zst", GOOD)
    (tmp_path / "in.it.zst").write_bytes((tmp_path / "in.it.zst").read_bytes()[:-10])
    with pytest.raises(StepError, match=r"in\.it.zst: broken after line"):
        main(["--corpus", str(tmp_path / "in.it.zst"), "--language", "it", "--output", str(tmp_path / "out.it"), "--threads", "1"])
    assert not list(tmp_path.glob("out*"))


def test_bytes_that_are_not_utf8(tmp_path: Path):
    (tmp_path / "in.it").write_bytes(b"va bene\nnon va \xff\n")
    words = ["--corpus", str(tmp_path / "in.it"), "--language", "it", "--output", str(tmp_path / "out.it"), "--threads", "1"]
    main([*words, "--statistics", str(tmp_path / "s.json")])
    assert list(read_lines(tmp_path / "out.it")) == ["va bene"]
    assert json.loads((tmp_path / "s.json").read_text())["dropped"] == {"mojibake": 1}


@pytest.mark.parametrize(
    ("tag", "sentences"),
    [
        ("de", ["Die Firma wurde am 3. Oktober 1990 gegründet und hat ca. 1200 Mitarbeiter.", "Umsatz: 15 Mio. Euro, z.B. im 2. Quartal."]),
        ("en", ["The hearing was held on Jan. 5 by Sen. Warren and Lt. Col. J. Smith.", "It was long.", "The U.S. Senate agreed."]),
        ("hr", ["Dr. Horvat radi u Zagrebu.", "Horvat je liječnik."]),
        ("zh", ["今天天气很好!", "我们去公园吧?", "好的!"]),
        ("ja", ["これは文です。", "これも文です！"]),
        ("ur", ["یہ ایک جملہ ہے۔", "یہ دوسرا جملہ ہے۔"]),
        ("km", ["នេះជាប្រយោគ។", "នេះជាប្រយោគទីពីរ។"]),
    ],
)
def test_where_sentences_end(tag: str, sentences: list[str]):
    blank = "" if tag in ("ja", "zh") else " "
    lines = SentenceSplitter(parse_language(tag), min_characters=5).lines([blank.join(sentences).encode()])
    assert [line.decode() for line in lines] == sentences


def test_paragraphs_become_sentences(tmp_path: Path):
    paragraph = (
        "Rossi abita a Roma da molti anni, e lavora in un ufficio. Il dott. J. Bianchi invece no! \U0001f600 Davvero? Sì, proprio così."
    )
    lines = [paragraph, paragraph * 3, "Una riga breve. Con due frasi."]
    (tmp_path / "in.it").write_text("\n".join(lines) + "\n")
    words = ["--corpus", str(tmp_path / "in.it"), "--language", "it", "--output", str(tmp_path / "out.it"), "--threads", "1"]
    main([*words, "--filters", '{"sentences": {"min_characters": 60}, "duplicate": false}', "--statistics", str(tmp_path / "s.json")])
    statistics = json.loads((tmp_path / "s.json").read_text())
    out = list(read_lines(tmp_path / "out.it"))
    assert "".join(out).replace(" ", "") == "".join(lines).replace(" ", "")
    assert out[-1] == lines[-1] and out[1] == "Il dott. J. Bianchi invece no!"
    assert statistics["lines"]["in"] + statistics["lines"]["split"] == statistics["lines"]["out"] == len(out) > 12


def test_a_missing_corpus(tmp_path: Path):
    with pytest.raises(StepError, match=r"missing input: .*in\.it"):
        main(["--corpus", str(tmp_path / "in.it"), "--language", "it", "--output", str(tmp_path / "out.it")])
