import os

import pytest

from pipeline.track.training_log import FollowedFile, Point, TrainingLog
from tests.pipeline.track.marian_logs import OPTIONS, training_line, validation_line


@pytest.mark.parametrize(
    ("line", "values"),
    [
        (
            "Ep. 2 : Up. 350 : Sen. 52,408 : Cost 2.80000000 : Time 26.41s : 3457.91 words/s : gNorm 0.8804 : L.r. 1.0000e-03",
            {"epoch": 2, "sentences": 52408, "cost": 2.8, "words_per_second": 3457.91, "gradient_norm": 0.8804, "learning_rate": 0.001},
        ),
        (
            "Ep. 1 : Up. 350 : Sen. 8 : Cost 2.80387664 * 1,234 @ 567 after 12,345 : Time 26.41s : 3457.91 words/s",
            {"epoch": 1, "sentences": 8, "cost": 2.80387664, "words_per_second": 3457.91},
        ),
        (
            "Ep. 1 : Up. 350 : Sen. 8 : Cost inf : Time 26.41s : 3457.91 words/s : gNorm 0.1",
            {"epoch": 1, "sentences": 8, "cost": float("inf"), "words_per_second": 3457.91, "gradient_norm": 0.1},
        ),
    ],
)
def test_a_line_of_training(tmp_path, line, values):
    (tmp_path / "marian.log").write_text(f"[2026-01-31 12:00:00] {line}\n")
    assert list(TrainingLog(tmp_path).new_points()) == [Point("train", 350, values)]


def test_lines_of_validation_come_from_their_own_log(tmp_path):
    lines = validation_line(200, "chrf", 31.4) + validation_line(200, "ce-mean-words", 4.5)
    (tmp_path / "marian.log").write_text(lines)
    (tmp_path / "valid.log").write_text(lines)
    assert list(TrainingLog(tmp_path).new_points()) == [
        Point("valid/chrf", 200, {"chrf": 31.4}),
        Point("valid/ce-mean-words", 200, {"ce-mean-words": 4.5}),
    ]


def test_options_are_given_once_and_whole(tmp_path):
    log = TrainingLog(tmp_path)
    middle = len(OPTIONS) // 2
    (tmp_path / "marian.log").write_text(OPTIONS[:middle])
    assert list(log.new_points()) == []
    assert log.new_options() == {}
    with (tmp_path / "marian.log").open("a") as file:
        file.write(OPTIONS[middle:])
    assert list(log.new_points()) == []
    vocabs = ["vocab.en.spm", "vocab.it.spm"]
    assert log.new_options() == {
        "after": "750u", "bert-mask-symbol": "[MASK]", "build-info": "", "vocabs": vocabs, "workspace": 1000,
    }  # fmt: skip
    assert log.new_options() == {}


def test_options_that_are_no_yaml_are_left_out(tmp_path):
    (tmp_path / "marian.log").write_text("[config] a: [1\n[config] b: 2\n" + training_line(1))
    log = TrainingLog(tmp_path)
    assert len(list(log.new_points())) == 1
    assert log.new_options() == {}


@pytest.fixture
def followed(tmp_path):
    path = tmp_path / "log"
    return path, FollowedFile(path)


def append(path, text):
    with path.open("a") as file:
        file.write(text)


def test_a_line_counts_when_it_is_complete(followed):
    path, file = followed
    assert list(file.new_lines()) == []
    append(path, "one\ntw")
    assert list(file.new_lines()) == ["one"]
    append(path, "o\nthree\n")
    assert list(file.new_lines()) == ["two", "three"]
    assert list(file.new_lines()) == []


def test_a_file_that_was_made_anew_is_read_after_the_end_of_the_old_one(followed):
    """Even where the file system gives its inode to the new file, and that is longer already."""
    path, file = followed
    append(path, "one\n")
    assert list(file.new_lines()) == ["one"]
    append(path, "the last\nand a part")
    path.unlink()
    append(path, "new and longer than the old one was\n")
    assert list(file.new_lines()) == ["the last", "new and longer than the old one was"]


def test_a_file_that_is_gone_for_a_while(followed):
    path, file = followed
    append(path, "one\n")
    assert list(file.new_lines()) == ["one"]
    path.unlink()
    assert list(file.new_lines()) == []
    append(path, "two\n")
    assert list(file.new_lines()) == ["two"]


def test_a_file_that_was_made_empty(followed):
    path, file = followed
    append(path, "one\ntwo\n")
    assert len(list(file.new_lines())) == 2
    os.truncate(path, 0)
    append(path, "new\n")
    assert list(file.new_lines()) == ["new"]


def test_bytes_that_are_no_text_do_no_harm(followed):
    path, file = followed
    path.write_bytes(b"\xff\xfe\nafter\n")
    assert list(file.new_lines())[1] == "after"
