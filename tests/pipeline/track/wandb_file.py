"""Reads the file that W&B's client writes of a run: a log in LevelDB's format, https://github.com/google/leveldb/blob/main/doc/log_format.md,
of records in W&B's protocol."""

import json
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wandb.proto import wandb_internal_pb2

FILE_HEADER, RECORD_HEADER, BLOCK = 7, 7, 32768
FULL, FIRST, MIDDLE, LAST = 1, 2, 3, 4


@dataclass
class Run:
    """`history` is every row in turn; `code` the exit code, None where the run was not finished."""

    id: str = ""
    name: str = ""
    group: str = ""
    project: str = ""
    config: dict[str, Any] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)
    axes: dict[str, str] = field(default_factory=dict)
    code: int | None = None


def read_run(folder: Path) -> Run:
    (file,) = folder.rglob("run-*.wandb")
    return run_of(file)


def runs_in(folder: Path) -> list[Run]:
    return [run_of(file) for file in sorted(folder.rglob("run-*.wandb"), key=lambda file: file.stat().st_mtime_ns)]


def run_of(file: Path) -> Run:
    run = Run()
    for data in records(file.read_bytes()):
        record = wandb_internal_pb2.Record.FromString(data)
        match record.WhichOneof("record_type"):
            case "run":
                run.id, run.name, run.group = record.run.run_id, record.run.display_name, record.run.run_group
                run.project = record.run.project
                run.config |= updates(record.run.config.update)
            case "config":
                run.config |= updates(record.config.update)
            case "history":
                row = updates(record.history.item)
                run.history.append({key: value for key, value in row.items() if not key.startswith("_")})
            case "metric" if record.metric.step_metric:
                run.axes[record.metric.glob_name or record.metric.name] = record.metric.step_metric
            case "exit":
                run.code = record.exit.exit_code
    return run


def updates(items: Any) -> dict[str, Any]:
    return {item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in items}


def records(content: bytes) -> list[bytes]:
    assert content.startswith(b":W&B")
    found, position, pending = [], FILE_HEADER, b""
    while position + RECORD_HEADER <= len(content):
        left = BLOCK - position % BLOCK
        if left < RECORD_HEADER:
            position += left
            continue
        _, length, kind = struct.unpack_from("<IHB", content, position)
        position += RECORD_HEADER
        pending += content[position : position + length]
        position += length
        if kind in (FULL, LAST):
            found.append(pending)
            pending = b""
    return found
