import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.clean.opuscleaner.filter_file import read_filters
from pipeline.clean.opuscleaner.filters import Filter, Row, RowFilter
from pipeline.clean.opuscleaner.table import FILTERS, REFUSED
from pipeline.common.languages import parse_language
from pipeline.common.script import StepError

EMPTY_LINES = {"filter": "remove_empty_lines", "parameters": {}, "language": None}


def entry(name: str, language: str | None = None, **parameters: object) -> dict[str, object]:
    return {"filter": name, "parameters": parameters, "language": language}


def read(folder: Path, languages: str, *entries: object, **others: object) -> list[Filter]:
    """The filters of a file with these entries; `others` are further keys of it, or other values of the usual."""
    path = folder / "corpus.filters.json"
    path.write_text(json.dumps({"version": 1, "files": [], "filters": entries, **others}), encoding="utf-8")
    return read_filters(path, [parse_language(tag) for tag in languages.split()])


def apply(steps: list[Filter], row: Row) -> Row | None:
    left: Row | None = row
    for step in steps:
        assert isinstance(step, RowFilter)
        left = None if left is None else step.apply(left)
    return left


def test_a_file_as_opuscleaner_writes_it(tmp_path: Path):
    steps = read(
        tmp_path,
        "en it",
        EMPTY_LINES,
        {**entry("normalize_whitespace", "it", COLLAPSE=True), "_comment": "only the target"},
        entry("max_length", MAXLENGTH="3", MINLENGTH=1),
        files=["corpus.en.gz", "corpus.it.gz"],
    )
    assert [step.name for step in steps] == ["remove_empty_lines", "normalize_whitespace", "max_length"]
    assert apply(steps, ("a  b", " c  d ")) == ("a  b", "c d")


def test_parameters_that_are_left_out_or_null_have_their_defaults(tmp_path: Path):
    steps = read(tmp_path, "en it", {"filter": "max_length"}, entry("max_length", MAXLENGTH=None))
    assert apply(steps, ("w " * 150, "x")) is not None
    assert apply(steps, ("w " * 151, "x")) is None


def test_a_file_for_any_pair_names_its_columns_by_placeholders(tmp_path: Path):
    steps = read(
        tmp_path,
        "en ru",
        entry("normalize_whitespace", "<src>,<trg>"),
        entry("sed", "<trg>", PATTERN="\u0430", REPLACEMENT="\u043e"),
        entry("alpha_ratio", LANG1="<src>", LANG2="<trg>"),
    )
    assert [step.name for step in steps] == ["normalize_whitespace"] * 2 + ["sed", "alpha_ratio"]
    assert apply(steps, (" a  word", "слава  ")) == ("a word", "слово")
    assert apply(steps, ("слово", "a word")) is None


def test_older_files_have_substitutions_for_all_columns(tmp_path: Path):
    steps = read(tmp_path, "en it", entry("opus.RegExpSub", patterns=[["a", "b", 0, ""]]))
    assert apply(steps, ("a", "aa")) == ("b", "bb")


def test_in_monolingual_text_a_filter_of_a_column_needs_no_language(tmp_path: Path):
    assert apply(read(tmp_path, "en", entry("normalize_whitespace"), entry("fasttext_filter")), (" It is a test. ",)) == ("It is a test.",)


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        *[("en", code) for code in ("en", "eng", "en_US", "en-GB", "eng_Latn", "EN")],
        *[("zh", code) for code in ("zh", "zho", "cmn", "zh_Hant", "zh-CN")],
        *[("zh-Hant", code) for code in ("zh", "zh_Hant", "cmn")],
        *[("sr", code) for code in ("sr", "srp", "sr_Latn", "hbs")],
        *[("ar", "arb"), ("fa", "pes"), ("ms", "zsm"), ("lv", "lvs"), ("az", "azj"), ("nb", "no"), ("no", "nb")],
        *[("fil", "tl"), ("gsw", "als"), ("sq", "als"), ("be", "be_TARASK"), ("de", "de_CH"), ("pt-BR", "pt")],
    ],
)
def test_codes_that_name_a_column(tmp_path: Path, tag: str, code: str):
    steps = read(tmp_path, f"ja {tag}", entry("sed", code, PATTERN="a", REPLACEMENT="b"), entry("split_sentences", LANG1="ja", LANG2=code))
    assert apply(steps[:1], ("a", "a")) == ("a", "b")


@pytest.mark.parametrize(("tag", "code"), [("en", "enm"), ("zh-Hant", "zh_Hans"), ("sr-Latn", "sr_Cyrl"), ("en", "english"), ("no", "nn")])
def test_codes_that_do_not(tmp_path: Path, tag: str, code: str):
    with pytest.raises(StepError, match=r"language: .* is the language of no column; the columns are ja, "):
        read(tmp_path, f"ja {tag}", entry("sed", code, PATTERN="a"))


ORDERED = entry("opus.RegExpFilter", regexps=["x", ""], accept_match=True)  # the file's first column has an x


