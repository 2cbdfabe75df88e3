"""Snapshots of a training: how they are made beside a Marian that writes, and trainings that go on from them."""

import errno
import hashlib
import json
import os
import shutil
from pathlib import Path

import pytest

from pipeline.continuation import model as continuation
from pipeline.train import snapshots
from pipeline.train.checkpoint import parts, read_progress, update_of
from pipeline.train.curve import read_validations
from pipeline.train.snapshots import MANIFEST, Snapshots
from pipeline.train.train import main
from tests.pipeline.toy_training import TRANSFORMER, curve_of, kill_training, run_training, training_words

NAMES = {
    "model.npz", "model.npz.progress.yml", "model.npz.optimizer.npz", "model.npz.best-chrf.npz", "valid.log", "opustrainer.yml.state",
}  # fmt: skip
SAVING = TRANSFORMER | {"save-freq": 20, "valid-freq": 20}


class Writer:
    """Writes what Marian and OpusTrainer write, a step at a time, at times of its own."""

    def __init__(self, folder: Path):
        self.folder = folder / "work"
        self.folder.mkdir()
        self.seconds = 1000
        best, log = self.folder / "model.npz.best-chrf.npz", self.folder / "valid.log"
        self.snapshots = Snapshots(folder / "checkpoint", self.folder / "model.npz", [log, best], self.folder / "opustrainer.yml.state")

    def write(self, name: str, text: str) -> None:
        """Replaces a file, as Marian does with everything but its progress."""
        self.seconds += 1
        fresh = self.folder / f"{name}$$"
        fresh.write_text(text)
        os.utime(fresh, (self.seconds, self.seconds))
        fresh.rename(self.folder / name)

    def save(self, update: int) -> None:
        for part in parts(Path("model.npz")):
            self.write(part.name, f"batches: {update}")

    def snapshot(self) -> dict[str, str]:
        """The content of each file of the snapshot, by its path in the folder."""
        folder = self.snapshots.folder
        if not folder.exists():
            return {}
        listed = json.loads((folder / MANIFEST).read_text())["files"]
        assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} == {*listed, MANIFEST}
        return {path: (folder / path).read_text() for path in listed}


@pytest.fixture
def writer(tmp_path: Path) -> Writer:
    return Writer(tmp_path)


def test_a_snapshot_is_taken_once_a_save_is_complete(writer):
    for part in parts(Path("model.npz")):
        assert not writer.snapshots.renew()
        assert writer.snapshot() == {}
        writer.write(part.name, "batches: 20")
    assert writer.snapshots.renew()
    assert writer.snapshot() == {f"20/{part}": "batches: 20" for part in parts(Path("model.npz"))}
    assert not writer.snapshots.renew()


def test_while_marian_saves_the_last_snapshot_stays(writer):
    writer.save(20)
    writer.snapshots.renew()
    before = writer.snapshot()
    for part in parts(Path("model.npz"))[:2]:
        writer.write(part.name, "batches: 40")
        assert not writer.snapshots.renew()
        assert writer.snapshot() == before
    writer.write("model.npz.optimizer.npz", "batches: 40")
    assert writer.snapshots.renew()
    assert set(writer.snapshot().values()) == {"batches: 40"}


def test_of_what_was_validated_only_that_is_copied(writer):
    writer.write("opustrainer.yml.state", "line 100")
    writer.save(20)
    writer.snapshots.renew()
    writer.write("opustrainer.yml.state", "line 200")
    assert not writer.snapshots.renew()
    writer.write("model.npz.best-chrf.npz", "best of 20")
    writer.write("valid.log", "20 : new best")
    assert writer.snapshots.renew()
    snapshot = writer.snapshot()
    assert snapshot["20/opustrainer.yml.state"] == "line 100"
    assert (snapshot["20-2/model.npz.best-chrf.npz"], snapshot["20-2/valid.log"]) == ("best of 20", "20 : new best")
    assert len(snapshot) == 6


