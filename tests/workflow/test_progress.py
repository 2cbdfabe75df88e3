import pytest

from workflow import progress
from workflow.progress import Ticker, last_lines


@pytest.fixture
def log(tmp_path):
    return tmp_path / "log"


def test_redrawn_bar_counts_as_lines_and_colours_are_dropped(log):
    log.write_bytes(b"+ cmd\n10%\r\x1b[32m20%\x1b[0m\r\n\n")
    assert last_lines(log, 0) == ["+ cmd", "10%", "20%"]


def test_what_earlier_attempts_wrote_is_left_out(log):
    log.write_bytes(b"old\nnew\n")
    assert last_lines(log, 4) == ["new"]


def test_large_log_cut_in_the_middle_of_a_character(log):
    log.write_bytes("ä".encode() * 20_000 + b"\nend\n")
    assert last_lines(log, 0)[-1] == "end"


def test_ticker_says_each_new_line_once_and_no_shell_trace(log, monkeypatch, capsys):
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0)
    ticker = Ticker("train-x", log, 0)
    for content in (b"+ python3 -m x\n", b"+ python3 -m x\nUp. 100\n", b"Up. 100\n", b"Up. 100\nUp. 200\n"):
        log.write_bytes(content)
        ticker.tick()
    assert capsys.readouterr().out == "[train-x] Up. 100\n[train-x] Up. 200\n"