@pytest.mark.parametrize(
    ("entries", "files"),
    [
        ([ORDERED], ["Corpus-v1.en-it.en.gz", "Corpus-v1.en-it.it.gz"]),
        ([ORDERED], ["corpus.eng", "corpus.ita"]),
        ([ORDERED, entry("fasttext_filter", LANG1="en", LANG2="it")], []),
        ([ORDERED, entry("langid", SRC_LANG="en", TRG_LANG="it")], ["<dataset>.<src>.gz", "<dataset>.<trg>.gz"]),
        ([ORDERED, entry("sed", "en", PATTERN="a")], ["corpus.en.gz", "corpus.it.gz"]),
    ],
)
def test_the_columns_of_the_file_may_be_in_the_other_order(tmp_path: Path, entries: list, files: list[str]):
    for languages, with_x, without_x in (("en it", ("x", ""), ("", "x")), ("it en", ("", "x"), ("x", ""))):
        first = read(tmp_path, languages, *entries, files=files)[:1]
        assert apply(first, with_x) == with_x
        assert apply(first, without_x) is None


def test_columns_in_the_other_order_are_changed_in_place(tmp_path: Path):
    steps = read(tmp_path, "it en", entry("fix_sent_final_punct"), entry("normalize_whitespace", "it"), files=["c.en.gz", "c.it.gz"])
    assert apply(steps, (" La fine!", "The end.")) == ("La fine.", "The end.")


def test_sentences_of_columns_in_the_other_order(tmp_path: Path):
    (step,) = read(tmp_path, "it en", entry("split_sentences", LANG1="en", LANG2="it"))
    assert not isinstance(step, RowFilter)
    assert step.apply_all([("Uno. Due.", "One. Two.")]) == [[("Uno.", "One."), ("Due.", "Two.")]]


@pytest.mark.parametrize("placed", ["{folder}/configs/remove_frequent_patterns.txt", "{folder}/remove_frequent_patterns.txt"])
def test_a_file_of_patterns_beside_the_filter_file(tmp_path: Path, placed: str):
    patterns = Path(placed.format(folder=tmp_path))
    patterns.parent.mkdir(exist_ok=True)
    patterns.write_text("# drops a name\n\n \\(Name\\)\t\n^\\w+\\t-\t^\t- \n", encoding="utf-8")
    steps = read(tmp_path, "en it", entry("remove_frequent_patterns", PATTERN_FILE="configs/remove_frequent_patterns.txt"))
    assert apply(steps, ("a (Name)", "b")) == ("a", "b")
    assert apply(steps, ("one", "-uno")) == ("- one", "- -uno")
    patterns.write_text("one\ttwo\tthree\tfour\n", encoding="utf-8")
    with pytest.raises(StepError, match=r"remove_frequent_patterns.txt, line 1: has 4 columns, must have 2"):
        read(tmp_path, "en it", entry("remove_frequent_patterns", PATTERN_FILE="configs/remove_frequent_patterns.txt"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is no JSON: Expecting property name"),
        ("[]", "must be an object with the keys"),
        ('{"filters": []}', "version: is None; known is 1"),
        ('{"version": 2, "filters": []}', "version: is 2; known is 1"),
        ('{"version": 1}', "filters: must be a list"),
        ('{"version": 1, "filter": []}', "there is no key 'filter'; did you mean filters?"),
        ('{"version": 1, "filters": ["max_length"]}', r"filters[0]: must be an object"),
        ('{"version": 1, "filters": [{"filter": 3}]}', r"filters[0]: must be an object"),
    ],
)
def test_what_is_no_filter_file(tmp_path: Path, content: str, message: str):
    path = tmp_path / "Corpus-v1.en-it.filters.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(StepError) as raised:
        read_filters(path, [parse_language("en")])
    assert str(raised.value).startswith(f"{path}: ")
    assert message in str(raised.value)


def test_a_file_that_is_not_there_or_not_in_utf_8(tmp_path: Path):
    with pytest.raises(StepError, match=r"missing.filters.json: cannot be read: No such file"):
        read_filters(tmp_path / "missing.filters.json", [parse_language("en")])
    (tmp_path / "latin.filters.json").write_bytes(b'{"version": 1, "filters": [], "_": "\xe9"}')
    with pytest.raises(StepError, match=r"latin.filters.json: is no JSON"):
        read_filters(tmp_path / "latin.filters.json", [parse_language("en")])