def test_what_changes_under_the_copy_is_not_a_snapshot(writer, monkeypatch):
    """A save, or the best model of a validation whose line is not in the log that was copied before."""
    writer.save(20)
    writer.snapshots.renew()
    before = writer.snapshot()
    writer.save(40)
    copied = snapshots.copied
    changes = [lambda: writer.save(60), lambda: writer.write("model.npz.best-chrf.npz", "best of 60")]

    def copied_while_marian_writes(path, target):
        copy = copied(path, target)
        if changes and path.name == "model.npz.optimizer.npz":
            changes.pop(0)()
        return copy

    monkeypatch.setattr(snapshots, "copied", copied_while_marian_writes)
    assert not writer.snapshots.renew()
    assert not writer.snapshots.renew()
    listed = json.loads((writer.snapshots.folder / MANIFEST).read_text())["files"]
    assert {path: (writer.snapshots.folder / path).read_text() for path in listed} == before
    assert writer.snapshots.renew()
    assert sorted(writer.snapshot().values()) == ["batches: 60"] * 3 + ["best of 60"]


def test_on_a_full_disk_the_training_goes_on(writer, monkeypatch, caplog):
    """The watch removes what it has copied, and tries again at the next save, not before."""
    writer.save(20)
    writer.snapshots.renew()
    copied, full = snapshots.copied, [True]

    def copied_to_a_full_disk(path, target):
        if full and path.name == "model.npz.optimizer.npz":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return copied(path, target)

    monkeypatch.setattr(snapshots, "copied", copied_to_a_full_disk)
    polls = [lambda: writer.save(40), lambda: None, full.clear, lambda: writer.save(60)]

    class Ended:
        def wait(self, seconds: float) -> bool:
            polls.pop(0)()
            return not polls

    writer.snapshots.watch(Ended())
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert set(writer.snapshot().values()) == {"batches: 20"}
    assert writer.snapshots.renew()
    assert set(writer.snapshot().values()) == {"batches: 60"}


def test_at_the_end_the_numbers_are_gone(writer):
    writer.save(20)
    writer.write("valid.log", "20")
    writer.snapshots.renew()
    writer.save(35)
    writer.snapshots.finish()
    assert writer.snapshot() == {**dict.fromkeys((part.name for part in parts(Path("model.npz"))), "batches: 35"), "valid.log": "20"}
    assert json.loads((writer.snapshots.folder / MANIFEST).read_text())["update"] == 35


@pytest.mark.parametrize("damage", ["missing", "cut", "other", "no manifest", "no JSON", "no optimizer"])
def test_only_what_the_manifest_says_is_restored(writer, damage):
    writer.save(20)
    writer.snapshots.renew()
    manifest, optimizer = writer.snapshots.folder / MANIFEST, writer.snapshots.folder / "20/model.npz.optimizer.npz"
    writer.save(40)
    match damage:
        case "missing":
            optimizer.unlink()
        case "cut":
            optimizer.write_text("batches")
        case "other":
            optimizer.write_text("batches: 21")
        case "no manifest":
            manifest.unlink()
        case "no JSON":
            manifest.write_text("{")
        case "no optimizer":
            content = json.loads(manifest.read_text())
            del content["files"]["20/model.npz.optimizer.npz"]
            manifest.write_text(json.dumps(content))
    assert not writer.snapshots.restore()
    assert {(writer.folder / part).read_text() for part in parts(Path("model.npz"))} == {"batches: 40"}


def test_what_a_snapshot_lacks_is_not_there_afterwards(writer):
    writer.save(20)
    writer.snapshots.renew()
    writer.save(40)
    for name in ("model.npz.best-bleu-detok.npz", "model.npz.best-chrf.npz", "valid.log", "opustrainer.yml.state"):
        writer.write(name, "later")
    assert writer.snapshots.restore()
    assert {path.name: path.read_text() for path in writer.folder.iterdir()} == {
        part.name: "batches: 20" for part in parts(Path("model.npz"))
    }


# ---- real trainings


