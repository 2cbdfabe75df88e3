"""Publishes a running training's metrics to Weights & Biases, from Marian's logs; run_tracked starts it beside the training.

In: the folder of marian.log and valid.log. What run it is say W&B's own variables: WANDB_API_KEY, WANDB_PROJECT, WANDB_ENTITY,
WANDB_RUN_GROUP, WANDB_NAME, WANDB_RUN_ID (the same after a restart, which goes on with the run), WANDB_BASE_URL.
Out: `train/…` (cost, words_per_second, learning_rate, gradient_norm, epoch, sentences) by train/update, `valid/METRIC` by valid/update;
Marian's options and what --config says as the run's config. published.json in the folder has the last update of each series, so that none
is published twice.

Ends when it is told to, after a last look at the logs: by SIGTERM the run is finished, by SIGUSR1 it has failed.
"""

import argparse
import json
import os
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.common.outputs import write_json
from pipeline.track.training_log import Point, TrainingLog

PUBLISHED = "published.json"
POLL_SECONDS = 10.0
# The run's exit code by the signal that ends it.
ENDS = {signal.SIGTERM: 0, signal.SIGUSR1: 1}


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    parser.add_argument("--log-dir", type=Path, required=True, metavar="DIR", help="where Marian's logs are, or will be")
    parser.add_argument("--config", type=json.loads, default={}, metavar="JSON", help="what the run is about")
    return parser


class Published:
    """The last update of each series that was published in this run, kept in a file."""

    def __init__(self, path: Path, run_id: str):
        self.path, self.run_id = path, run_id
        self.updates: dict[str, int] = {}
        if path.exists():
            kept = json.loads(path.read_text(encoding="utf-8"))
            if kept["run"] == run_id:
                self.updates = kept["updates"]

    def learn(self, summary: Mapping[str, Any]) -> None:
        """Takes over what the service knows of the run, where the file is not that of the run's last part.

        The service does not say of each validation metric how far it is; at an update, Marian validates with all.
        """
        for key, value in summary.items():
            stream = key.partition("/")[0]
            update = summary.get(f"{stream}/update")
            if isinstance(value, int | float) and isinstance(update, int) and not key.endswith("/update"):
                series = key if stream == "valid" else stream
                self.updates[series] = max(update, self.updates.get(series, 0))

    def new(self, points: Iterator[Point]) -> Iterator[Point]:
        for point in points:
            if point.update > self.updates.get(point.series, 0):
                self.updates[point.series] = point.update
                yield point

    def keep(self) -> None:
        write_json(self.path, {"run": self.run_id, "updates": self.updates})


def publish(run: Any, log: TrainingLog, published: Published) -> None:
    """Publishes what is new in the logs."""
    before = dict(published.updates)
    for point in published.new(log.new_points()):
        stream = point.series.partition("/")[0]
        run.log({f"{stream}/update": point.update} | {f"{stream}/{name}": value for name, value in point.values.items()})
    if options := log.new_options():
        run.config.update({"marian": options}, allow_val_change=True)
    if published.updates != before:
        published.keep()


def main(argv: Sequence[str] | None = None) -> None:
    args = parser().parse_args(argv)
    told = threading.Event()
    code = ENDS[signal.SIGTERM]

    def end(number: int, frame: object) -> None:
        nonlocal code
        code = ENDS[signal.Signals(number)]
        told.set()

    for number in ENDS:
        signal.signal(number, end)
    # They were blocked, lest one that comes before this ends the process.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)

    import wandb

    args.log_dir.mkdir(parents=True, exist_ok=True)
    run = wandb.init(
        config=args.config,
        resume=None if "WANDB_RESUME" in os.environ else "allow",
        dir=os.environ.get("WANDB_DIR", str(args.log_dir)),
        # The training's output is in its own log, and the code in its repository.
        settings=wandb.Settings(console="off", disable_git=True, disable_code=True),
    )
    for stream in ("train", "valid"):
        run.define_metric(f"{stream}/update", hidden=True)
        run.define_metric(f"{stream}/*", step_metric=f"{stream}/update")
    published = Published(args.log_dir / PUBLISHED, run.id)
    published.learn(dict(run.summary))
    log = TrainingLog(args.log_dir)
    while not told.is_set():
        publish(run, log, published)
        told.wait(POLL_SECONDS)
    publish(run, log, published)
    run.finish(exit_code=code)


if __name__ == "__main__":
    main()
