import json
from pathlib import Path

import pytest

from pipeline.common.lines import read_parallel
from pipeline.common.script import StepError
from pipeline.distillation.merge import main
from tests.pipeline.toy_language import toy_sentences, write_corpus

Pairs = list[tuple[str, ...]]
PARALLEL: Pairs = [("red cat", "gatto rosso"), ("red\u2028cat", "gatto rosso"), ("red cat", "gatto rosso"), ("red cat", "gatto")]
MONO: Pairs = [("red cat", "gatto"), ("moon", "luna")]


def write(folder: Path, name: str, pairs: Pairs) -> list[str]:
    if not pairs:
        for language in ("en", "it"):
            (folder / f"{name}.{language}").touch()
        return [str(folder / f"{name}.{language}") for language in ("en", "it")]
    return [str(path) for path in write_corpus(folder, pairs, name)]  # type: ignore[arg-type]


def merge(folder: Path, parallel: Pairs, mono: Pairs | None, *words: str) -> Pairs:
    outputs = [folder / f"out.{language}.zst" for language in ("en", "it")]
    monolingual = ["--mono", *write(folder, "mono", mono)] if mono is not None else []
    statistics = ["--statistics", str(folder / "statistics.json")]
    main(["--parallel", *write(folder, "parallel", parallel), *monolingual, "--output", *map(str, outputs), *statistics, *words])
    return list(read_parallel(*outputs))


def test_equal_pairs_are_kept_once_and_equal_targets_stay(tmp_path: Path):
    merged = merge(tmp_path, PARALLEL, MONO)
    assert sorted(merged) == sorted(set(PARALLEL + MONO))
    assert json.loads((tmp_path / "statistics.json").read_text()) == {
        "corpora": {"parallel": {"lines": 4, "duplicates": 1, "kept": 3}, "mono": {"lines": 2, "duplicates": 1, "kept": 1}},
        "total": {"lines": 6, "duplicates": 2, "kept": 4},
    }


@pytest.mark.parametrize("mono", [None, []])
def test_without_monolingual_text(tmp_path: Path, mono: Pairs | None):
    assert sorted(merge(tmp_path, PARALLEL, mono)) == sorted(set(PARALLEL))
    statistics = json.loads((tmp_path / "statistics.json").read_text())
    assert statistics["total"] == statistics["corpora"]["parallel"] == {"lines": 4, "duplicates": 1, "kept": 3}
    assert ("mono" in statistics["corpora"]) == (mono is not None)


def test_the_order_is_random_and_depends_on_the_seed_only(tmp_path: Path):
    pairs: Pairs = [*dict.fromkeys(toy_sentences(500, longest=8))]
    first = merge(tmp_path, pairs[:300], pairs[300:])
    assert merge(tmp_path, pairs[:300], pairs[300:]) == first
    assert merge(tmp_path, pairs[:300], pairs[300:], "--seed", "2") != first != pairs
    assert sorted(first) == sorted(pairs)
    assert len(set(first[:300]) & set(pairs[300:])) > 60  # the corpora are mixed, not one after the other


@pytest.mark.parametrize("name", ["parallel", "mono"])
def test_unequal_sides(tmp_path: Path, name: str):
    files = {corpus: write(tmp_path, corpus, pairs) for corpus, pairs in (("parallel", PARALLEL), ("mono", MONO))}
    files[name][1] = write(tmp_path, "short", PARALLEL[:1])[1]
    output = [str(tmp_path / "out.en.zst"), str(tmp_path / "out.it.zst")]
    with pytest.raises(StepError, match=r"short\.it\.zst: ends after 1 lines"):
        main(["--parallel", *files["parallel"], "--mono", *files["mono"], "--output", *output])
    assert not Path(output[0]).exists()


def test_nothing_to_merge(tmp_path: Path):
    with pytest.raises(StepError, match="nothing to merge"):
        merge(tmp_path, [], [])