@pytest.fixture(scope="module")
def killed(tiny_corpus, vocab, tmp_path_factory) -> Path:
    """The folder of a training that was killed when it had taken a snapshot with a best model and the feed's place, and had saved again."""
    folder = tmp_path_factory.mktemp("killed")
    manifest = folder / "out/checkpoint" / MANIFEST
    progress = folder / "work/model.npz.progress.yml"

    def has_saved_again() -> bool:
        listed = {path.split("/")[-1]: path for path in json.loads(manifest.read_text())["files"]} if manifest.exists() else {}
        return set(listed) == NAMES and update_of(progress) > json.loads(manifest.read_text())["update"]

    words = training_words(folder, tiny_corpus, vocab, 50_000, SAVING, checkpoint_dir=folder / "out/checkpoint")
    kill_training(words, folder / "log", has_saved_again)
    return folder


@pytest.fixture
def again(killed, tiny_corpus, vocab, tmp_path):
    """A copy of that folder, and what runs the training again until some updates after its last snapshot; returns its log."""
    shutil.copytree(killed / "out", tmp_path / "out")
    shutil.copytree(killed / "work", tmp_path / "work", ignore=shutil.ignore_patterns("shuffled"))
    checkpoint_dir = tmp_path / "out/checkpoint"
    snapshot = json.loads((checkpoint_dir / MANIFEST).read_text())

    def run(updates: int = 30) -> str:
        words = training_words(tmp_path, tiny_corpus, vocab, snapshot["update"] + updates, SAVING, checkpoint_dir=checkpoint_dir)
        return run_training(words)

    return run


def cut_model(work: Path) -> None:
    model = work / "model.npz"
    model.write_bytes(model.read_bytes()[:5000])


def cut_progress(work: Path) -> None:
    progress = work / "model.npz.progress.yml"
    progress.write_text(progress.read_text()[:100])


def replace_model_only(work: Path) -> None:
    (work / "model.npz").touch()


DAMAGES = [cut_model, cut_progress, replace_model_only, shutil.rmtree, lambda work: (work / "model.npz.optimizer.npz").unlink()]


@pytest.mark.parametrize("damage", DAMAGES)
def test_without_a_whole_checkpoint_a_training_goes_on_from_the_snapshot(again, tmp_path, damage):
    checkpoint = tmp_path / "out/checkpoint"
    manifest = json.loads((checkpoint / MANIFEST).read_text())
    validated = {update for update, _, _ in read_validations(next(checkpoint.rglob("valid.log")))}
    damage(tmp_path / "work")
    log = again()
    assert f"going on from the snapshot of update {manifest['update']}" in log
    # Marian and OpusTrainer begin where the snapshot was taken.
    assert "Loading Adam parameters" in log
    assert "Up. 10 :" not in log
    curve = curve_of(tmp_path)
    assert validated < set(curve)
    assert max(curve) == manifest["update"] + 30
    best = json.loads((tmp_path / "out/statistics.json").read_text())["best"]
    assert best["value"] == max(curve.values())
    assert best["value"] == pytest.approx(read_progress(checkpoint / "model.npz.progress.yml")["validators"]["chrf"]["last-best"], rel=1e-5)
    assert {path.name for path in checkpoint.iterdir()} == {*NAMES, MANIFEST}
    assert (checkpoint / "model.npz.best-chrf.npz").read_bytes() == (tmp_path / "out/model.npz").read_bytes()


def test_a_best_model_is_not_replaced_by_a_worse_one(again, tmp_path):
    """Marian's progress is of before the validation of its update, which found the best model; here one that nothing surpasses."""
    shutil.rmtree(tmp_path / "work")
    checkpoint = tmp_path / "out/checkpoint"
    log = next(checkpoint.rglob("valid.log"))
    update = json.loads((checkpoint / MANIFEST).read_text())["update"]
    log.write_text(log.read_text() + f"[valid] Ep. 1 : Up. {update} : chrf : 99.9 : new best\n")
    best = next(checkpoint.rglob("model.npz.best-chrf.npz"))
    best.write_bytes(best.read_bytes() + b"the best")
    rewrite_manifest(checkpoint)
    again()
    assert (tmp_path / "out/model.npz").read_bytes().endswith(b"the best")
    assert json.loads((tmp_path / "out/statistics.json").read_text())["best"]["value"] == 99.9


