"""New configs, from listings of the datasets that there are."""

import io
import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml
from training_taskgraph import new_config
from training_taskgraph.dataset_choice import ChoiceError
from training_taskgraph.local_graph import generate
from training_taskgraph.new_config import Listing, main
from training_taskgraph.training_config.loading import load

from pipeline.common.lines import write_lines

ROOT = Path(__file__).resolve().parents[2]


def config_text(listed: dict) -> str:
    return new_config.config_text(Listing.of(listed))


def lint(text: str) -> str:
    """What yamllint says of a text by the project's rules."""
    command = ["yamllint", "--strict", "--config-file", str(ROOT / ".yamllint"), "-"]
    finished = subprocess.run(command, input=text, capture_output=True, text=True)
    assert finished.returncode == 0 or finished.stdout, finished.stderr
    return finished.stdout


def dataset(name: str, kind: str, sentences: int | None = None, size: int | None = None, other: str | None = None) -> dict:
    return {"name": name, "kind": kind, "sentences": sentences, "bytes": size, "remark": "", "duplicate-of": other}


def asked(provider: str, date: str = "", problem: str = "", source: str = "its host") -> dict:
    return {"provider": provider, "source": source, "date": date, "problem": problem}


def listing(*datasets: dict, src: str = "en", trg: str = "it", catalogues: list[dict] | None = None) -> dict:
    return {"src": src, "trg": trg, "catalogues": catalogues or [], "datasets": list(datasets)}


FLORES = (dataset("flores_devtest", "evaluation", 1012), dataset("flores_dev", "evaluation", 997))
NTREX = dataset("ntrex_test", "evaluation", 1997)
BOOKS = dataset("opus_Books/v1", "parallel", 32332, 3276800)
NLLB = dataset("opus_NLLB/v1", "parallel", 146240000)
DDTP = dataset("ddtp_bookworm", "parallel", None, 12_000_000)
EVERYTHING = listing(
    dataset("opus_CCMatrix/v1", "parallel", 146240000, 9_000_000_000, "opus_NLLB/v1"),
    NLLB,
    BOOKS,
    DDTP,
    dataset("mtdata_OPUS-books-v1-eng-ita", "parallel", other="opus_Books/v1"),
    dataset("mtdata_ELRC-portal_oficial_turismo_españa_www.spain.info-1-eng_GB-ita_IT", "parallel"),
    dataset("opus_WMT-News/v2019", "evaluation", 5000),
    *FLORES,
    NTREX,
    dataset("mtdata_Neulab-tedtalks_dev-1-eng-ita", "evaluation"),
    dataset("sacrebleu_mtedx/test", "evaluation"),
    dataset("sacrebleu_mtedx/valid", "evaluation"),
    dataset("sacrebleu_wmt09", "evaluation"),
    *(dataset(f"news-crawl_news.{year}", kind, None, 1_600_000_000) for kind in ("mono-src", "mono-trg") for year in (2020, 2021)),
    *(dataset(name, kind) for kind in ("mono-src", "mono-trg") for name in ("hplt_mono/v2.0", "opus_Books/v1", "ddtp_bookworm")),
    catalogues=[
        asked("opus", "2026-01-02", source="https://opus.example/api"), asked("sacrebleu", source="sacrebleu 2.6.0"),
        asked("hplt", "2026-01-02", "refused"), asked("news-crawl", problem="refused", source=""),
    ],
)  # fmt: skip


def config_of(made: dict) -> dict:
    """The config that is made, which is valid, and there is nothing odd in it."""
    loaded = load(config_text(made), "new.yml")
    assert loaded.warnings == []
    return loaded.config


def evaluation(*datasets: dict, **languages: str) -> tuple[list[str], list[str]]:
    """The sets to validate with and to test on, where these are offered besides one to train on."""
    chosen = config_of(listing(NLLB, *datasets, **languages))["datasets"]
    assert not set(chosen["devtest"]) & set(chosen["test"])
    return chosen["devtest"], chosen["test"]


def test_all_there_is_but_duplicates_and_test_sets():
    chosen = config_of(EVERYTHING)["datasets"]
    assert chosen == {
        "train": [
            "opus_NLLB/v1",
            "opus_Books/v1",
            "ddtp_bookworm",
            "mtdata_ELRC-portal_oficial_turismo_españa_www.spain.info-1-eng_GB-ita_IT",
        ],
        "devtest": ["flores_dev", "sacrebleu_mtedx/valid"],
        "test": ["flores_devtest", "sacrebleu_wmt09", "ntrex_test"],
        "mono-src": ["news-crawl_news.2020", "news-crawl_news.2021", "hplt_mono/v2.0"],
        "mono-trg": ["news-crawl_news.2020", "news-crawl_news.2021", "hplt_mono/v2.0"],
    }


