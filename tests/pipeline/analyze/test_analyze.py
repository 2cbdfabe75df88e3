import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.analyze import analyze
from pipeline.common.lines import write_lines
from pipeline.common.script import StepError
from tests.pipeline.toy_language import toy_sentences

ITALIAN = "Questo pacchetto contiene la documentazione della libreria per la grafica."
ENGLISH = "This package contains the documentation of the graphics library."


def describe(folder: Path, threads: int = 1, **sides: list[str]) -> dict[str, Any]:
    """The analysis of lines that are given by their language."""
    for language, lines in sides.items():
        write_lines(folder / f"set.{language}.zst", lines)
    files = [str(folder / f"set.{language}.zst") for language in sides]
    output = folder / f"{threads}" / "analysis.json"
    words = ["--corpus", *files, "--languages", *sides, "--dataset", "opus_Set/v1", "--output", str(output), "--threads", str(threads)]
    analyze.main([*words, "--statistics", str(folder / f"{threads}" / "statistics.json")])
    return json.loads(output.read_text())


def filled(histogram: list[dict[str, Any]]) -> dict[tuple[float, float | None], int]:
    """The bins with something in them."""
    assert [one["to"] for one in histogram] == [*(one["from"] for one in histogram[1:]), None]
    return {(one["from"], one["to"]): one["lines"] for one in histogram if one["lines"]}


def test_parallel(tmp_path: Path):
    en = [ENGLISH, ENGLISH, ENGLISH, " \u2003", "", "one\u2028two", "слово", "x" * 3000]
    it = [ITALIAN, ITALIAN, ENGLISH, "riga", "", "uno  due\r", "parola", "y " * 300]
    found = describe(tmp_path, en=en, it=it)
    assert found["dataset"] == "opus_Set/v1" and found["lines"] == found["sampled"] == 8
    src, trg = found["sides"]
    assert [src["language"], trg["language"]] == ["en", "it"]
    assert (src["empty"], src["words"], src["characters"]) == (2, 31, 3 * 64 + 2 + 7 + 5 + 3000)
    assert (trg["empty"], trg["words"], trg["characters"]) == (1, 333, 2 * 74 + 64 + 4 + 9 + 6 + 600)
    assert filled(src["lengths"]["histogram"]) == {(0, 1): 2, (1, 2): 2, (2, 3): 1, (8, 12): 3}
    assert filled(trg["lengths"]["histogram"]) == {(0, 1): 1, (1, 2): 2, (2, 3): 1, (8, 12): 3, (150, None): 1}
    assert src["lengths"]["unit"] == "words"
    cyrillic = {"script": "Cyrl", "letters": 5, "share": 0.0016}
    assert src["letters"] == {"number": 3 * 55 + 6 + 5 + 3000, "script": "Latn", "own-script": 0.9984, "other-scripts": [cyrillic]}
    assert src["ends"] == {"full-stop": 3, "question-mark": 0, "exclamation-mark": 0, "other-punctuation": 0, "none": 3}
    assert src["contents"] == {"digits": 0, "addresses": 0, "markup": 0, "broken-characters": 0, "no-letters": 0}
    assert (src["duplicates"], trg["duplicates"], found["pairs"]["duplicates"]) == (2, 1, 1)
    assert (found["pairs"]["identical"], found["pairs"]["different-digits"]) == (1, 0)
    # 74 / 64 twice, 64 / 64, 4 / 2, 9 / 7, 6 / 5, 600 / 3000
    assert filled(found["pairs"]["ratios"]) == {(0.1, 0.25): 1, (0.9, 1.1): 1, (1.1, 1.25): 3, (1.25, 1.5): 1, (2, 2.5): 1}
    assert found["samples"] == [[src[:500], trg[:500]] for src, trg in zip(en, it, strict=True)]
    assert json.loads((tmp_path / "1" / "statistics.json").read_text()) == {
        "dataset": "opus_Set/v1",
        "languages": ["en", "it"],
        "lines": 8,
        "sampled": 8,
    }


def test_monolingual(tmp_path: Path):
    found = describe(tmp_path, it=[ITALIAN, ITALIAN.upper(), ENGLISH, "12 + 3", ""])
    [side] = found["sides"]
    assert "pairs" not in found and not (tmp_path / "1" / "ratios.svg").exists()
    assert side["contents"]["no-letters"] == 1 and side["contents"]["digits"] == 1
    assert side["duplicates"] == 0 and found["samples"][:2] == [[ITALIAN], [ITALIAN.upper()]]
    identified = side["identified"]
    assert identified == {
        "lines": 5,
        "expected": "it",
        "languages": [{"language": "it", "lines": 2, "share": 0.4}, {"language": "en", "lines": 1, "share": 0.2}],
        "others": 0,
        "unsure": 2,
    }