WRONG: list[tuple[str, Any, str]] = [
    ("en it", entry("max_lenght"), "filters[1]: there is no filter 'max_lenght'; did you mean max_length?"),
    ("en it", entry("AlphabetRatioFilter"), "did you mean opus.AlphabetRatioFilter?"),
    ("en it", {**EMPTY_LINES, "enabled": False}, "filters[1] (remove_empty_lines): there is no key 'enabled'"),
    (
        "en it",
        entry("max_length", MAXLENGHT=3),
        "filters[1] (max_length): parameters: there is no key 'MAXLENGHT'; did you mean MAXLENGTH?",
    ),
    ("en it", {"filter": "max_length", "parameters": [3]}, "parameters: must be an object"),
    ("en it", entry("max_length", MAXLENGTH="many"), "parameters.MAXLENGTH: 'many' is not right: a whole number at least 0"),
    ("en it", entry("max_length", MAXLENGTH=1.5), "parameters.MAXLENGTH: 1.5 is not right: a whole number"),
    ("en it", entry("max_length", MAXLENGTH=True), "parameters.MAXLENGTH: True is not right"),
    ("en it", entry("max_length", MAXLENGTH=float("nan")), "parameters.MAXLENGTH: nan is not right"),
    ("en it", entry("max_length", MAXLENGTH=float("inf")), "parameters.MAXLENGTH: inf is not right"),
    ("en it", entry("max_length", MINLENGTH=-1), "parameters.MINLENGTH: -1 is out of range: a whole number at least 0"),
    ("en it", entry("max_length", MINLENGTH=9, MAXLENGTH=3), "filters[1] (max_length): the lowest length, 9, is over the highest, 3"),
    ("en it", entry("src_trg_ratio", RATIO=1.5), "parameters.RATIO: 1.5 is out of range: a number at least 0 at most 1"),
    ("en it", entry("src_trg_ratio", LOG="often"), "parameters.LOG: 'often' is not right: true or false"),
    ("en it", entry("opus.LengthFilter", unit="line"), "parameters.unit: 'line' is not right: one of word, character, char"),
    ("en it", entry("opus.CharacterScoreFilter", scripts=["Latin"]), "parameters.scripts: ['Latin'] is not right: a list of 2 values"),
    ("en it", entry("opus.CharacterScoreFilter", scripts=["Latin", "Elvish"]), "Unicode has no script 'Elvish'"),
    ("en it", entry("opus.RegExpFilter", regexps=["(", ""]), "parameters.regexps: '(' is no regular expression"),
    ("en it", entry("opus.RegExpSub", patterns=[["(a", "b"]]), "'(a' is no regular expression"),
    ("en it", entry("opus.RegExpSub", patterns=[["a", r"\2"]]), r"'\\2' is no replacement for 'a'"),
    ("en it", entry("opus.RegExpSub", patterns=[["a", r"\n"]]), "the replacement has a line break"),
    ("en it", entry("opus.RegExpSub", patterns=[["a", "b", 0, "IQ"]]), "there is no flag 'Q'"),
    ("en it", entry("opus.RegExpSub", patterns="a"), "parameters.patterns: 'a' is not right: a list of lists"),
    ("en it", entry("opus.Tokenizer", tokenizer=["mecab", "moses"]), "parameters.tokenizer: mecab is not part of this project"),
    ("en it", entry("sed", "fr", PATTERN="a"), "filters[1] (sed): language: 'fr' is the language of no column; the columns are en, it"),
    ("en it", entry("sed", PATTERN="a"), "language: is None; must be that of the column to look at, one of en, it"),
    ("en it", entry("sed", "en"), "parameters.PATTERN: is empty"),
    ("en it", entry("regexp", "en"), "parameters.PATTERN: it has no value, and no default"),
    ("en it", entry("url_mismatch", "en"), "language: must be null: the filter looks at whole rows"),
    ("en", entry("url_mismatch"), "compares the sides of a pair, and this dataset has only en: take it out"),
    ("en", entry("alpha_ratio", LANG2="it"), "parameters.LANG2: 'it' would be the language of column 2; this dataset has 1"),
    ("en it", entry("alpha_ratio", LANG1="fr"), "parameters.LANG1: 'fr' is not the language of column 1, which is en"),
    ("en it", entry("alpha_ratio", LANG1="it"), "parameters.LANG1: 'it' is not the language of column 1, which is en; the columns are"),
    ("en it", entry("fasttext_filter", LANG1=3), "parameters.LANG1: 3 is not right: a language code"),
    ("en it", entry("remove_frequent_patterns", PATTERN_FILE="my/own.txt"), "'my/own.txt': there is no such file beside the filter file"),
]


@pytest.mark.parametrize(("languages", "wrong", "message"), WRONG)
def test_what_is_wrong_and_where(tmp_path: Path, languages: str, wrong: Any, message: str):
    with pytest.raises(StepError) as raised:
        read(tmp_path, languages, EMPTY_LINES, wrong)
    text = str(raised.value)
    assert text.startswith(f"{tmp_path}/corpus.filters.json: filters[1]")
    assert text.count("filters[1]") == 1
    assert message in text
    assert "\n" not in text


@pytest.mark.parametrize("name", REFUSED)
def test_a_filter_that_cannot_be_had_says_what_to_do(tmp_path: Path, name: str):
    with pytest.raises(StepError, match=rf"filters\[0\]: {name} cannot be had here: .*take it out"):
        read(tmp_path, "en it", entry(name))


def test_a_filter_of_the_table_is_configured_from_its_defaults_where_it_has_them(tmp_path: Path):
    needed: dict[str, dict[str, object]] = {
        "sed": {"PATTERN": "a"},
        "regexp": {"PATTERN": "s/a/b/"},
        "opus.RegExpSub": {"patterns": [["a", "b"]]},
    }
    for name, definition in FILTERS.items():
        language = "en" if definition.scope.name == "COLUMN" else None
        (step,) = read(tmp_path, "en it", entry(name, language, **needed.get(name, {})))
        assert step.name == name
