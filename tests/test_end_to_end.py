"""configs/local-full.yml on a toy language pair, as `make run` runs it: every stage, from downloads to a model in the browser's engine."""

import functools
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from pipeline.common.lines import read_lines, read_parallel
from pipeline.evaluate.browser_engine import translate_in_browser_engine
from pipeline.merge.held_out import comparable
from tests.pipeline.toy_language import toy_sentences, write_corpus
from tests.working_tree import copy_working_tree

ROOT = Path(__file__).resolve().parents[1]
ENGINE = ROOT / "pipeline/evaluate/browser/node_modules"

# Models that learn the toy language in a minute.
TRAINING = {
    "exponential-smoothing": 0, "learn-rate": 0.004, "lr-warmup": 50, "lr-decay-inv-sqrt": 250, "mini-batch-fit": False,
    "mini-batch": 32, "maxi-batch": 20, "disp-freq": 100, "valid-freq": 450, "save-freq": 450, "after": "900u", "workspace": 300,
}  # fmt: skip
RNN = TRAINING | {"enc-depth": 1, "dim-emb": 64, "dim-rnn": 64, "dropout-rnn": 0}
TRANSFORMER = TRAINING | {
    "enc-depth": 1, "dec-depth": 1, "dim-emb": 64, "transformer-dim-ffn": 128, "transformer-heads": 4, "label-smoothing": 0,
    "transformer-dropout": 0,
}  # fmt: skip
FINETUNING = TRANSFORMER | {"learn-rate": 0.0004, "valid-freq": 50, "save-freq": 50, "after": "150u"}

# In the order of the table: the exported direction first, each model after what it learns from.
MODELS = ["teacher-1", "teacher-2", "teacher-ensemble", "student", "finetuned-student", "student-quantized"]

