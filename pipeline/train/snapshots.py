"""Snapshots of a training: copies of its checkpoint, made while Marian trains, of which every one is whole.

A folder of snapshots has a manifest, {"update", "files": {path in the folder: {"sha256", "size"}}}, and the files it lists:

    checkpoint/manifest.json
    checkpoint/12000/model.npz  model.npz.progress.yml  model.npz.optimizer.npz  model.npz.best-chrf.npz  valid.log  opustrainer.yml.state

Files never change once they are there, the manifest is replaced when all it lists is there, and what it does not list is removed after
that. So it may be killed or copied at any moment: a snapshot is what the manifest says, with these sizes and hashes, or there is none.
A training that has ended leaves its last checkpoint without numbers: checkpoint/model.npz, ...
"""

import hashlib
import json
import logging
import os
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from pipeline.common.outputs import atomic_output, write_json
from pipeline.train import checkpoint

MANIFEST = "manifest.json"
POLL_SECONDS = 1.0
BLOCK = 1 << 22

# What tells two versions of a file apart: inode, size in bytes, and nanoseconds of its last change.
Version = tuple[int, int, int]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Copy:
    """A copy in the folder of snapshots, of that version of a file."""

    version: Version
    path: Path
    sha256: str
    size: int


class Snapshots:
    """The snapshots in `folder`, which has nothing else in it, of the training of `model`.

    With the parts of its checkpoint go `results`, which validations write: the best model so far and their log. `place`, the feed's place
    in the data, is taken when the parts are. All of them lie in the folder of the model.
    """

    def __init__(self, folder: Path, model: Path, results: Sequence[Path], place: Path):
        self.folder, self.model, self.results, self.place = folder, model, results, place
        self.parts = checkpoint.parts(model)
        self.copies: dict[Path, Copy] = {}
        self.seen: dict[Path, Version] = {}

    def restore(self) -> bool:
        """Puts the snapshot that there is in the place of the training's files; returns whether there was a whole one."""
        files = listed_files(self.folder)
        sources = {PurePosixPath(path).name: self.folder / path for path in files}
        if not {part.name for part in self.parts} <= set(sources):
            return False
        if broken := [path for path, recorded in files.items() if not agrees(self.folder / path, recorded)]:
            logger.warning("the snapshot in %s is incomplete: not as its manifest says: %s", self.folder, ", ".join(broken))
            return False
        checkpoint.remove(self.model)
        for target in (self.place, *self.results, *self.parts):
            target.unlink(missing_ok=True)
            if target.name in sources:
                with atomic_output(target) as partial:
                    shutil.copyfile(sources[target.name], partial)
        logger.info("going on from the snapshot of update %s in %s", checkpoint.update_of(self.parts[1]), self.folder)
        return True

    @contextmanager
    def kept_current(self) -> Iterator[None]:
        """While the block runs, takes a snapshot whenever Marian has saved, or has validated what it saved."""
        self.seen = self.versions()
        ended = threading.Event()
        thread = threading.Thread(target=self.watch, args=(ended,), name="snapshots", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def watch(self, ended: threading.Event) -> None:
        while not ended.wait(POLL_SECONDS):
            try:
                self.renew()
            except OSError as error:
                # The training is worth more than its snapshots, and needs the disk; the next save is the next attempt.
                logger.warning("no snapshot could be taken: %s", error)
                self.copies = {}
                self.tidy()

    def renew(self) -> bool:
        """Takes a snapshot if all of a checkpoint is there, and anything has changed; returns whether it did.

        Only what has changed is copied. If Marian writes meanwhile, the snapshot waits for the next call, so that it never has files of
        two saves, nor a best model of which the log does not know.
        """
        seen = self.versions()
        if seen == self.seen or not self.are_of_one_save(seen):
            return False
        self.seen = seen
        update = checkpoint.update_of(self.parts[1])
        folder = self.new_folder(str(update))
        changed = [path for path in seen if path not in self.copies or self.copies[path].version != seen[path]]
        place = [self.place] if self.place.exists() and not set(self.parts).isdisjoint(changed) else []
        for path in (*changed, *place):
            self.copies[path] = copied(path, folder / path.name)
        if self.versions() != seen:
            self.tidy()
            return False
        self.publish(update, {path: self.copies[path] for path in (*seen, self.place) if path in self.copies})
        logger.info("took a snapshot of update %s, %d of its files are new", update, len(changed))
        return True

    def finish(self) -> None:
        """Leaves the checkpoint of a training that has ended as the only one, with names that do not depend on its update."""
        paths = [*self.versions(), *([self.place] if self.place.exists() else [])]
        self.publish(checkpoint.update_of(self.parts[1]), {path: copied(path, self.folder / path.name) for path in paths})

    def publish(self, update: int, copies: dict[Path, Copy]) -> None:
        """Makes these copies the snapshot, and removes all others."""
        files = {copy.path.relative_to(self.folder).as_posix(): {"sha256": copy.sha256, "size": copy.size} for copy in copies.values()}
        write_json(self.folder / MANIFEST, {"update": update, "files": files})
        self.copies = copies
        self.tidy()

    def tidy(self) -> None:
        """Removes what belongs neither to the snapshot nor to the next one."""
        wanted = {self.folder / path for path in listed_files(self.folder)} | {copy.path for copy in self.copies.values()}
        for path in sorted(self.folder.rglob("*"), reverse=True):
            if path.is_dir():
                if not any(path.iterdir()):
                    path.rmdir()
            elif path not in wanted and path != self.folder / MANIFEST:
                path.unlink()

    def versions(self) -> dict[Path, Version]:
        """Of each file that there is, the version."""
        versions = {}
        for path in (*self.parts, *self.results):
            try:
                status = path.stat()
            except FileNotFoundError:
                continue
            versions[path] = (status.st_ino, status.st_size, status.st_mtime_ns)
        return versions

    def are_of_one_save(self, versions: dict[Path, Version]) -> bool:
        return set(self.parts) <= set(versions) and checkpoint.saved_at_once([versions[part][2] for part in self.parts])

    def new_folder(self, name: str) -> Path:
        """A folder that is not there yet: the files of another one may belong to the snapshot that is to be replaced."""
        names = (name, *(f"{name}-{number}" for number in range(2, 1000)))
        return next(folder for folder in (self.folder / name for name in names) if not folder.exists())


def copied(path: Path, target: Path) -> Copy:
    """Copies a file, which may be replaced or appended to meanwhile, as it is now."""
    digest = hashlib.sha256()
    with path.open("rb") as source, atomic_output(target) as partial:
        status = os.fstat(source.fileno())
        with partial.open("wb") as file:
            while block := source.read(BLOCK):
                digest.update(block)
                file.write(block)
    return Copy((status.st_ino, status.st_size, status.st_mtime_ns), target, digest.hexdigest(), target.stat().st_size)


def listed_files(folder: Path) -> dict[str, dict[str, Any]]:
    """What the manifest of a folder of snapshots lists, whether that is there or not; nothing where there is no manifest."""
    try:
        files: dict[str, dict[str, Any]] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return files


def agrees(path: Path, recorded: dict[str, Any]) -> bool:
    """Whether a file has the size and hash that a manifest says."""
    if not path.is_file() or path.stat().st_size != recorded["size"]:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == recorded["sha256"]
