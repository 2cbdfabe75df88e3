"""Every script that reads files line by line side by side: where one has a line less, or one more, it stops and says which.

A row is a script's command line, run in a folder with its input in in/. The files that belong together are listed with it; each of them in
turn is made shorter, and longer, by one line.
"""

import importlib
import re
from argparse import Action, ArgumentParser
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from pipeline.common.lines import read_lines, write_lines
from pipeline.common.script import StepError
from tests.pipeline.toy_language import toy_sentences

ROOT = Path(__file__).resolve().parents[2]

PAIRS = toy_sentences(6)
# What a file has, by the last part of its name before the compression's.
LINES = {
    "en": [source for source, _ in PAIRS],
    "it": [target for _, target in PAIRS],
    "aln": [" ".join(f"{word}-{word}" for word in range(len(source.split()))) for source, _ in PAIRS],
    "scores": [f"-{number}.5" for number in range(6)],
    "nbest": [f"{number} ||| {target} ||| F0= -1 ||| -1" for number, (_, target) in enumerate(PAIRS)],
}
SIDES = "corpus.en corpus.it"
DEVSET = "devset.en devset.it"
TEST_SET = "test.en test.it"
BACKTRANSLATIONS = "back.en back.it"

LANGUAGES = "--src en --trg it"
CORPUS = "--corpus in/corpus.en.zst in/corpus.it.zst"
URLS = "--src-url file://HERE/in/corpus.en.zst --trg-url file://HERE/in/corpus.it.zst"
VOCAB = "--vocab vocab.en.spm vocab.it.spm"
OUTPUT = "--output out/corpus.en.zst out/corpus.it.zst"
WORK = "--work-dir work"
BACK = "--backtranslations in/back.en.zst in/back.it.zst"
MERGING = f"--corpora in/corpora --held-out in/held-out {OUTPUT} {WORK} {LANGUAGES}"
MERGED = "corpora/a.en corpora/a.it corpora/b.en corpora/b.it held-out/c.en held-out/c.it"
TRAINING = (
    "--architecture tiny --best-metric chrf --devset in/devset.en.zst in/devset.it.zst --output-dir out "
    f"{CORPUS} {VOCAB} {WORK} {LANGUAGES}"
)
EVALUATION = (
    f"--test-set in/test.en.zst in/test.it.zst --dataset toy {LANGUAGES} --output-metrics out/m.json --output-translations out/t.zst"
)


@dataclass(frozen=True)
class Row:
    """`files`, below in/ and without their .zst, have a line for each line of the others."""

    script: str
    files: str
    arguments: str


