import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from pipeline.analyze import charts
from pipeline.analyze.charts import language_rows, percent_label, write_charts
from pipeline.analyze.counts import LENGTHS, RATIOS, Histogram

ROOT = Path(__file__).resolve().parents[3]
TEXT = "{http://www.w3.org/2000/svg}text"
DATASET = "url_https://example.org/<corpus>&$x$_漢字.[LANG].zst"


def histogram(starts: tuple[float, ...], values: list[float]) -> list[dict[str, float | None]]:
    counted = Histogram(starts)
    counted.add(values)
    return counted.describe()


def side(language: str, unit: str, lengths: list[float]) -> dict[str, Any]:
    lines = len(lengths)
    found = [{"language": code, "lines": number} for code, number in [("fr", 5), (language, 2), *((f"x{rank}", 1) for rank in range(8))]]
    return {
        "language": language,
        "empty": lines // 2,
        "duplicates": lines,
        "lengths": {"unit": unit, "histogram": histogram(LENGTHS[unit], lengths)},
        "letters": {"number": 100 * lines, "other-scripts": [{"script": "Cyrl", "letters": 7 * lines, "share": 0.07}] if lines else []},
        "contents": {"digits": lines, "addresses": 0, "markup": 0, "broken-characters": 0, "no-letters": 0},
        "ends": {"full-stop": lines // 2, "question-mark": 0, "exclamation-mark": 0, "other-punctuation": 0, "none": lines - lines // 2},
        "identified": {"lines": 20 if lines else 0, "expected": language, "languages": found if lines else [], "others": 3, "unsure": 2},
    }


def analysis_of(lines: int, *languages: str) -> dict[str, Any]:
    sides = [side(language, "characters" if language == "zh" else "words", [9.0] * lines) for language in languages]
    pairs = {"duplicates": lines // 4, "identical": 0, "different-digits": lines // 2, "ratios": histogram(RATIOS, [1.0] * lines)}
    return {"dataset": DATASET, "lines": lines, "sides": sides, **({"pairs": pairs} if len(sides) == 2 else {})}


def drawn(folder: Path, analysis: dict[str, Any]) -> dict[str, list[str]]:
    """The texts of each chart."""
    write_charts(folder, analysis, folder / "scratch")
    return {file.name: [str(text.text) for text in ElementTree.parse(file).iter(TEXT)] for file in sorted(folder.glob("*.svg"))}


def test_parallel(tmp_path: Path, recwarn: pytest.WarningsRecorder):
    texts = drawn(tmp_path, analysis_of(1000, "en", "zh"))
    assert list(texts) == ["languages.svg", "lengths.svg", "overview.svg", "ratios.svg"]
    titles = {"languages.svg": "Languages", "lengths.svg": "Line lengths", "overview.svg": "Contents", "ratios.svg": "Length ratios"}
    for name, title in titles.items():
        assert title in texts[name] and f"{DATASET}, en-zh, 1,000 pairs" in texts[name]
    lengths = "\n".join(texts["lengths.svg"])
    assert "source: en" in lengths and "target: zh" in lengths
    assert "words per line (" in lengths and "characters per line (" in lengths and "lines (%)" in lengths
    assert {f"{start:g}" for start in LENGTHS["words"]} <= set(texts["lengths.svg"])
    assert "pairs (%)" in texts["ratios.svg"] and "100" in texts["ratios.svg"] and "0.67" in texts["ratios.svg"]
    assert {"empty", "duplicates", "URL or mail address", "pairs: different digits", "7.0", "25"} <= set(texts["overview.svg"])
    assert {"fr", "en", "zh", "other languages", "unsure"} <= set(texts["languages.svg"])
    assert not recwarn.list


def test_monolingual(tmp_path: Path):
    texts = drawn(tmp_path, analysis_of(1, "ar"))
    assert list(texts) == ["languages.svg", "lengths.svg", "overview.svg"]
    assert f"{DATASET}, ar, 1 line" in texts["lengths.svg"]
    assert not any("pair" in text for text in texts["overview.svg"])


@pytest.mark.parametrize("languages", [["it"], ["en", "it"]])
def test_nothing(tmp_path: Path, languages: list[str]):
    texts = drawn(tmp_path, analysis_of(0, *languages))
    shown = {name: all_texts.count("nothing to count") for name, all_texts in texts.items()}
    one_a_side = {"languages.svg": len(languages), "lengths.svg": len(languages), "overview.svg": 0}
    assert shown == one_a_side | ({"ratios.svg": 1} if len(languages) == 2 else {})


def test_bars_are_as_long_as_what_they_stand_for(tmp_path: Path):
    analysis = analysis_of(100, "en")
    analysis["sides"][0]["lengths"]["histogram"] = histogram(LENGTHS["words"], [1] * 60 + [200] * 30 + [0] * 10)
    with charts.drawing(tmp_path):
        [panel] = charts.draw_lengths(analysis).axes
        assert [round(bar.get_height()) for bar in panel.patches] == [10, 60, *[0] * 13, 30]
        overview = charts.draw_overview(analysis_of(100, "en", "it")).axes[0]
        assert [round(bar.get_width()) for bar in overview.patches][:6] == [50, 50, 100, 100, 50, 50]


def test_a_long_name_is_cut(tmp_path: Path):
    texts = drawn(tmp_path, analysis_of(10, "en") | {"dataset": "opus_" + "x" * 120})
    assert f"opus_{'x' * 82}…, en, 10 lines" in texts["lengths.svg"]


def test_the_expected_language_comes_first_and_the_rare_ones_together():
    rows = language_rows(side("it", "words", [1.0] * 20)["identified"])
    assert list(rows.items()) == [("it", 2), ("fr", 5), *((f"x{rank}", 1) for rank in range(4)), ("other languages", 4 + 3), ("unsure", 2)]


@pytest.mark.parametrize(
    ("part", "label"),
    [(0, "0"), (1, "<0.01"), (9, "<0.01"), (10, "0.01"), (994, "0.99"), (996, "1.0"), (9_940, "9.9"), (9_960, "10"), (100_000, "100")],
)
def test_labels_are_as_precise_as_it_is_worth(part: int, label: str):
    assert percent_label(part, 100_000) == label


def test_the_same_bytes_on_any_machine_and_nothing_written_elsewhere(tmp_path: Path):
    """Whatever the hash seed, the home, the display, the clock, and the settings that matplotlib finds."""
    analysis = tmp_path / "analysis.json"
    analysis.write_text(json.dumps(analysis_of(50, "en", "zh")))
    command = (
        "import json, sys; from pathlib import Path; from pipeline.analyze.charts import write_charts; out, *_ = map(Path, sys.argv[2:]);"
        "write_charts(out, json.loads(Path(sys.argv[1]).read_text()), out / 'scratch')"
    )
    charts = []
    for number, settings in enumerate(({}, {"MPLBACKEND": "TkAgg", "LANG": "de_DE.UTF-8", "SOURCE_DATE_EPOCH": "1", "TZ": "Asia/Tokyo"})):
        home, out = tmp_path / f"home-{number}", tmp_path / f"out-{number}"
        home.mkdir()
        if number:
            (home / "matplotlibrc").write_text("axes.facecolor: black\nfont.size: 20\nsvg.fonttype: path\n")
        before = sorted(home.rglob("*"))
        environment = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": str(number), **settings}
        arguments = [sys.executable, "-B", "-c", command, str(analysis), str(out)]
        subprocess.run(arguments, check=True, cwd=home, env=environment)
        assert sorted(home.rglob("*")) == before
        charts.append({file.name: file.read_bytes() for file in out.glob("*.svg")})
    assert len(charts[0]) == 4 and charts[0] == charts[1]
    for content in charts[0].values():
        assert (
            len(content) < 50_000 and b"dc:date" not in content and b"matplotlib" not in re.sub(rb"matplotlib\.axis", b"", content).lower()
        )


def test_matplotlib_is_loaded_to_draw_and_not_before():
    loaded = "*sorted({'matplotlib', 'numpy', 'fasttext'} & set(sys.modules))"
    command = f"import sys; import pipeline.analyze.analyze as analyze; analyze.parser(); print({loaded})"
    result = subprocess.run([sys.executable, "-c", command], check=True, cwd=ROOT, capture_output=True, text=True)
    assert result.stdout == "\n"
