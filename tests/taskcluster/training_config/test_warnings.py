"""What is odd in a config but runs."""

import pytest
from training_taskgraph.training_config import load
from training_taskgraph.training_config.__main__ import main

DISTILLATION = "{src: https://example.com/corpus.en.zst, trg: https://example.com/corpus.it.zst}"
VOCAB = "{src: https://example.com/vocab.en.spm, trg: https://example.com/vocab.it.spm}"


def warnings(text: str) -> list[str]:
    return [str(problem) for problem in load(text, "f").warnings]


def line_of(text: str, part: str) -> int:
    """The last line that contains a part."""
    return max(number for number, line in enumerate(text.splitlines(), 1) if part in line)


def test_a_duplicate_dataset_is_used_once(minimal: str) -> None:
    text = minimal.replace("  train:", "  mono-trg: [hplt_mono/v2.0, news-crawl_news.2021, hplt_mono/v2.0]\n  train:")
    loaded = load(text, "f")
    assert loaded.config["datasets"]["mono-trg"] == ["hplt_mono/v2.0", "news-crawl_news.2021"]
    assert [str(problem) for problem in loaded.warnings] == [
        f"f:{line_of(text, 'mono-trg:')}: datasets.mono-trg[2]: listed twice and used once: datasets.mono-trg[0] is the same "
        "(found 'hplt_mono/v2.0', allowed: each dataset once)"
    ]


def test_a_threshold_of_no_dataset(minimal: str) -> None:
    text = minimal.replace(
        "    default-threshold: 0\n", "    default-threshold: 0\n    dataset-thresholds: {ddtp_bookworm_titel_1500__: 0.5}\n"
    )
    assert warnings(text) == [
        f"f:{line_of(text, 'titel')}: experiment.bicleaner.dataset-thresholds.ddtp_bookworm_titel_1500__: a threshold of no dataset "
        "(found 'ddtp_bookworm_titel_1500__', allowed: those in `datasets.train`; did you mean ddtp_bookworm_titles_1500__?)"
    ]


def test_a_set_that_is_validated_and_tested(minimal: str) -> None:
    text = minimal.replace("  test:\n", "  test:\n    - ddtp_aug-upper_bookworm/titles[499:500]\n")
    assert warnings(text) == [
        f"f:{line_of(text, 'aug-upper')}: datasets.test[0]: also a validation set, which loses these lines: datasets.devtest[0] is "
        "'ddtp_bookworm/titles[:500]' (found 'ddtp_aug-upper_bookworm/titles[499:500]', allowed: a set of its own)"
    ]


def test_evaluation_text_in_monolingual_text(minimal: str) -> None:
    text = minimal.replace("  test:\n", "  mono-src:\n    - ddtp_bookworm/titles[:1]\n    - ddtp_bookworm/sentences\n  test:\n")
    assert [warning.split(":")[2] for warning in warnings(text)] == [" datasets.devtest[0]"]


def test_an_unknown_kind(minimal: str) -> None:
    text = minimal.replace("{default: gcp-standard}", "{default: gcp-standard, evaluate-teacher: gcp-spot, export: gcp-spot}")
    assert [warning.split(": ", 1)[1] for warning in warnings(text)] == [
        "taskcluster.worker-classes.evaluate-teacher: an unknown kind (found 'evaluate-teacher', "
        "allowed: a kind of docs/training-config.md or default; did you mean evaluate-teacher-ensemble?)"
    ]


def test_a_stage_to_start_from_without_earlier_groups(minimal: str) -> None:
    text = minimal + "start-task-prefix: build-vocab\n"
    assert [warning.split(": ", 1)[1] for warning in warnings(text)] == [
        "start-task-prefix: has no effect (found 'build-vocab', allowed: `previous-group-ids` besides)"
    ]
    assert warnings(text + "previous-group-ids: [QDc7Pm4cSCy70tXhBUW-1w]\n") == []


def test_corpora_that_are_archived_nowhere(minimal: str) -> None:
    text = minimal.replace("  spm-sample-size", "  archive-corpora: true\n  spm-sample-size")
    assert [warning.split(": ", 1)[1] for warning in warnings(text)] == [
        "experiment.archive-corpora: has no effect (found true, allowed: `taskcluster.upload-bucket` besides)"
    ]
    assert warnings(text.replace("  split-chunks", "  upload-bucket: development\n  split-chunks")) == []


def test_a_used_model_without_vocabulary(minimal: str) -> None:
    text = minimal + "continuation:\n  models:\n    backwards: {url: https://example.com/model, mode: use}\n"
    assert [warning.split(": ", 1)[1] for warning in warnings(text)] == [
        "continuation.models.backwards.mode: a model without `continuation.vocab` "
        "(found 'use', allowed: a folder with its vocabulary, or `continuation.vocab` besides)"
    ]


def test_two_vocabularies_where_the_languages_share_one(minimal: str) -> None:
    text = minimal + f"continuation:\n  vocab: {VOCAB}\n"
    assert [warning.split(": ", 2)[1] for warning in warnings(text)] == ["continuation.vocab.trg"]
    assert warnings(text.replace("  spm-sample-size", "  spm-vocab-split: true\n  spm-sample-size")) == []


def test_a_distillation_corpus_and_its_vocabulary_are_enough_to_train_a_student(minimal: str) -> None:
    text = minimal.replace("  train:\n    - ddtp_bookworm/titles[1500:]\n", "")
    text += f"continuation:\n  vocab: {VOCAB.replace('.en.', '.').replace('.it.', '.')}\n  corpora:\n    distillation: {DISTILLATION}\n"
    assert warnings(text) == []


def test_the_command_prints_warnings_and_a_summary(minimal: str, tmp_path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "c.yml"
    file.write_text(minimal + "start-task-prefix: build-vocab\n", encoding="utf-8")
    assert main([str(file)]) == 0
    output, errors = capsys.readouterr()
    assert errors == ""
    warning, summary = output.splitlines()
    assert warning.startswith(f"{file}:{line_of(file.read_text(), 'start-task')}: start-task-prefix: warning: has no effect")
    assert summary == f"{file}: valid: en-it, target stage all-pipeline, 1 training set, 1 validation set, 1 test set"
