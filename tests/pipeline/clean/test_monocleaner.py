"""With a scorer that gives each line the score that stands at its beginning."""

import json

import pytest

from pipeline.clean import model_download
from pipeline.clean.monocleaner import main
from pipeline.common.lines import read_lines, write_lines
from pipeline.common.script import RetryableError, StepError

DOWNLOADER = """
from pathlib import Path
(Path(sys.argv[3]) / "pack").mkdir()
(Path(sys.argv[3]) / "pack" / "metadata.yaml").write_text(f"language: {sys.argv[2]}")
"""
SCORER = "for line in sys.stdin:\n    print(line.split()[0])\n"
LINES = ["0.900 one", "0.699 two\u2028and a half", "0.700 three\tfour", "0.100 five", "1.000  six"]


@pytest.fixture
def clean(tmp_path, command, monkeypatch):
    """Keeps the LINES with 0.7 or more."""
    command("monocleaner-download", DOWNLOADER)
    command("monocleaner", SCORER)
    command("wget", "")
    monkeypatch.setattr(model_download, "WAIT", 0)
    write_lines(tmp_path / "corpus.it.zst", LINES)

    def run(language: str = "it") -> list[str]:
        words = f"--corpus corpus.it.zst --language {language} --threshold 0.7 --work-dir work --output out/kept.it.zst --threads 2"
        main([*words.split(), "--statistics", "statistics.json"])
        return list(read_lines(tmp_path / "out" / "kept.it.zst"))

    return run


def test_lines_with_the_threshold_or_more_are_kept_as_they_were(clean, tmp_path):
    assert clean() == [LINES[0], LINES[2], LINES[4]]
    assert json.loads((tmp_path / "statistics.json").read_text()) == {
        "lines": {"in": 5, "out": 3},
        "threshold": 0.7,
        "scores": {"0.0": 0, "0.1": 1, "0.2": 0, "0.3": 0, "0.4": 0, "0.5": 0, "0.6": 1, "0.7": 1, "0.8": 0, "0.9": 2},
        "model": "it",
    }
    assert list((tmp_path / "work").iterdir()) == []
    told = (tmp_path / "monocleaner.log").read_text()
    assert told == "--score_only --disable_hardrules --disable_lang_ident --quiet work/monocleaner/model-it\n"


def test_a_scorer_that_leaves_a_line_out(clean, command, tmp_path):
    command("monocleaner", "for line in list(sys.stdin)[1:]: print(0.9)")
    with pytest.raises(StepError, match="monocleaner gave 4 scores for 5 lines"):
        clean()
    assert not (tmp_path / "out").exists() or list((tmp_path / "out").iterdir()) == []


def test_a_language_without_a_model(clean, command):
    command("monocleaner-download", "sys.exit('language pack does not exist')")
    with pytest.raises(StepError, match=r"Monocleaner has no model of it \(tried: it\); set its thresholds to 0"):
        clean()


@pytest.mark.parametrize("answers", ["", f"{DOWNLOADER}sys.stderr.write('tar: Error is not recoverable: exiting now')"])
def test_a_download_that_fails_may_be_tried_again(clean, command, tmp_path, answers):
    command("monocleaner-download", answers)
    with pytest.raises(RetryableError, match="it: monocleaner-download brought no whole model; gave up after 4 attempts"):
        clean()
    assert len((tmp_path / "monocleaner-download.log").read_text().splitlines()) == 4
    command("monocleaner-download", DOWNLOADER)
    assert len(clean()) == 3
