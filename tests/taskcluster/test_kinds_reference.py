import re
from pathlib import Path

import pytest
from training_taskgraph.bindings import AXES
from training_taskgraph.kind_definitions import Kind, keys_read, kinds
from training_taskgraph.kinds_reference import reference_page

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/kinds.md"
LONGEST_KIND = 60

KIND = """
tasks:
  "{src}-{trg}-{teacher}":
    description: Decodes.
    worker-type: gpu
    for-each: [test, teacher]
    step:
      script: pipeline/translate/translate.py
      requirements: train
      inputs:
        dataset:
          - artifacts: [a.zst]
            where: {categories: devtest}
        export:
          - by-experiment.spm-vocab-split: {"true": [b.spm], default: [c.spm]}
      outputs: ["chunk.{chunk}.zst"]
      arguments:
        metric: "best-{experiment.best-model}"
      marian-options: "{marian-args.decoding-teacher}"
"""


def test_the_page_is_current():
    """Otherwise: `make fix-all`, or `python -m training_taskgraph.kinds_reference > docs/kinds.md`."""
    assert PAGE.read_text(encoding="utf-8") == reference_page()


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.name)
def test_a_kind_stays_small_to_read(kind):
    assert len(kind.text.splitlines()) <= LONGEST_KIND


def test_every_kind_is_on_the_page_once_and_every_link_leads_somewhere():
    page = reference_page()
    headings = re.findall(r"^## ([a-z-]+)$", page, re.MULTILINE)
    assert headings == [kind.name for kind in kinds()]
    assert set(re.findall(r"\(#([^)]+)\)", page)) == set(headings)
    files = set(re.findall(r"\]\(([^#)]+)\)", page))
    assert {path for path in files if not (PAGE.parent / path).is_file()} == set()


def test_the_config_keys_are_those_of_placeholders_axes_choices_and_conditions(tmp_path):
    file = tmp_path / "kind.yml"
    file.write_text(KIND)
    (task,) = Kind("any", file).tasks
    assert task.config_keys == [
        "datasets.devtest",
        "datasets.test",
        "experiment.best-model",
        "experiment.spm-vocab-split",
        "experiment.teacher-ensemble",
        "marian-args.decoding-teacher",
        "taskcluster.split-chunks",
    ]


def test_every_config_key_exists(config):
    for key in {key for kind in kinds() for task in kind.tasks for key in task.config_keys}:
        section = config
        for name in key.split("."):
            assert section is None or name in section, key
            section = section and section[name]


def test_an_axis_tells_what_it_ranges_over():
    assert keys_read(AXES["parallel"]) >= {"datasets.train", "datasets.devtest", "datasets.test", "continuation.corpora.parallel"}
    assert "experiment.bicleaner" not in keys_read(AXES["parallel"])
    assert keys_read(AXES["chunk"]) == {"taskcluster.split-chunks"}


def test_defaults_of_a_kind_are_part_of_its_tasks():
    (evaluate,) = [kind for kind in kinds() if kind.name == "evaluate"]
    for task in evaluate.tasks:
        assert "dataset" in task.upstream
        assert len(task.upstream) > 1


@pytest.mark.parametrize(
    "line",
    [
        "| stage | `evaluate-student` |",
        "| requirements | `mtdata` if `provider` is mtdata, `sacrebleu` if `provider` is sacrebleu, "
        "`huggingface` if `provider` is hf or hfp, `data` otherwise |",
        "| script | [`pipeline/vocab/build_vocab.py`](../pipeline/vocab/build_vocab.py) |",
        "| [build-vocab](#build-vocab) | the language pair | [corpus-merge-parallel](#corpus-merge-parallel) | `cpu-large/large-disk` |",
    ],
)
def test_the_page_says(line):
    assert line in reference_page().splitlines()
