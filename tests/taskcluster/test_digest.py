import pytest
from training_taskgraph.digest import UnreadableDependencyError, reached_files, script_files, script_hash


@pytest.fixture
def tree(tmp_path):
    files = {
        "pipeline/__init__.py": "",
        "pipeline/train/__init__.py": "",
        "pipeline/train/train.py": "import os\nfrom pipeline.common.lines import read\nfrom pipeline.train import feed\n",
        "pipeline/train/choose.py": "def f(name):\n    return data_choice('train/shapes', name)\n",
        "pipeline/train/pick.py": "import pipeline.train.makers\ndef f(name):\n    module_choice('train/makers', name)\n",
        "pipeline/train/makers/__init__.py": "",
        "pipeline/train/makers/file.py": "from pipeline.common.lines import read\n",
        "pipeline/train/makers/two_words.py": "from pipeline.train.pick import f\nfrom pipeline.common import other\n",
        "pipeline/train/feed.py": "def f():\n    from pipeline.common.data_files import data_file\n    return data_file('train/shapes')\n",
        "pipeline/train/unused.py": "",
        "pipeline/train/shapes/tiny.yml": "a: 1",
        "pipeline/train/shapes/base.yml": "a: 2",
        "pipeline/train/shapes/node_modules/x.js": "",
        "pipeline/common/__init__.py": "",
        "pipeline/common/lines.py": "import pipeline.common.script\n",
        "pipeline/common/script.py": "",
        "pipeline/common/data_files.py": "",
        "pipeline/common/other.py": "",
    }
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return tmp_path


def reached(tree):
    return {str(path.relative_to(tree / "pipeline")) for path in reached_files(tree / "pipeline/train/train.py", tree)}


def test_imports_and_data_files_are_followed_and_nothing_else(tree):
    assert reached(tree) == {
        "__init__.py",
        "train/__init__.py",
        "train/train.py",
        "train/feed.py",
        "train/shapes/base.yml",
        "train/shapes/tiny.yml",
        "common/__init__.py",
        "common/lines.py",
        "common/script.py",
        "common/data_files.py",
    }


@pytest.mark.parametrize(
    ("changed", "matters"),
    [
        ("train/train.py", True),
        ("common/script.py", True),
        ("train/shapes/tiny.yml", True),
        ("common/other.py", False),
        ("train/unused.py", False),
    ],
)
def test_the_hash_changes_with_what_is_reached(tree, changed, matters):
    from training_taskgraph import digest

    before = script_hash("pipeline/train/train.py", root=tree)
    path = tree / "pipeline" / changed
    path.write_text(path.read_text() + "\n# changed\n")
    digest.paths_hash.cache_clear()
    digest.reached_files.cache_clear()
    digest.references.cache_clear()
    assert (script_hash("pipeline/train/train.py", root=tree) != before) is matters


@pytest.mark.parametrize(("changed", "matters"), [("tiny", True), ("base", False)])
def test_of_files_to_choose_from_the_command_names_the_one_that_matters(tree, changed, matters):
    from training_taskgraph import digest

    words = ["python3", "--shape", "tiny"]
    before = script_hash("pipeline/train/choose.py", words, tree)
    (tree / f"pipeline/train/shapes/{changed}.yml").write_text("a: 3")
    digest.paths_hash.cache_clear()
    assert (script_hash("pipeline/train/choose.py", words, tree) != before) is matters


def test_a_command_that_chooses_none_of_the_files_is_an_error(tree):
    with pytest.raises(UnreadableDependencyError, match="no word of its command names one"):
        script_hash("pipeline/train/choose.py", ["python3", "--shape", "huge"], tree)


@pytest.mark.parametrize(
    ("word", "chosen"),
    [
        ("file_name", {"train/makers/file.py", "common/lines.py", "common/script.py"}),
        ("file", {"train/makers/file.py", "common/lines.py", "common/script.py"}),
        ("two-words_a.b_c", {"train/makers/two_words.py", "common/other.py"}),
        ("nobody_name", set()),
        ("__init__", set()),
    ],
)
def test_of_modules_to_choose_from_a_word_names_the_one_that_is_followed(tree, word, chosen):
    files = script_files("pipeline/train/pick.py", ["python3", "--dataset", word], tree)
    always = {"__init__.py", "train/__init__.py", "train/makers/__init__.py", "train/pick.py"}
    packages = {"common/__init__.py"} if chosen else set()
    assert {str(path.relative_to(tree / "pipeline")) for path in files} == always | packages | chosen


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("data_file(name)", "needs a literal name"),
        ("data_file('train/nowhere')", "there is no such file"),
        ("from . import feed", "a relative import"),
    ],
)
def test_what_the_hash_could_not_see_is_an_error(tree, line, message):
    script = tree / "pipeline/train/odd.py"
    script.write_text(line)
    with pytest.raises(UnreadableDependencyError, match=message):
        reached_files(script, tree)