def test_sizes_sources_and_what_was_left_out_are_comments():
    text = config_text(EVERYTHING)
    assert (
        "    - opus_NLLB/v1  # 146,240,000 sentences\n    - opus_Books/v1  # 32,332 sentences, 3.3 MB\n    - ddtp_bookworm  # 12.0 MB\n"
        in text
    )
    assert "ita_IT  # size unknown\n" in text
    assert "  # Left out: 2 with the text of one of these or an older version" in text
    assert (
        "#   opus: https://opus.example/api, as of 2026-01-02\n#   sacrebleu: sacrebleu 2.6.0\n#   hplt: its host, as of 2026-01-02\n"
        in text
    )
    assert "#   news-crawl: could not be asked, so that none of its datasets are here\n" in text


def test_the_same_listing_gives_the_same_bytes_and_a_graph():
    text = config_text(EVERYTHING)
    assert config_text(json.loads(json.dumps(EVERYTHING))) == text
    assert lint(text) == ""
    assert "trailing spaces" in lint(text + "# \n")
    labels = generate(load(text, "new.yml").config).tasks
    assert "all-pipeline-en-it" in labels and "dataset-opus-NLLB_v1-en-it" in labels


def test_what_depends_on_the_languages():
    def experiment(src: str, trg: str, *more: dict) -> dict:
        return config_of(listing(NLLB, *FLORES, *more, src=src, trg=trg))["experiment"]

    assert not experiment("en", "it")["spm-vocab-split"] and experiment("en", "ru")["spm-vocab-split"]
    assert experiment("zh_hant", "en")["spm-vocab-split"] and not experiment("sr", "uk")["spm-vocab-split"]
    thresholds = [experiment(*pair)["bicleaner"]["default-threshold"] for pair in (("en", "it"), ("fr", "en-GB"), ("fr", "it"))]
    assert thresholds == [0.5, 0.5, 0.0]
    # A tag that YAML would take for something else.
    assert (experiment("en", "no")["trg"], experiment("no", "en")["name"]) == ("no", "no-en")
    assert experiment("en", "it")["hplt-min-doc-score"] == {"mono-src": None, "mono-trg": None}
    assert experiment("en", "it", dataset("hplt_mono/v2.0", "mono-trg"))["hplt-min-doc-score"] == {"mono-src": 7.0, "mono-trg": 9.0}


def test_wmt_the_newest_to_test_on_and_an_older_one_to_validate_with():
    years = [dataset(f"sacrebleu_wmt{year:02}", "evaluation") for year in (8, 13, 18, 19)]
    assert evaluation(*FLORES, *years) == (["flores_dev", "sacrebleu_wmt18"], ["flores_devtest", "sacrebleu_wmt19"])
    newer = [*years, dataset("sacrebleu_wmt20", "evaluation"), dataset("sacrebleu_wmt20/tworefs", "evaluation")]
    assert evaluation(*newer) == (["sacrebleu_wmt19"], ["sacrebleu_wmt20"])
    # NTREX is the English of 2019, so that this year would be validated with and tested on.
    assert evaluation(*newer, NTREX) == (["sacrebleu_wmt18"], ["sacrebleu_wmt20", "ntrex_test"])


def test_wmt_has_sets_for_development_where_there_is_one_test_set():
    sets = [dataset("sacrebleu_wmt19", "evaluation"), dataset("sacrebleu_wmt19/dev", "evaluation")]
    assert evaluation(*sets, NTREX) == (["sacrebleu_wmt19/dev"], ["sacrebleu_wmt19", "ntrex_test"])


def test_other_sets_where_there_is_neither_flores_nor_wmt():
    ted = [dataset(f"mtdata_Neulab-tedtalks_{part}-1-eng-ita", "evaluation") for part in ("test", "dev")]
    assert evaluation(*ted) == (["mtdata_Neulab-tedtalks_dev-1-eng-ita"], ["mtdata_Neulab-tedtalks_test-1-eng-ita"])
    assert evaluation(*ted, NTREX) == (["mtdata_Neulab-tedtalks_dev-1-eng-ita"], ["ntrex_test"])
    mtedx = [dataset(f"sacrebleu_mtedx/{part}", "evaluation") for part in ("test", "valid")]
    assert evaluation(*mtedx, *ted) == (["sacrebleu_mtedx/valid"], ["sacrebleu_mtedx/test"])