ROWS = [
    Row("align.align", SIDES, f"{CORPUS} {LANGUAGES} {WORK} --output out/corpus.aln.zst --output-priors out/priors.zst"),
    Row("align.shortlist", f"{SIDES} corpus.aln", f"{CORPUS} --alignments in/corpus.aln.zst {LANGUAGES} {VOCAB} --output out/lex.zst"),
    Row("analyze.analyze", SIDES, f"{CORPUS} --languages en it --dataset toy --output out/analysis.json"),
    Row(
        "clean.bicleaner_ai",
        SIDES,
        f"{CORPUS} {LANGUAGES} --model model --threshold 0.5 {WORK} {OUTPUT} --output-scores out/scores.zst",
    ),
    Row("clean.clean_parallel", SIDES, f"{CORPUS} {LANGUAGES} {OUTPUT} {WORK}"),
    Row(
        "continuation.corpus",
        SIDES,
        f"{URLS} {LANGUAGES} {OUTPUT} {WORK}",
    ),
    Row(
        "continuation.corpus",
        f"{SIDES} tok.en tok.it corpus.aln",
        f"{URLS} --alignments-url file://HERE/in/corpus.aln.zst "
        "--tok-src-url file://HERE/in/tok.en.zst --tok-trg-url file://HERE/in/tok.it.zst --output-alignments out/corpus.aln.zst "
        f"{LANGUAGES} {OUTPUT} {WORK}",
    ),
    Row("data.download", SIDES, f"--dataset url_file://HERE/in/corpus.[LANG].zst {LANGUAGES} {OUTPUT} {WORK}"),
    Row("data.download", SIDES, f"--dataset url_file://HERE/in/corpus.[LANG].zst {LANGUAGES} {OUTPUT} {WORK} --max-sentences 3"),
    Row("distillation.extract_best", "n.nbest corpus.it", "--n-best in/n.nbest.zst --reference in/corpus.it.zst --output out/best.zst"),
    Row("distillation.filter", f"{SIDES} corpus.scores", f"{CORPUS} --scores in/corpus.scores.zst --remove 0.2 {OUTPUT}"),
    Row(
        "distillation.merge",
        f"{SIDES} mono.en mono.it",
        f"--parallel in/corpus.en.zst in/corpus.it.zst --mono in/mono.en.zst in/mono.it.zst {OUTPUT} {WORK}",
    ),
    Row("distillation.score", SIDES, f"{CORPUS} --model model {VOCAB} --output out/scores.zst {WORK}"),
    Row("evaluate.evaluate", TEST_SET, f"--models model {VOCAB} --model-name student {EVALUATION} {WORK}"),
    Row("evaluate.evaluate_quantized", TEST_SET, f"--model-dir exported {EVALUATION}"),
    Row("merge.merge_devset", MERGED, MERGING),
    Row("merge.merge_parallel", MERGED, MERGING),
    Row(
        "train.train",
        f"{SIDES} {DEVSET} {BACKTRANSLATIONS}",
        f"{TRAINING} --curriculum teacher-one-stage {BACK}",
    ),
    Row(
        "train.train",
        f"{SIDES} corpus.aln {DEVSET} {BACKTRANSLATIONS} back.aln",
        f"{TRAINING} --curriculum teacher-two-stage --modify {BACK} --alignments in/corpus.aln.zst "
        "--backtranslations-alignments in/back.aln.zst",
    ),
    Row("train.train", f"{SIDES} corpus.aln {DEVSET}", f"{TRAINING} --curriculum student --alignments in/corpus.aln.zst"),
    Row("translate.chunk", SIDES, f"{CORPUS} --languages en it --chunks 3 --output-dir out"),
    Row(
        "translate.dechunk",
        "corpus.en a.1.it a.2.it",
        "--corpus in/corpus.en.zst --chunks in/a.1.it.zst in/a.2.it.zst --output out/t.it.zst --output-corpus out/t.en.zst",
    ),
    Row(
        "translate.dechunk",
        "corpus.en a.1.it a.2.it a.1.en a.2.en",
        "--corpus in/corpus.en.zst --chunks in/a.1.it.zst in/a.2.it.zst --source-chunks in/a.1.en.zst in/a.2.en.zst --output out/t.it.zst",
    ),
    Row("vocab.build_vocab", SIDES, f"{CORPUS} {LANGUAGES} --sample-size 100 --output out/en.spm out/it.spm {WORK}"),
]

NOTHING_PARALLEL = {
    "clean.clean_mono": "one file",
    "clean.fetch_bicleaner_model": "reads no text",
    "clean.monocleaner": "one file",
    "continuation.model": "reads models and vocabularies",
    "continuation.vocab": "reads vocabularies",
    "data.find_corpus": "reads no text",
    "export.export": "reads a model, a shortlist and vocabularies",
    "merge.merge_mono": "one language: of held-out sets the other side is not read, and need not be there",
    "quantize.quantize": "reads a model",
    "report.summary": "reads JSON",
    "translate.translate": "one file; that each line has its translation is for Marian's output, tests/pipeline/translate",
    "upload.upload": "takes files as they are",
}

