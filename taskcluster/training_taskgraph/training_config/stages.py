"""The kinds of the task graph and the stages that a config can name, in the order in which they run."""

KINDS = (
    "docker-image",
    "test",
    "dataset",
    "continuation-corpus",
    "continuation-model",
    "continuation-vocab",
    "corpus-analyze-parallel",
    "corpus-analyze-mono",
    "corpus-clean-parallel",
    "corpus-clean-mono",
    "corpus-clean-mono-monocleaner",
    "corpus-clean-parallel-fetch-bicleaner-model",
    "corpus-clean-parallel-bicleaner-ai",
    "corpus-merge-parallel",
    "corpus-merge-mono",
    "corpus-merge-devset",
    "build-vocab",
    "backtranslations-train-backwards-model",
    "backtranslations-mono-trg-chunk",
    "backtranslations-mono-trg-translate",
    "backtranslations-mono-trg-dechunk-translations",
    "corpus-align-parallel",
    "corpus-align-backtranslations",
    "train-teacher-model",
    "distillation-parallel-src-chunk",
    "distillation-parallel-src-translate",
    "distillation-parallel-src-extract-best",
    "distillation-parallel-src-dechunk-translations",
    "distillation-parallel-src-translations-score",
    "distillation-mono-src-chunk",
    "distillation-mono-src-translate",
    "distillation-mono-src-dechunk-translations",
    "corpus-merge-distillation",
    "distillation-corpus-final-filtering",
    "corpus-align-distillation",
    "distillation-corpus-build-shortlist",
    "distillation-student-model-train",
    "distillation-student-model-finetune",
    "distillation-student-model-quantize",
    "evaluate",
    "evaluate-backwards",
    "evaluate-teacher-ensemble",
    "evaluate-quantized",
    "export",
    "report",
    "all-pipeline",
    "upload",
    "upload-corpora",
)

# Kinds whose tasks belong to several stages, or to that of another kind.
STAGES_OF_KIND = {
    "evaluate": ("evaluate-teacher", "evaluate-student", "evaluate-finetuned-student"),
    "upload-corpora": ("upload",),
}

# Kinds that serve the repository itself and are no stage of a training run.
_NO_STAGE = {"docker-image", "test"}

STAGES = tuple(dict.fromkeys(stage for kind in KINDS if kind not in _NO_STAGE for stage in STAGES_OF_KIND.get(kind, (kind,))))

RENAMED_KINDS = {
    "alignments-original": "corpus-align-parallel",
    "alignments-backtranslated": "corpus-align-backtranslations",
    "alignments-student": "corpus-align-distillation",
    "shortlist": "distillation-corpus-build-shortlist",
    "train-student": "distillation-student-model-train",
    "train-teacher": "train-teacher-model",
    "train-vocab": "build-vocab",
    "merge-corpus": "corpus-merge-parallel",
    "merge-translated": "corpus-merge-distillation",
    "merge-devset": "corpus-merge-devset",
}
