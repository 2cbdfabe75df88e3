"""The training config: every key with its type, its default, and what it means. All else about the format is derived from here."""

from typing import Any

from .container_types import Field, ListOf, MappingOf, Section
from .name_types import DatasetName, LanguageTag, ThresholdKey, Url
from .scalar_types import Boolean, Integer, JsonSchema, MarianValue, Number, OneOf, Text, Type
from .stages import STAGES


def required(type_: Type, description: str, example: str | None = None) -> Field:
    return Field(type_, description, required=True, example=example)


def optional(type_: Type, description: str, default: Any = None, example: str | None = None) -> Field:
    return Field(type_, description, default=default, example=example)


TASK_ID = Text("the id of a task or task group, 22 characters", r"[A-Za-z0-9_-]{22}")
LABEL = Text("the label of a task", r"\S+")
MARIAN_OPTION = Text("an option of Marian without its dashes", r"[A-Za-z][A-Za-z0-9-]*")

# Marian's validation metrics that need no script of the user; `bleu` and `bleu-detok` are the same one.
METRICS = ("chrf", "bleu", "bleu-detok", "bleu-segmented", "ce-mean-words", "cross-entropy", "perplexity")

# https://github.com/google/sentencepiece/blob/master/doc/normalization.md
NORMALIZATIONS = ("nmt_nfkc", "nfkc", "nmt_nfkc_cf", "nfkc_cf", "identity")

WORKER_CLASSES = ("gcp-standard", "gcp-spot")


# An unknown kind is only worth a warning (see rules): kinds come and go, and the entry does no harm.
KIND = Text("a kind or `default`", r"\S+")

THRESHOLD = Number(0, 1)
THRESHOLDS = Section(
    {
        "default-threshold": required(THRESHOLD, "The threshold of datasets that are not listed; 0 skips the filter.", "0.5"),
        "dataset-thresholds": optional(
            MappingOf(ThresholdKey(), THRESHOLD),
            "Thresholds of single datasets, by name with `/ . : [ ]` replaced by `_`.",
            {},
            "opus_ParaCrawl_v9: 0.7",
        ),
    }
)
NO_THRESHOLD = {"default-threshold": 0.0}

SENTENCE_CAPS = Section(
    {
        "total": required(Integer(), "The most sentences of all datasets together.", "300_000_000"),
        "per-dataset": required(Integer(), "The most sentences of one dataset.", "100_000_000"),
    }
)

EXPERIMENT = Section(
    {
        "name": required(Text(), "Identifies the run.", "h1-2025"),
        "src": required(LanguageTag(), "The language to translate from.", "en"),
        "trg": required(LanguageTag(), "The language to translate to.", "zh_hant"),
        "teacher-ensemble": required(Integer(), "The number of teachers.", "1"),
        "teacher-mode": required(
            OneOf(("one-stage", "two-stage")),
            "Train teachers on the mix of parallel and back-translated text until early stopping, or pre-train on the mix and "
            "fine-tune on parallel text.",
            "two-stage",
        ),
        "teacher-decoder": optional(
            OneOf(("marian", "ctranslate2")), "What translates with the teacher; an ensemble needs Marian.", "marian"
        ),
        "student-model": required(OneOf(("tiny", "base-memory", "base")), "The student's architecture.", "tiny"),
        "best-model": required(OneOf(METRICS), "The validation metric that picks the best checkpoint.", "chrf"),
        "spm-sample-size": required(Integer(), "Sentences that are sampled to train the vocabulary.", "10_000_000"),
        "spm-vocab-size": optional(Integer(minimum=8, divisor=8), "Pieces of a vocabulary.", 32000),
        "spm-vocab-split": optional(Boolean(), "Separate vocabularies for the two languages, for different scripts.", False),
        "spm-norm-rule": optional(OneOf(NORMALIZATIONS), "SentencePiece's normalization of text.", "nmt_nfkc"),
        "corpus-max-sentences": optional(Integer(), "The most sentence pairs of the merged parallel corpus; no limit when left out."),
        "dev-max-sentences": optional(Integer(), "The most sentence pairs of the validation set; no limit when left out."),
        "mono-max-sentences-src": required(SENTENCE_CAPS, "Caps on monolingual text in the source language."),
        "mono-max-sentences-trg": required(SENTENCE_CAPS, "Caps on monolingual text in the target language."),
        "opuscleaner-mode": optional(
            OneOf(("custom", "defaults")),
            "Clean datasets that have [filter files](cleaning.md#filter-files) with the filters of these, or all with the default filters.",
            "defaults",
        ),
        "bicleaner": required(THRESHOLDS, "Filters parallel text by Bicleaner AI's score, from 0 (noise) to 1 (a translation)."),
        "monocleaner": optional(
            Section(
                {
                    "mono-src": optional(THRESHOLDS, "Thresholds for the source language.", NO_THRESHOLD),
                    "mono-trg": optional(THRESHOLDS, "Thresholds for the target language.", NO_THRESHOLD),
                }
            ),
            "Filters monolingual text by Monocleaner's fluency score, from 0 to 1.",
            {},
        ),
        "hplt-min-doc-score": optional(
            Section(
                {
                    "mono-src": optional(Number(0, 10), "Lowest score for the source language; no filter when left out.", example="7.0"),
                    "mono-trg": optional(Number(0, 10), "Lowest score for the target language; no filter when left out.", example="9.0"),
                }
            ),
            "Filters documents of HPLT by their score, from 0 to 10.",
            {},
        ),
        "archive-corpora": optional(Boolean(), "Keep the aligned corpora after the artifacts expire.", False),
        "modify-training-text": optional(
            Boolean(),
            "Change some of the training text (case, typing mistakes, punctuation, noise), so that models become robust. "
            "A training of a few minutes learns more without.",
            True,
        ),
    }
)