def rewrite_manifest(folder: Path) -> None:
    """Makes it list the files as they are now."""
    manifest = json.loads((folder / MANIFEST).read_text())
    for path, recorded in manifest["files"].items():
        content = (folder / path).read_bytes()
        recorded |= {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    (folder / MANIFEST).write_text(json.dumps(manifest))


def test_a_whole_checkpoint_comes_before_the_snapshot(again, tmp_path):
    for seconds, part in enumerate(parts(tmp_path / "work/model.npz")):
        os.utime(part, (1000 + seconds, 1000 + seconds))
    assert "going on from the checkpoint" in again(300)


def test_parts_of_two_saves_are_better_than_nothing(again, tmp_path):
    shutil.rmtree(tmp_path / "out/checkpoint/")
    (tmp_path / "out/checkpoint").mkdir()
    (tmp_path / "work/model.npz").touch()
    assert "which is of two saves" in again(300)


def test_a_training_that_had_ended_ends_again_from_what_it_left(train, tmp_path):
    """As where a worker is lost while it uploads the artifacts of a finished training."""
    words = train(40, checkpoint_dir=tmp_path / "out/checkpoint")
    main(words)
    before = {path: (tmp_path / "out" / path).read_bytes() for path in ("model.npz", "training-curve.json", "checkpoint/model.npz")}
    shutil.rmtree(tmp_path / "work")
    assert "going on from the snapshot of update 40" in run_training(words)
    assert {path: (tmp_path / "out" / path).read_bytes() for path in before} == before


def test_another_training_goes_on_from_what_one_has_published(train, tiny_corpus, vocab, tmp_path):
    """`mode: continue`: with its last checkpoint, not its best one."""
    main(train(40, checkpoint_dir=tmp_path / "out/checkpoint"))
    languages = ["--src", "en", "--trg", "it", "--vocab", *map(str, vocab)]
    folders = ["--work-dir", str(tmp_path / "download"), "--output-dir", str(tmp_path / "taken")]
    continuation.main(["--url", (tmp_path / "out").as_uri(), "--best-metric", "chrf", "--training-state", *languages, *folders])
    taken = tmp_path / "taken/model.npz"
    second = tmp_path / "second"
    second.mkdir()
    state = {"pretrained": taken, "pretrained_state": (f"{taken}.optimizer.npz", f"{taken}.progress.yml")}
    main(training_words(second, tiny_corpus, vocab, 60, checkpoint_dir=second / "out/checkpoint", **state))
    assert set(curve_of(second)) == {60}
    assert update_of(second / "out/checkpoint/model.npz.progress.yml") == 60


def test_killed_at_the_worst_moments_a_training_ends(train, tmp_path):
    """In the middle of a save, while a snapshot is copied, when one is there; every second time the work folder is lost as well."""
    work, checkpoint = tmp_path / "work", tmp_path / "out/checkpoint"
    model, progress, _ = parts(work / "model.npz")

    def saves() -> bool:
        return progress.exists() and model.stat().st_mtime_ns > progress.stat().st_mtime_ns

    moments = [
        lambda: model.exists(),
        lambda: any(checkpoint.rglob("*model.npz*")),
        saves,
        lambda: (checkpoint / MANIFEST).exists(),
        saves,
    ]
    for number, moment in enumerate(moments):
        kill_training(train(50_000, SAVING, checkpoint_dir=checkpoint), tmp_path / "log", moment)
        if number % 2 == 0:
            shutil.rmtree(work)
    update = json.loads((checkpoint / MANIFEST).read_text())["update"]
    log = run_training(train(update + 40, SAVING, checkpoint_dir=checkpoint))
    assert "going on from the snapshot of update" in log
    curve = curve_of(tmp_path)
    assert min(curve) == 20
    assert max(curve) == update + 40
    assert json.loads((tmp_path / "out/statistics.json").read_text())["best"]["value"] == max(curve.values())
    assert {path.name for path in checkpoint.iterdir()} == {*NAMES, MANIFEST}
