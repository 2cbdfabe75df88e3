"""Filter files in the graph: in the commands of the tasks that clean, as they are, and from there in what is cleaned."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from training_taskgraph.local_graph import ROOT, generate
from training_taskgraph.training_config import filter_files
from training_taskgraph.validate import refused_arguments

from pipeline.common.lines import read_lines, write_lines

from .every_stage import every_stage

CLEAN_BOOKS = "corpus-clean-parallel-opus-Books_v1-en-it"
CUSTOM = {"experiment": {"opuscleaner-mode": "custom"}}
# What the first filter of the file makes of lines that only have a number.
HOSTILE = ["it's", 'a "word"', "$(touch x) `id` $UPLOAD_DIR", "{src} {inputs} {{ }} <src>", "a \\ b", "è \U0001f600"]
NUMBERS = [f"<{number}>" for number in range(len(HOSTILE))]
SUBSTITUTIONS = [[number, text.replace("\\", "\\\\"), 0, ""] for number, text in zip(NUMBERS, HOSTILE, strict=True)]
TOO_LONG = "one two three four five six seven eight nine ten"
OPUSCLEANERS = {
    "version": 1,
    "files": [],
    "filters": [
        {"filter": "opus.RegExpSub", "parameters": {"patterns": SUBSTITUTIONS}, "language": "en"},
        {"filter": "max_length", "parameters": {"MAXLENGTH": 9, "MINLENGTH": 1}, "language": None},
    ],
    "_comment": "a\nb\t\u2028 \x00MOZ_FETCHES_DIR\x00",
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    folder = tmp_path / "configs/filters"
    for name, content in {"en-it/opus-Books_v1.filters.json": OPUSCLEANERS, "en/default.yml": {"too-long": {"max_words": 3}}}.items():
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text(json.dumps(content))
    monkeypatch.setattr(filter_files, "FOLDER", folder)
    return folder


def command(graph, label: str) -> str:
    return graph.tasks[label].task["payload"]["command"][-1]


def with_filters(graph) -> set[str]:
    return {label for label, task in graph.tasks.items() if "script" in task.attributes and " --filters " in command(graph, label)}


def test_tasks_have_the_filters_of_their_datasets_and_no_path_of_a_file(folder):
    graph = generate(every_stage(CUSTOM))
    assert with_filters(graph) == {
        CLEAN_BOOKS,
        "corpus-clean-mono-news-crawl-news.2021-en",
        "corpus-clean-mono-hplt-mono_v2.0-en",
    }
    assert [message for label in with_filters(graph) for message in refused_arguments(graph.tasks[label])] == []
    text = json.dumps(graph.to_json())
    assert str(folder) not in text
    assert text == json.dumps(generate(every_stage(CUSTOM)).to_json())


def test_with_the_defaults_no_task_has_any(folder):
    (folder / "en/default.yml").write_text("wrong")
    assert with_filters(generate(every_stage())) == set()


def test_cleaning_tasks_keep_their_parts_where_the_next_attempt_finds_them():
    graph = generate(every_stage())
    cleaning = [label for label, task in graph.tasks.items() if task.kind in ("corpus-clean-parallel", "corpus-clean-mono")]
    assert len(cleaning) == 6
    assert all('--work-dir "$WORK_DIR"' in command(graph, label) for label in cleaning)


def test_a_shell_gives_the_script_what_the_file_says(folder):
    line = command(generate(every_stage(CUSTOM)), CLEAN_BOOKS).replace("python3 -m", "printf '%s\\0'", 1)
    words = subprocess.run(["bash", "-c", line], check=True, capture_output=True, text=True).stdout.split("\0")
    filters = words[words.index("--filters") + 1]
    assert "\n" not in filters
    assert json.loads(filters) == OPUSCLEANERS


def test_what_the_file_says_is_what_is_done(folder, tmp_path):
    """The task's command on a corpus."""
    folders = {name: tmp_path / name for name in ("MOZ_FETCHES_DIR", "UPLOAD_DIR", "WORK_DIR")}
    for path in folders.values():
        path.mkdir()
    for language in ("en", "it"):
        write_lines(folders["MOZ_FETCHES_DIR"] / f"opus-Books_v1.{language}.zst", [*NUMBERS, TOO_LONG])
    line = command(generate(every_stage(CUSTOM)), CLEAN_BOOKS)
    environment = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    environment |= {name: str(path) for name, path in folders.items()}
    subprocess.run(["bash", "-c", line], cwd=tmp_path, env=environment, check=True)
    statistics = json.loads((folders["UPLOAD_DIR"] / "statistics.json").read_text())
    assert statistics["dropped"] == {"max_length": 1}
    assert statistics["filters"][:2] == OPUSCLEANERS["filters"]
    assert list(read_lines(folders["UPLOAD_DIR"] / "opus-Books_v1.en.zst")) == HOSTILE
    assert list(read_lines(folders["UPLOAD_DIR"] / "opus-Books_v1.it.zst")) == NUMBERS
    assert not (tmp_path / "x").exists()