# Options of the scripts above for files that have no line for each line of the others.
OTHER_FILES = {
    "--model": "a model",
    "--models": "models",
    "--model-dir": "a model",
    "--pretrained": "a model",
    "--pretrained-state": "the state of a model's training",
    "--vocab": "pieces",
    "--priors": "counts of words",
    "--checkpoint-dir": "what the script makes itself",
    "--work-dir": "what the script makes itself",
    "--statistics": "output",
}


def scripts() -> list[str]:
    """All step scripts, as package.module below pipeline."""
    files = [path for path in sorted((ROOT / "pipeline").rglob("*.py")) if "\n    run(main)\n" in path.read_text(encoding="utf-8")]
    return [".".join(path.relative_to(ROOT / "pipeline").with_suffix("").parts) for path in files]


@cache
def script(name: str) -> ModuleType:
    return importlib.import_module(f"pipeline.{name}")


def cases() -> list[object]:
    return [
        pytest.param(row, file, change, id=f"{row.script}-{number}-{file}-{change}")
        for number, row in enumerate(ROWS)
        for file in row.files.split()
        for change in ("shorter", "longer")
    ]


@pytest.fixture
def folder(tmp_path: Path, vocab: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: vocabularies, what only has to be there, and no tool that would be asked before the lines are counted."""
    for language, path in zip(("en", "it"), vocab, strict=True):
        (tmp_path / f"vocab.{language}.spm").symlink_to(path)
    (tmp_path / "model").touch()
    (tmp_path / "exported").mkdir()
    (tmp_path / "exported" / "model.enit.intgemm8.bin.gz").touch()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "bicleaner-ai-classify").touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    monkeypatch.setenv("THREADS", "1")
    monkeypatch.setenv("COMET_MODEL_DIR", str(tmp_path / "bin"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_input(folder: Path, files: list[str]) -> None:
    for file in files:
        parts = Path(file).name.split(".")
        lines = LINES[parts[-1]]
        # Two chunks have three lines each.
        share = {"1": lines[:3], "2": lines[3:]}.get(parts[-2], lines)
        write_lines(folder / "in" / f"{file}.zst", share)


def change_length(path: Path, change: str) -> None:
    lines = list(read_lines(path))
    # In an n-best list the line that is added is of the next sentence.
    write_lines(path, lines[:-1] if change == "shorter" else [*lines, lines[-1].replace("5 |||", "6 |||", 1)])


@pytest.mark.parametrize(("row", "file", "change"), cases())
def test_a_file_that_is_a_line_shorter_or_longer(folder: Path, row: Row, file: str, change: str) -> None:
    write_input(folder, row.files.split())
    change_length(folder / "in" / f"{file}.zst", change)
    with pytest.raises(StepError) as error:
        script(row.script).main([*row.arguments.replace("HERE", str(folder)).split(), "--statistics", "out/statistics.json"])
    # Not as a part of another name, such as that of a folder for the work on it.
    assert re.search(rf"(?<!\.){re.escape(Path(file).name)}\.zst\b(?!\.)", str(error.value))
    assert "\n" not in str(error.value)
    assert not [path for path in folder.glob("out/**/*") if path.is_file()]


def test_every_script_is_here() -> None:
    assert sorted({row.script for row in ROWS} | set(NOTHING_PARALLEL)) == scripts()
    assert not {row.script for row in ROWS} & set(NOTHING_PARALLEL)


def is_path(option: Action) -> bool:
    return option.type is Path and not option.option_strings[0].startswith("--output")


@pytest.mark.parametrize("name", sorted({row.script for row in ROWS}))
def test_every_option_for_files_is_here(name: str) -> None:
    parser: ArgumentParser = script(name).parser()
    given = {word for row in ROWS if row.script == name for word in row.arguments.split() if word.startswith("--")}
    missing = {option.option_strings[0] for option in parser._actions if is_path(option)} - given - set(OTHER_FILES)
    assert not missing
