import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.common.data_files import data_file
from pipeline.common.script import StepError, base_parser, check_files, granted_threads, positive_int

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = """
from pipeline.common.script import RetryableError, StepError, run
def main():
    raise {error}
run(main)
"""


@pytest.mark.parametrize(
    ("error", "code", "stderr"),
    [
        ("StepError('nothing here')", 1, "ERROR nothing here"),
        ("RetryableError('no answer')", 75, "ERROR no answer (may be tried again)"),
    ],
)
def test_an_expected_error_is_one_line_and_an_exit_code(error: str, code: int, stderr: str) -> None:
    run = subprocess.run([sys.executable, "-c", SCRIPT.format(error=error)], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == code
    assert run.stderr.strip().endswith(stderr)
    assert len(run.stderr.splitlines()) == 1


def test_an_unexpected_error_keeps_its_traceback() -> None:
    run = subprocess.run([sys.executable, "-c", SCRIPT.format(error="KeyError('x')")], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 1
    assert "Traceback" in run.stderr


def test_threads_are_those_that_are_granted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THREADS", "7")
    assert granted_threads() == 7
    monkeypatch.delenv("THREADS")
    assert granted_threads() >= 1


def test_missing_files_are_all_named(tmp_path: Path) -> None:
    present = tmp_path / "present"
    present.touch()
    with pytest.raises(StepError, match=r"missing input: .*/one, .*/two$"):
        check_files([present, tmp_path / "one", tmp_path / "two"])


def test_options_are_not_abbreviated() -> None:
    with pytest.raises(SystemExit):
        base_parser("A step.").parse_args(["--stat", "x"])


def test_a_number_must_be_positive() -> None:
    with pytest.raises(Exception, match="0 is not 1 or more"):
        positive_int("0")


def test_data_files_lie_below_the_pipeline() -> None:
    assert (data_file("train/architectures") / "tiny.yml").is_file()
