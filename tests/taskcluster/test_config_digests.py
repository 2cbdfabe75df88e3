"""What a value of the config decides: the digests of the tasks whose output it can change, and of all that comes after them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

import pytest
from training_taskgraph.digest import ROOT, requirements_hash
from training_taskgraph.local_graph import generate
from training_taskgraph.training_config import filter_files as filter_file_format
from training_taskgraph.training_config.container_types import Section
from training_taskgraph.training_config.schema import TRAINING_CONFIG
from training_taskgraph.transforms import step

from .every_stage import ALIGNED, DATASETS, MODEL, VOCAB, every_stage

BACKWARDS = "backtranslations-train-backwards-model-*"
TEACHER = "train-teacher-model-*"
STUDENT = ("distillation-student-model-train-*", "distillation-student-model-finetune-*")
TEACHERS_TRANSLATE = ("distillation-parallel-src-translate-*", "distillation-mono-src-translate-*")
TEXTS = ("distillation-parallel-src", "distillation-mono-src", "backtranslations-mono-trg")
UPLOAD = {"taskcluster": {"upload-bucket": "development"}}
GIVEN_VOCAB = {"continuation": {"vocab": VOCAB}}
OTHER = "https://example.com/other"


def given_models(**models: Mapping[str, Any]) -> dict[str, Any]:
    return {"continuation": {"vocab": VOCAB, "models": models}}


def given_corpus(name: str) -> dict[str, Any]:
    return {"continuation": {"vocab": VOCAB, "corpora": {name: ALIGNED}}}


@dataclass(frozen=True)
class Row:
    """A key with a new value, and patterns of the labels whose output it can change first; `given` is what the config has before."""

    key: str
    value: Any
    first: Iterable[str] = ()
    given: Mapping[str, Any] = field(default_factory=dict)

    @property
    def change(self) -> dict[str, Any]:
        change = self.value
        for name in reversed(self.key.split(".")):
            change = {name: change}
        return change


def added(text: str, dataset: str) -> list[str]:
    return [*DATASETS[text], dataset]


ROWS = [
    Row("target-stage", "export"),
    Row("previous-group-ids", ["a" * 22]),
    Row("start-task-prefix", "build-vocab", given={"previous-group-ids": ["a" * 22]}),
    # Who asks for a finished task takes it for what the config describes.
    Row("existing_tasks", {"build-vocab-en-it": "a" * 22}),
    Row("wandb-publication", True),
    Row("experiment.name", "another"),
    Row("experiment.teacher-ensemble", 2, ["train-teacher-model-en-it-2", *TEACHERS_TRANSLATE]),
    Row("experiment.teacher-mode", "two-stage", [TEACHER]),
    Row("experiment.teacher-decoder", "ctranslate2", TEACHERS_TRANSLATE),
    Row("experiment.student-model", "base", STUDENT),
    Row("experiment.best-model", "bleu-detok", [BACKWARDS, TEACHER, *STUDENT]),
    Row("experiment.spm-sample-size", 2000, ["build-vocab-*"]),
    Row("experiment.spm-vocab-size", 2000, ["build-vocab-*"]),
    Row("experiment.spm-vocab-split", True, ["build-vocab-*"]),
    Row("experiment.spm-norm-rule", "identity", ["build-vocab-*"]),
    Row("experiment.corpus-max-sentences", 3000, ["corpus-merge-parallel-*"]),
    Row("experiment.dev-max-sentences", 50, ["corpus-merge-devset-*"]),
    Row("experiment.mono-max-sentences-src.total", 900, ["corpus-merge-mono-mono-src-en"]),
    Row("experiment.mono-max-sentences-src.per-dataset", 900, ["dataset-*-en"]),
    Row("experiment.mono-max-sentences-trg.total", 900, ["corpus-merge-mono-mono-trg-it"]),
    Row("experiment.mono-max-sentences-trg.per-dataset", 900, ["dataset-news-crawl*-it", "dataset-hplt*-it"]),
    Row("experiment.opuscleaner-mode", "custom", ["corpus-clean-parallel-opus-Books*", "corpus-clean-mono-hplt*-en"]),  # see filter_files
    Row("experiment.bicleaner.default-threshold", 0.6, ["corpus-clean-parallel-bicleaner-ai-opus-Books_v1*"]),
    Row("experiment.bicleaner.dataset-thresholds", {"opus_QED_v2_0a": 0.7}, ["corpus-clean-parallel-bicleaner-ai-opus-QED*"]),
    Row("experiment.monocleaner.mono-src.default-threshold", 0.6, ["corpus-clean-mono-monocleaner-news-crawl*-en"]),
    Row("experiment.monocleaner.mono-src.dataset-thresholds", {"hplt_mono_v2_0": 0.7}, ["corpus-clean-mono-monocleaner-hplt*-en"]),
    Row("experiment.monocleaner.mono-trg.default-threshold", 0.6, ["corpus-clean-mono-monocleaner-news-crawl*-it"]),
    Row("experiment.monocleaner.mono-trg.dataset-thresholds", {"hplt_mono_v2_0": 0.7}, ["corpus-clean-mono-monocleaner-hplt*-it"]),
    Row("experiment.hplt-min-doc-score.mono-src", 6.0, ["dataset-hplt*-en"]),
    Row("experiment.hplt-min-doc-score.mono-trg", 6.0, ["dataset-hplt*-it"]),
    Row("experiment.archive-corpora", True, ["upload-en-it"], UPLOAD),
    Row("experiment.modify-training-text", False, [TEACHER, *STUDENT]),
    Row("datasets.train", added("train", "opus_GNOME/v1"), ["dataset-opus-GNOME*"]),
    Row("datasets.devtest", added("devtest", "sacrebleu_wmt19"), ["dataset-sacrebleu-wmt19*"]),
    Row("datasets.test", added("test", "sacrebleu_wmt19"), ["dataset-sacrebleu-wmt19*"]),
    Row("datasets.mono-src", added("mono-src", "news-crawl_news.2020"), ["dataset-news-crawl-news.2020-en"]),
    Row("datasets.mono-trg", added("mono-trg", "news-crawl_news.2020"), ["dataset-news-crawl-news.2020-it"]),
    Row("marian-args.training-backward", {"after": "50u"}, [BACKWARDS]),
    Row("marian-args.training-teacher", {"after": "50u"}, [TEACHER]),
    Row("marian-args.training-student", {"after": "50u"}, [STUDENT[0]]),
    Row("marian-args.training-student-finetuned", {"after": "50u"}, [STUDENT[1]]),
    Row("marian-args.decoding-backward", {"beam-size": 2}, ["backtranslations-mono-trg-translate-*", "evaluate-backwards-*"]),
    Row("marian-args.decoding-teacher", {"beam-size": 2}, [*TEACHERS_TRANSLATE, "evaluate-teacher-*"]),
    Row("continuation.vocab.src", OTHER, ["continuation-vocab-*"], GIVEN_VOCAB),
    Row("continuation.vocab.trg", OTHER, ["continuation-vocab-*"], GIVEN_VOCAB),
    *(
        Row(f"continuation.models.{name}.{key}", value, [f"continuation-model-{name}*"], given_models(**{name: {**urls, "mode": mode}}))
        for name, urls, other in (("backwards", {"url": MODEL}, {"url": OTHER}), ("teacher", {"urls": [MODEL]}, {"urls": [OTHER]}))
        for key, value, mode in (*((*item, "use") for item in other.items()), ("type", "opusmt", "use"), ("mode", "continue", "init"))
    ),
    *(
        Row(f"continuation.corpora.{name}.{part}", OTHER, [f"continuation-corpus-{name}-*"], given_corpus(name))
        for name in ("parallel", "backtranslations", "distillation")
        for part in ALIGNED
    ),
    Row("taskcluster.split-chunks", 3, [f"{text}-chunk-*" for text in TEXTS]),
    Row("taskcluster.worker-classes", {"default": "gcp-standard", "build-vocab": "gcp-spot"}),
    Row("taskcluster.upload-bucket", "production", ["upload-*"], {**UPLOAD, "experiment": {"archive-corpora": True}}),
]  # fmt: skip


@pytest.fixture(autouse=True, scope="module")
def filter_files(tmp_path_factory):
    """One training set and one monolingual set have filter files of their own; another has one for another pair."""
    folder = tmp_path_factory.mktemp("project") / "configs/filters"
    for name in ("en-it/opus-Books_v1.yml", "en/hplt-mono_v2.0.yml", "en-fr/opus-QED_v2.0a.yml"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("too-long: {max_words: 80}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(filter_file_format, "FOLDER", folder)
        yield


# What every task is about: the tests at the end.
LANGUAGES = {"experiment.src", "experiment.trg"}


def leaves(section: Section, path: str = "") -> Iterable[str]:
    """The keys of the config whose values are no sections."""
    for name, definition in section.fields.items():
        key = f"{path}{name}"
        if isinstance(definition.type, Section):
            yield from leaves(definition.type, f"{key}.")
        else:
            yield key


def test_every_key_is_in_the_table():
    assert sorted(row.key for row in ROWS) == sorted(set(leaves(TRAINING_CONFIG)) - LANGUAGES)


def digests(graph) -> dict[str, str]:
    return {label: task.attributes["cached_task"]["digest"] for label, task in graph.tasks.items() if "script" in task.attributes}


def graph_before(given: Mapping[str, Any]):
    return graph_of(json.dumps(given, sort_keys=True))


@cache
def graph_of(changes: str):
    """Most rows begin with the same graph."""
    return generate(every_stage(json.loads(changes)))


def descendants(graph, patterns: Iterable[str]) -> set[str]:
    """The labels that match, and all that depends on them."""
    found = {label for label in graph.tasks for pattern in patterns if fnmatchcase(label, pattern)}
    return set(graph.graph.transitive_closure(found, reverse=True).nodes) if found else set()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.key)
def test_a_changed_value_changes_the_digests_of_exactly_what_it_can_change(row):
    before = graph_before(row.given)
    after = generate(every_stage(row.given, row.change))
    old, new = digests(before), digests(after)
    for pattern in row.first:
        assert any(fnmatchcase(label, pattern) for label in after.tasks), f"the pattern {pattern} matches nothing"
    changed = {label for label in old.keys() & new.keys() if old[label] != new[label]}
    assert changed == descendants(after, row.first) & old.keys() & new.keys()
    assert set(new.values()).isdisjoint(old[label] for label in changed)


@pytest.mark.parametrize("row", [row for row in ROWS if not row.given and not row.first], ids=lambda row: row.key)
def test_the_uploaded_config_is_the_one_that_was_trained_with(row):
    """Also where nothing else depends on the value. Corpora stay where they are."""
    given = {**UPLOAD, "experiment": {"archive-corpora": True}}
    before, after = digests(graph_before(given)), digests(generate(every_stage(given, row.change)))
    changed = {label for label in before if before[label] != after[label]}
    corpora = {label for label in before if label.startswith("upload-corpora-")}
    assert changed == {"upload-en-it", *(corpora if row.key == "experiment.name" else ())}


def test_validation_sets_that_become_test_sets_are_merged_anew():
    """The same datasets are fetched by the same commands then."""
    before = digests(graph_before({}))
    swapped = {"datasets": {"devtest": DATASETS["test"], "test": DATASETS["devtest"]}}
    after = digests(generate(every_stage(swapped)))
    assert before["corpus-merge-devset-en-it"] != after["corpus-merge-devset-en-it"]
    assert before["train-teacher-model-en-it-1"] != after["train-teacher-model-en-it-1"]


def test_a_new_version_of_sacrebleu_is_evaluated_anew_and_nothing_else(monkeypatch):
    groups = {
        task.attributes["digest-data"]["requirements"].split()[0] for task in graph_before({}).tasks.values() if "script" in task.attributes
    }
    with_sacrebleu = {group for group in groups if "\nsacrebleu==" in (ROOT / "requirements" / f"{group}.txt").read_text()}
    assert with_sacrebleu == {"evaluate"}
    before = digests(graph_before({}))
    monkeypatch.setattr(step, "requirements_hash", lambda group: "new" if group == "evaluate" else requirements_hash(group))
    after = digests(generate(every_stage()))
    changed = {label for label in before if before[label] != after[label]}
    assert changed == {label for label in before if label.startswith(("evaluate-", "all-pipeline-"))}


@pytest.mark.parametrize(
    ("side", "spared"),
    [
        # Text of one language alone, before it meets the other: only there a digest may stay.
        ("trg", ("dataset-*-en", "corpus-analyze-mono-*-en", "corpus-clean-mono-*-en")),
        ("src", ("dataset-*-it", "corpus-analyze-mono-*-it", "corpus-clean-mono-*-it")),
    ],
)
def test_the_languages_are_in_every_digest_that_depends_on_them(side, spared):
    before, after = graph_before({}), generate(every_stage({"experiment": {side: "fr"}}))
    same = set(digests(before).values()) & set(digests(after).values())
    monolingual = {
        label
        for label, task in before.tasks.items()
        if "language" in task.attributes.get("bindings", {}) and any(fnmatchcase(label, pattern) for pattern in spared)
    }
    assert {label for label, digest in digests(before).items() if digest in same} == monolingual
    assert monolingual