def test_slices_of_debian_where_there_is_nothing_to_evaluate_with():
    mono = [dataset("ddtp_bookworm", kind) for kind in ("mono-src", "mono-trg")]
    assert config_of(listing(DDTP, *mono))["datasets"] == {
        "train": ["ddtp_bookworm[1500:]"],
        "devtest": ["ddtp_bookworm[0:500]"],
        "test": ["ddtp_bookworm[500:1500]"],
        "mono-src": ["ddtp_bookworm[1500:]"],
        "mono-trg": ["ddtp_bookworm[1500:]"],
    }
    only_ntrex = config_of(listing(BOOKS, DDTP, NTREX))["datasets"]
    assert (only_ntrex["train"], only_ntrex["devtest"], only_ntrex["test"]) == (
        ["opus_Books/v1", "ddtp_bookworm[1500:]"],
        ["ddtp_bookworm[0:500]"],
        ["ntrex_test"],
    )


def test_the_smallest_training_sets_at_last():
    sizes = {"Tiny": 499, "Small": 500, "Middle": 600, "Large": 7000}
    offered = [dataset(f"opus_{name}/v1", "parallel", size) for name, size in sizes.items()]
    chosen = config_of(listing(*offered))["datasets"]
    assert (chosen["train"], chosen["devtest"], chosen["test"]) == (
        ["opus_Tiny/v1", "opus_Large/v1"],
        ["opus_Small/v1"],
        ["opus_Middle/v1"],
    )
    with_ntrex = config_of(listing(*offered[:2], NTREX))["datasets"]
    assert (with_ntrex["train"], with_ntrex["devtest"], with_ntrex["test"]) == (["opus_Tiny/v1"], ["opus_Small/v1"], ["ntrex_test"])


@pytest.mark.parametrize(
    ("datasets", "what"),
    [
        ([], "train on"),
        ([*FLORES], "train on"),
        ([BOOKS], "evaluate with"),
        ([BOOKS, NLLB], "evaluate with"),
        ([BOOKS, NTREX], "evaluate with"),
    ],
)
def test_too_little_for_a_config(datasets: list[dict], what: str):
    with pytest.raises(ChoiceError, match=f"en-it: no set to {what} is listed; "):
        config_text(listing(*datasets))


def test_monolingual_text_of_opus_and_debian_where_there_is_no_other():
    opus = dataset("opus_Books/v1", "mono-src")
    debian = [dataset("ddtp_bookworm", kind) for kind in ("mono-src", "mono-trg")]
    chosen = config_of(listing(NLLB, *FLORES, opus, *debian))["datasets"]
    assert (chosen["mono-src"], chosen["mono-trg"]) == (["opus_Books/v1"], ["ddtp_bookworm"])
    text = config_text(listing(NLLB, *FLORES))
    assert "  # No mono-trg: no provider that was asked has any, so there is no back-translation.\n" in text


def test_names_that_the_format_has_not_are_left_out():
    strange = [dataset(name, "parallel") for name in ("mtdata_Group-name-1-eng", "opus_Books", "nobody_x", "flores_dev", "opus_a b/v1")]
    assert config_of(listing(BOOKS, *FLORES, *strange))["datasets"]["train"] == ["opus_Books/v1"]


def test_long_names_and_strange_letters_stay_in_their_lines():
    long = dataset(f"mtdata_ELRC-{'ü' * 112}-1-eng-ita", "parallel", 1000)
    made = listing(BOOKS, long, *FLORES, catalogues=[asked("opus", "2026-01-02", source="http://x\ny\u2028z" + "w" * 200)])
    assert lint(config_text(made)) == ""
    assert config_of(made)["datasets"]["train"] == ["opus_Books/v1", long["name"]]


def test_an_existing_file_is_not_overwritten(tmp_path: Path, capsys):
    source, target = tmp_path / "en-it.json", tmp_path / "en-it.yml"
    source.write_text(json.dumps(EVERYTHING))
    assert main([str(source), str(target)]) == 0
    assert capsys.readouterr().out.startswith(f"{target}: valid: en-it, target stage all-pipeline, 4 training sets")
    written = target.read_bytes()
    assert main([str(source), str(target)]) == 1
    assert capsys.readouterr().err == f"{target}: exists already, and is not overwritten; name another file\n"
    assert target.read_bytes() == written