PARALLEL = DatasetName("parallel training data", ("parallel",))
EVALUATION = DatasetName("evaluation", ("parallel", "evaluation"), augmented=True)
MONO = DatasetName("monolingual text", ("mono",))

DATASETS = Section(
    {
        "train": optional(ListOf(PARALLEL), "Parallel training data.", [], "[opus_ParaCrawl/v9]"),
        "devtest": required(ListOf(EVALUATION, minimum=1), "Validation during training.", "[flores_aug-mix_dev]"),
        "test": required(ListOf(EVALUATION, minimum=1), "The final evaluation.", "[flores_devtest]"),
        "mono-src": optional(
            ListOf(MONO),
            "Text in the source language, for distillation. Without it there is no monolingual distillation.",
            [],
            "[hplt_mono/v2.0]",
        ),
        "mono-trg": optional(
            ListOf(MONO),
            "Text in the target language, for back-translation. Without it there is no back-translation.",
            [],
            "[news-crawl_news.2021]",
        ),
    }
)

MARIAN_OPTIONS = MappingOf(MARIAN_OPTION, MarianValue())
MARIAN_ARGS = Section(
    {
        name: optional(MARIAN_OPTIONS, f"Options for {what}; a true flag has no value.", {}, example)
        for name, what, example in (
            ("training-backward", "training the backwards model", "early-stopping: 5"),
            ("training-teacher", "training the teachers", "early-stopping: 20"),
            ("training-student", "training the student", "early-stopping: 15"),
            ("training-student-finetuned", "fine-tuning the student", "early-stopping: 20"),
            ("decoding-backward", "translating with the backwards model", "mini-batch-words: 2000"),
            ("decoding-teacher", "translating with the teachers", "precision: float16"),
        )
    }
)

MODEL_MODE = OneOf(("use", "init", "continue"))
MODEL_OPTIONS = {
    "mode": required(
        MODEL_MODE, "`use` it without training, `init`ialize the weights with it, or `continue` its training with the whole state.", "use"
    ),
    "type": optional(OneOf(("default", "opusmt")), "The layout of the model's folder.", "default"),
}
CORPUS = Section(
    {
        "src": required(Url(), "Sentences in the source language."),
        "trg": required(Url(), "Sentences in the target language."),
        "alignments": optional(Url(), "Word alignments of the tokenized sentences."),
        "tok-src": optional(Url(), "The source sentences in the tokens that are aligned."),
        "tok-trg": optional(Url(), "The target sentences in the tokens that are aligned."),
    }
)
CONTINUATION = Section(
    {
        "vocab": optional(
            Section(
                {"src": required(Url(), "Vocabulary of the source language."), "trg": required(Url(), "Vocabulary of the target language.")}
            ),
            "Use these vocabularies; both URLs are the same where the languages share one.",
        ),
        "models": optional(
            Section(
                {
                    "backwards": optional(
                        Section({"url": required(Url(), "The folder of the model."), **MODEL_OPTIONS}), "A model from target to source."
                    ),
                    "teacher": optional(
                        Section(
                            {"urls": required(ListOf(Url(), minimum=1), "A folder for each teacher of the ensemble."), **MODEL_OPTIONS}
                        ),
                        "The teachers.",
                    ),
                }
            ),
            "Models of earlier runs.",
            {},
        ),
        "corpora": optional(
            Section(
                {
                    "parallel": optional(CORPUS, "The merged parallel corpus."),
                    "backtranslations": optional(CORPUS, "The back-translated corpus."),
                    "distillation": optional(CORPUS, "The corpus that the student learns from."),
                }
            ),
            "Corpora of earlier runs; the tasks that would make them do not exist then.",
            {},
        ),
    }
)

TASKCLUSTER = Section(
    {
        "split-chunks": required(Integer(), "Into how many chunks a corpus is split to be translated.", "20"),
        "worker-classes": required(
            MappingOf(KIND, OneOf(WORKER_CLASSES), required=("default",)),
            "Where the tasks of a kind run, and of all other kinds by `default`.",
            "default: gcp-spot",
        ),
        "upload-bucket": optional(OneOf(("development", "production")), "Where finished models are uploaded; nowhere when left out."),
    }
)

TRAINING_CONFIG = Section(
    {
        "experiment": required(EXPERIMENT, "One training run."),
        "datasets": required(DATASETS, "Datasets by purpose, each as `PROVIDER_NAME`."),
        "marian-args": optional(MARIAN_ARGS, "Options that are passed to Marian as `--option value`.", {}),
        "continuation": optional(CONTINUATION, "What is taken from earlier runs.", {}),
        "taskcluster": required(TASKCLUSTER, "How the tasks are split and placed."),
        "target-stage": required(OneOf(STAGES, "stages"), "Run everything up to this stage; `all-pipeline` is everything.", "all-pipeline"),
        "previous-group-ids": optional(ListOf(TASK_ID), "Reuse finished tasks of these task groups; later groups win.", []),
        "start-task-prefix": optional(
            OneOf(STAGES, "stages", empty=True),
            "With `previous-group-ids`: tasks of this stage, and all that depends on them, run again.",
            "",
        ),
        "existing_tasks": optional(MappingOf(LABEL, TASK_ID), "Finished tasks that replace tasks of this run: label to task id.", {}),
        "wandb-publication": optional(Boolean(), "Publish training metrics to Weights & Biases; local runs never do.", False),
    }
)


def json_schema() -> JsonSchema:
    """The format as JSON schema (draft 7), for forms; what has to fit together (see rules) is not in it."""
    return {"$schema": "http://json-schema.org/draft-07/schema#", "title": "Training config", **TRAINING_CONFIG.json_schema()}