def test_characters_are_counted_where_words_are_not_separated(tmp_path: Path):
    zh = ["这个软件包包含该库的文档。", "这个 API", " "]
    found = describe(tmp_path, en=["This package contains the documentation.", "this API", "a"], zh=zh)
    side = found["sides"][1]
    assert side["words"] is None and side["empty"] == 1 and side["characters"] == 13 + 6 + 1
    assert side["lengths"]["unit"] == "characters"
    assert filled(side["lengths"]["histogram"]) == {(1, 2): 1, (5, 10): 1, (10, 15): 1}
    latin = {"script": "Latn", "letters": 3, "share": 0.1765}
    assert side["letters"] == {"number": 17, "script": "Hans", "own-script": 0.8235, "other-scripts": [latin]}
    assert filled(found["pairs"]["ratios"]) == {(0.9, 1.1): 1, (2, 2.5): 1, (2.5, 4): 1}  # 39 / 40, 18 / 8, 3 / 1


def test_a_large_dataset_is_sampled_uniformly_and_all_of_it_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(analyze, "SAMPLED", 400)
    lines = [f"{number} {ITALIAN if number % 2 else ENGLISH}" for number in range(5000)]
    found = describe(tmp_path, it=lines)
    assert found["lines"] == 5000 and found["sides"][0]["empty"] == 0 and found["sampled"] == 400
    italian, english = found["sides"][0]["identified"]["languages"]
    assert italian["lines"] + english["lines"] == 400 and 150 < english["lines"] < 250
    shown = [int(line.split()[0]) for [line] in found["samples"]]
    assert len(shown) == analyze.SHOWN and shown == sorted(set(shown)) and shown[-1] > 2500
    assert all([lines[number]] in found["samples"] for number in shown)
    statistics = json.loads((tmp_path / "1" / "statistics.json").read_text())
    assert statistics == {"dataset": "opus_Set/v1", "languages": ["it"], "lines": 5000, "sampled": 400}


def test_only_the_most_frequent_languages_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(analyze, "MOST_FREQUENT", 1)
    found = describe(tmp_path, it=[ENGLISH, ITALIAN, ITALIAN])
    identified = found["sides"][0]["identified"]
    assert identified["languages"] == [{"language": "it", "lines": 2, "share": 0.6667}]
    assert (identified["others"], identified["unsure"]) == (1, 0)


def test_the_same_for_any_number_of_threads(tmp_path: Path):
    en, it = (list(side) for side in zip(*toy_sentences(5000), strict=True))
    one, two = (describe(tmp_path, threads, en=en, it=it) for threads in (1, 2))
    assert one["lines"] == 5000 and one["pairs"]["duplicates"] == 5000 - len(set(zip(en, it, strict=True)))
    assert [side["duplicates"] for side in one["sides"]] == [5000 - len(set(en)), 5000 - len(set(it))]
    files = [{file.name: file.read_bytes() for file in (tmp_path / threads).iterdir()} for threads in ("1", "2")]
    assert files[0] == files[1] and one == two
    assert set(files[0]) == {"analysis.json", "lengths.svg", "languages.svg", "overview.svg", "ratios.svg", "statistics.json"}


def test_a_dataset_without_lines(tmp_path: Path):
    found = describe(tmp_path, en=[], it=[])
    assert found["lines"] == 0 and found["samples"] == []
    assert found["sides"][0]["letters"]["own-script"] is None
    assert len(found["sides"][0]["contents"]) == len(found["sides"][0]["ends"]) == 5
    assert found["pairs"]["identical"] == 0
    assert "nothing to count" in (tmp_path / "1" / "lengths.svg").read_text()


def test_unequal_sides(tmp_path: Path):
    with pytest.raises(StepError, match=r"set\.it\.zst: ends after 1 lines"):
        describe(tmp_path, en=["one", "two"], it=["uno"])
    assert not (tmp_path / "1").exists()


@pytest.mark.parametrize("languages", [["en"], ["en", "it", "de"]])
def test_a_language_for_each_file(tmp_path: Path, languages: list[str]):
    files = [str(tmp_path / f"set.{number}") for number in range(3 if len(languages) == 3 else 2)]
    expected = rf"--corpus names {len(files)} files and --languages {len(languages)} languages: one of each is expected"
    with pytest.raises(StepError, match=expected):
        analyze.main(["--corpus", *files, "--languages", *languages, "--dataset", "d", "--output", str(tmp_path / "analysis.json")])