def test_of_an_empty_listing_no_config_is_made(tmp_path: Path, monkeypatch, capsys):
    """The listing of a command that failed."""
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert main(["-", str(tmp_path / "c.yml")]) == 1
    assert capsys.readouterr().err == "standard input: empty, so no config is written; where find_corpus failed, it has said why\n"
    assert not (tmp_path / "c.yml").exists()


@pytest.mark.parametrize("content", ["[]", "{", '{"src": "en"}', '{"src": "en", "trg": "it", "catalogues": [], "datasets": [{}]}'])
def test_what_is_no_listing(content: str, tmp_path: Path, capsys):
    (tmp_path / "x.json").write_text(content)
    assert main([str(tmp_path / "x.json"), str(tmp_path / "x.yml")]) == 1
    assert capsys.readouterr().err == f"{tmp_path}/x.json: no listing; what find_corpus writes with --json is expected\n"
    assert not (tmp_path / "x.yml").exists()


def test_a_file_or_folder_that_is_missing(tmp_path: Path, capsys):
    assert main([str(tmp_path / "x.json"), str(tmp_path / "x.yml")]) == 1
    (tmp_path / "x.json").write_text(json.dumps(EVERYTHING))
    assert main([str(tmp_path / "x.json"), str(tmp_path / "none" / "x.yml")]) == 1
    assert capsys.readouterr().err == "".join(f"{tmp_path}/{name}: no such file or directory\n" for name in ("x.json", "none/x.yml"))


def make(target: str, catalogues: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Calls make where no provider can be reached."""
    nowhere = dict.fromkeys(("OPUS_API_URL", "NEWS_CRAWL_URL", "HPLT_URL"), "http://127.0.0.1:9") | {"DDTP_URL": "file:///nowhere"}
    environment = os.environ | nowhere | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    command = ["make", "--silent", target, "INSTALLED=yes", f"ARGS=--catalogues {catalogues}", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


@pytest.fixture
def catalogues(tmp_path: Path) -> Path:
    """What is kept of earlier days: OPUS's catalogue, and the index of mtdata."""
    offer = {"name": "opus_Books/v1", "kind": "parallel", "corpus": "books", "sentences": 32332, "bytes": 3276800}
    stored = {"provider": "opus", "source": "https://opus.example/api", "date": "2026-01-02", "offers": [offer]}
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "opus.en-it.json").write_text(json.dumps(stored))
    write_lines(tmp_path / "kept" / f"mtdata-{version('mtdata')}.jsonl.zst", ['{"did": "OPUS-books-v1-eng-ita"}'])
    return tmp_path / "kept"


def test_make_lists_and_makes_a_config_that_is_valid(catalogues: Path, tmp_path: Path):
    listed = make("find-corpus", catalogues, "SRC=en", "TRG=it")
    assert listed.returncode == 0 and "\n  opus_Books/v1     32,332    3.3 MB\n" in listed.stdout
    target = tmp_path / "new.yml"
    made = make("config", catalogues, "SRC=en", "TRG=it", f"OUT={target}")
    assert (made.returncode, made.stdout.startswith(f"{target}: valid: en-it")) == (0, True)
    assert yaml.safe_load(target.read_text())["datasets"] == {
        "train": ["opus_Books/v1"],
        "devtest": ["flores_dev", "sacrebleu_mtedx/valid"],
        "test": ["flores_devtest", "sacrebleu_wmt09", "ntrex_test"],
    }


def test_make_fails_where_either_half_does(catalogues: Path, tmp_path: Path):
    no_language = make("config", catalogues, "SRC=en", "TRG=xx", f"OUT={tmp_path}/new.yml")
    assert no_language.returncode and "'xx' is no language tag" in no_language.stderr
    no_target = make("config", catalogues, "SRC=en")
    assert no_target.returncode and "say to which language: TRG=it" in no_target.stderr
    (tmp_path / "old.yml").write_text("precious")
    existing = make("config", catalogues, "SRC=en", "TRG=it", f"OUT={tmp_path}/old.yml")
    assert existing.returncode and "exists already" in existing.stderr and (tmp_path / "old.yml").read_text() == "precious"
