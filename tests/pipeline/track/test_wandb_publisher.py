"""The publisher with the real client of W&B, which writes what it would send to a file; that is read back."""

import json
import signal
import time

import pytest

from pipeline.track.training_log import Point
from pipeline.track.wandb_publisher import Published
from tests.pipeline.track.marian_logs import OPTIONS, training_line, validation_line
from tests.pipeline.track.wandb_file import read_run, runs_in

PUBLISHER = "pipeline.track.wandb_publisher"


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


@pytest.fixture
def publisher(start, folder):
    return lambda *words, **variables: start(PUBLISHER, "--log-dir", folder, *words, changed={"POLL_SECONDS": 0.05}, **variables)


def append(path, text):
    with path.open("a") as file:
        file.write(text)


def wait_until_published(folder, process, series, update):
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert process.poll() is None, process.stderr.read()
        file = folder / "published.json"
        if file.exists() and json.loads(file.read_text())["updates"].get(series) == update:
            return
        time.sleep(0.05)
    raise AssertionError(f"{series} of update {update} was not published")


def end(process, number=signal.SIGTERM):
    process.send_signal(number)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors


def test_metrics_are_published_while_a_training_goes_on(publisher, folder):
    process = publisher("--config", '{"experiment": {"name": "spring"}}')
    append(folder / "marian.log", OPTIONS + training_line(50, 8.0))
    wait_until_published(folder, process, "train", 50)
    append(folder / "marian.log", training_line(100, 6.5))
    append(folder / "valid.log", validation_line(100, "chrf", 31.4) + validation_line(100, "ce-mean-words", 4.5))
    wait_until_published(folder, process, "valid/ce-mean-words", 100)
    append(folder / "marian.log", training_line(150, 6.0))
    end(process)
    run = read_run(folder)
    assert (run.id, run.name, run.group, run.project) == ("spring-teacher-1", "teacher-1", "spring", "en-it")
    assert run.config["experiment"] == {"name": "spring"}
    assert run.config["marian"]["after"] == "750u"
    assert run.history[0] == {
        "train/update": 50,
        "train/cost": 8.0,
        "train/words_per_second": 3457.91,
        "train/learning_rate": 0.0005,
        "train/gradient_norm": 1.2437,
        "train/epoch": 1,
        "train/sentences": 3200,
    }
    assert [row["train/cost"] for row in run.history if "train/cost" in row] == [8.0, 6.5, 6.0]
    validations = [row for row in run.history if "valid/update" in row]
    assert validations == [{"valid/update": 100, "valid/chrf": 31.4}, {"valid/update": 100, "valid/ce-mean-words": 4.5}]
    assert run.axes == {"train/*": "train/update", "valid/*": "valid/update"}
    assert run.code == 0


def test_a_resumed_training_publishes_nothing_twice(publisher, folder):
    """Marian goes on from a checkpoint of some updates ago, in a new log."""
    append(folder / "marian.log", training_line(50) + training_line(100))
    append(folder / "valid.log", validation_line(100, "chrf", 31.4))
    process = publisher()
    wait_until_published(folder, process, "valid/chrf", 100)
    end(process, signal.SIGUSR1)
    (folder / "marian.log").unlink()
    append(folder / "marian.log", OPTIONS + training_line(100) + training_line(150))
    append(folder / "valid.log", validation_line(100, "chrf", 31.4) + validation_line(150, "chrf", 32.0))
    process = publisher()
    wait_until_published(folder, process, "valid/chrf", 150)
    end(process)
    first, second = runs_in(folder)
    assert [row.get("train/update") for row in first.history] == [50, 100, None]
    assert [(row.get("train/update"), row.get("valid/update")) for row in second.history] == [(150, None), (None, 150)]
    assert first.id == second.id
    assert (first.code, second.code) == (1, 0)


def test_a_log_that_is_made_anew_while_it_is_read(publisher, folder):
    append(folder / "marian.log", training_line(50) + training_line(100))
    process = publisher()
    wait_until_published(folder, process, "train", 100)
    (folder / "marian.log").unlink()
    append(folder / "marian.log", training_line(100) + training_line(150))
    wait_until_published(folder, process, "train", 150)
    end(process)
    assert [row["train/update"] for row in read_run(folder).history] == [50, 100, 150]


def test_another_run_in_the_same_folder_begins_anew(tmp_path):
    first = Published(tmp_path / "published.json", "a")
    assert list(first.new(iter([Point("train", 50, {})]))) == [Point("train", 50, {})]
    first.keep()
    assert Published(tmp_path / "published.json", "a").updates == {"train": 50}
    assert Published(tmp_path / "published.json", "b").updates == {}


def test_what_the_service_knows_of_a_run_is_not_published_again(tmp_path):
    """Where the folder is a new one, as on another machine."""
    published = Published(tmp_path / "published.json", "a")
    published.learn({"train/update": 100, "train/cost": 2.5, "valid/update": 80, "valid/chrf": 31.4, "_wandb": {"runtime": 5}, "other": 3})
    assert published.updates == {"train": 100, "valid/chrf": 80}
    points = [Point("train", 100, {}), Point("train", 150, {}), Point("valid/chrf", 80, {}), Point("valid/bleu", 80, {})]
    assert list(published.new(iter(points))) == [points[1], points[3]]
