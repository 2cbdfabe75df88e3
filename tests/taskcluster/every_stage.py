"""A config that has every stage, small: two datasets where one would hide a mistake, thresholds, document scores."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from training_taskgraph import training_config
from training_taskgraph.parameter_sets import changed

ROOT = Path(__file__).resolve().parents[2]

THRESHOLDS = {"default-threshold": 0.5}
DATASETS = {
    "train": ["opus_Books/v1", "opus_QED/v2.0a"],
    "devtest": ["flores_dev", "flores_aug-mix_dev"],
    "test": ["flores_devtest", "ntrex_test"],
    "mono-src": ["news-crawl_news.2021", "hplt_mono/v2.0"],
    "mono-trg": ["news-crawl_news.2021", "hplt_mono/v2.0"],
}
CORPUS = {"src": "https://example.com/c.en.zst", "trg": "https://example.com/c.it.zst"}
ALIGNED = {**CORPUS, **{part: f"https://example.com/{part}.zst" for part in ("alignments", "tok-src", "tok-trg")}}
VOCAB = {"src": "https://example.com/v.spm", "trg": "https://example.com/v.spm"}
MODEL = "https://example.com/model"


def every_stage(*changes: Mapping[str, Any]) -> dict[str, Any]:
    """The config with these changes, one on top of the other, checked and with its defaults."""
    config = training_config.load_file(ROOT / "configs/ci.yml").config
    base = {
        "experiment": {
            "teacher-ensemble": 1,
            "bicleaner": {**THRESHOLDS, "dataset-thresholds": {"opus_QED_v2_0a": 0.8}},
            "monocleaner": {text: {**THRESHOLDS, "dataset-thresholds": {"hplt_mono_v2_0": 0.8}} for text in ("mono-src", "mono-trg")},
            "hplt-min-doc-score": {"mono-src": 5.0, "mono-trg": 5.0},
        },
        "datasets": DATASETS,
    }
    for change in (base, *changes):
        config = changed(config, change)
    return training_config.check(config).config


def ancestry(tasks: Mapping[str, Any], labels: Collection[str], without: Collection[str] = ()) -> set[str]:
    """The labels and those of all that they need, from the definitions of the tasks; nothing of `without`, nor what only these need."""
    found: set[str] = set()
    pending = set(labels) - set(without)
    while pending:
        label = pending.pop()
        found.add(label)
        pending |= set(tasks[label].dependencies.values()) - found - set(without)
    return found