EVALUATIONS = {"evaluate", "evaluate-backwards", "evaluate-quantized", "evaluate-teacher-ensemble"}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder of corpora, and the address of a web server on the loopback interface that has the same files."""
    folder = tmp_path_factory.mktemp("corpora")
    for name, number, seed in (("train", 3000, 1), ("more", 1500, 2), ("dev", 60, 3), ("test", 100, 4), ("mono", 600, 5)):
        write_corpus(folder, toy_sentences(number, seed, longest=6), name)
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(QuietHandler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


class Checkout:
    """A copy of the working tree, so that a test may change a script, with a config and data of its own."""

    def __init__(self, root: Path, config: dict):
        self.root = root
        copy_working_tree(root)
        (root / "config.yml").write_text(yaml.safe_dump(config))

    def run(self, *options: str) -> str:
        environment = {**os.environ, "BERGAMOT_MODULES": str(ENGINE), "PYTHONPATH": f"{self.root}:{self.root / 'taskcluster'}"}
        command = [sys.executable, "-m", "workflow.run", "--config", "config.yml", *options]
        run = subprocess.run(command, cwd=self.root, env=environment, capture_output=True, text=True)
        assert run.returncode == 0, run.stdout + run.stderr
        return run.stdout

    def store(self, kind: str) -> list[Path]:
        return sorted((self.root / "data/store" / kind).iterdir())


@pytest.fixture(scope="module")
def checkout(corpora: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    folder, address = corpora
    config = yaml.safe_load((ROOT / "configs/local-full.yml").read_text())
    config["experiment"].update({"name": "toy", "spm-vocab-size": 352, "corpus-max-sentences": 4000})
    config["datasets"] = {
        "train": [f"url_{address}/train.[LANG].zst", f"url_file://{folder}/more.[LANG].zst"],
        "devtest": [f"url_file://{folder}/dev.[LANG].zst"],
        "test": [f"url_{address}/test.[LANG].zst", f"url_aug-punct_{address}/test.[LANG].zst"],
        "mono-src": [f"url_{address}/mono.[LANG].zst"],
        "mono-trg": [f"url_{address}/mono.[LANG].zst"],
    }
    config["marian-args"] = {
        "training-backward": RNN,
        "training-teacher": TRANSFORMER,
        "training-student": TRANSFORMER,
        "training-student-finetuned": FINETUNING,
        "decoding-backward": {"beam-size": 1},
        "decoding-teacher": {"beam-size": 2},
    }
    config["taskcluster"]["split-chunks"] = 3
    return Checkout(tmp_path_factory.mktemp("run") / "checkout", config)


@pytest.fixture(scope="module")
def finished(checkout: Checkout) -> str:
    """What the run printed."""
    return checkout.run()


def test_the_run_ends_with_scores_samples_and_the_place_of_the_model(checkout: Checkout, finished: str) -> None:
    (export,) = checkout.store("export")
    assert finished.splitlines()[-1] == f"exported model: {export.relative_to(checkout.root)}/"
    (summary,) = checkout.store("all-pipeline")
    rows = json.loads((summary / "summary.json").read_text())["scores"]
    scores = {row["model"]: row["chrf"] for row in rows if "aug-" not in row["dataset"]}
    assert list(scores) == [*MODELS, "backwards"]
    assert [row["model"] for row in rows if "aug-" in row["dataset"]] == [*MODELS, "backwards"]
    assert min(scores.values()) > 70, scores
    assert abs(scores["finetuned-student"] - scores["student-quantized"]) < 3, scores
    assert (summary / "summary.md").read_text().strip() in finished


def test_every_declared_artifact_was_published(checkout: Checkout, finished: str) -> None:
    graph = checkout.root / "graph.json"
    environment = {**os.environ, "PYTHONPATH": f"{checkout.root}:{checkout.root / 'taskcluster'}"}
    command = [sys.executable, "-m", "training_taskgraph.local_graph", "config.yml", "--output", str(graph)]
    subprocess.run(command, cwd=checkout.root, env=environment, check=True)
    tasks = [task for task in json.loads(graph.read_text()).values() if "script" in task["attributes"]]
    published = {}
    for manifest in (checkout.root / "data/store").glob("*/*/manifest.json"):
        content = json.loads(manifest.read_text())
        published[content["label"]] = set(content["artifacts"])
        assert all((manifest.parent / name).is_file() for name in content["artifacts"])
    assert published == {task["label"]: set(task["attributes"]["outputs"]) for task in tasks}


@pytest.mark.parametrize("shortlist", [True, False])
def test_the_exported_files_translate_by_themselves(checkout: Checkout, finished: str, tmp_path: Path, shortlist: bool) -> None:
    (export,) = checkout.store("export")
    for file in export.glob("*.gz"):
        shutil.copy(file, tmp_path)
    (evaluation,) = (folder for folder in checkout.store("evaluate-quantized") if "aug-" not in folder.name)
    lines = [source for source, _ in toy_sentences(100, 4, longest=6)]
    translations = translate_in_browser_engine(lines, tmp_path, "en", "it", shortlist=shortlist, description="test")
    if shortlist:
        assert translations == list(read_lines(evaluation / "translations.it.zst"))
    else:
        assert sum(line == target for line, (_, target) in zip(translations, toy_sentences(100, 4, longest=6), strict=True)) > 50


def test_no_held_out_line_is_in_the_training_data(checkout: Checkout, finished: str) -> None:
    (merged,) = checkout.store("corpus-merge-parallel")
    held_out = [folder for folder in checkout.store("dataset") if any(name in folder.name for name in ("_dev.", "_test."))]
    assert len(held_out) == 3
    for language, text in (("en", "src"), ("it", "trg")):
        (mono,) = (folder for folder in checkout.store("corpus-merge-mono") if f"mono-{text}" in folder.name)
        trained = {comparable(line) for line in read_lines(merged / f"corpus.{language}.zst")}
        alone = {comparable(line) for line in read_lines(mono / f"mono.{language}.zst")}
        assert len(trained) > 1000
        assert len(alone) > 100
        for folder in held_out:
            (file,) = folder.glob(f"*.{language}.zst")
            assert (trained | alone).isdisjoint(comparable(line) for line in read_lines(file))


def test_the_worst_of_what_the_teachers_translated_is_not_learned(checkout: Checkout, finished: str) -> None:
    (merged,), (filtered,) = (checkout.store(kind) for kind in ("corpus-merge-distillation", "distillation-corpus-final-filtering"))
    pairs, kept = (list(read_parallel(*(folder / f"corpus.{language}.zst" for language in ("en", "it")))) for folder in (merged, filtered))
    assert len(kept) == len(pairs) - int(len(pairs) * 0.05)
    assert set(kept) < set(pairs)
    (mono,) = (folder for folder in checkout.store("corpus-merge-mono") if "mono-src" in folder.name)
    assert {source for source, _ in pairs} >= set(read_lines(mono / "mono.en.zst"))


def test_a_second_run_starts_nothing(checkout: Checkout, finished: str) -> None:
    again = checkout.run()
    assert again.startswith("0 of ")
    assert again.splitlines()[-1] == finished.splitlines()[-1]


@pytest.mark.parametrize(
    ("script", "kinds"),
    [
        ("pipeline/evaluate/scores.py", {*EVALUATIONS, "all-pipeline"}),
        ("pipeline/report/markdown.py", {"all-pipeline"}),
        ("pipeline/export/metadata.py", {"export", "evaluate-quantized", "all-pipeline"}),
    ],
)
def test_a_changed_script_reruns_its_tasks_and_what_depends_on_them(
    checkout: Checkout, finished: str, script: str, kinds: set[str]
) -> None:
    path = checkout.root / script
    before = path.read_text()
    path.write_text(before + "\n# changed\n")
    try:
        plan = checkout.run("-n").splitlines()[:-1]
    finally:
        path.write_text(before)
    reasons = dict(line.split(": ", 1) for line in plan)
    assert {kind for kind in kinds for label in reasons if label.startswith(f"{kind}-")} == kinds
    assert all(any(label.startswith(f"{kind}-") for kind in kinds) for label in reasons)


def test_the_run_goes_to_a_stage_or_a_task(checkout: Checkout, finished: str) -> None:
    assert checkout.run("--target", "build-vocab", "-n") == "nothing to run, everything is in the store\n"
    assert checkout.run("--task", "export-en-it", "-n") == "nothing to run, everything is in the store\n"
