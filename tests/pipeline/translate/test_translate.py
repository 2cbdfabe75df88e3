import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.common.lines import read_lines, write_lines
from pipeline.common.marian_lines import append, one_for_each, resume_at
from pipeline.common.script import StepError
from pipeline.translate.n_best import read_n_best
from pipeline.translate.translate import main
from tests.pipeline.toy_language import toy_sentences

SMALL = ["--", "--workspace", "200", "--beam-size", "1", "--mini-batch", "8", "--maxi-batch", "2"]


def arguments(models, vocab, folder: Path, *words: str) -> list[str]:
    given = {"--models": models, "--vocab": vocab, "--input": [folder / "input.zst"], "--output": [folder / "out" / "output.zst"]}
    given |= {"--work-dir": [folder / "work"], "--threads": ["1"], "--statistics": [folder / "statistics.json"]}
    return [*(str(word) for name, values in given.items() for word in (name, *values)), *words, *SMALL]


def translate(lines: list[str], model, vocab, folder: Path, *words: str, models: int = 1) -> list[str]:
    write_lines(folder / "input.zst", lines)
    main(arguments([model] * models, vocab, folder, *words))
    return list(read_lines(folder / "out" / "output.zst"))


@pytest.mark.parametrize("models", [1, 2])
def test_translations_stand_where_their_sources_stand(tiny_model, vocab, tmp_path, models):
    pairs = toy_sentences(60, seed=5)
    translations = translate([source for source, _ in pairs], tiny_model, vocab, tmp_path, models=models)
    assert len(translations) == 60
    assert sum(line == target for line, (_, target) in zip(translations, pairs, strict=True)) >= 50
    assert json.loads((tmp_path / "statistics.json").read_text()) == {"lines": 60, "models": models}
    assert list((tmp_path / "work").iterdir()) == []


def test_odd_lines_keep_their_place(tiny_model, vocab, tmp_path):
    lines = ["", "red house .", "red\rcat", "red\u2028cat", "  ", "🚀" * 400, "\r", "city .", ""]
    translations = translate(lines, tiny_model, vocab, tmp_path)
    assert len(translations) == len(lines)
    assert translations[0] == translations[-1] == ""
    assert (translations[1], translations[7]) == ("rosso casa .", "città .")


@pytest.mark.parametrize("words", [(), ("--n-best", "2")])
def test_an_empty_file_needs_no_marian(tmp_path, words):
    for name in ("model.npz", "vocab.spm"):
        (tmp_path / name).touch()
    assert translate([], tmp_path / "model.npz", [tmp_path / "vocab.spm"] * 2, tmp_path, *words) == []


@pytest.mark.parametrize(("words", "work_file"), [((), "marian.translations.txt"), (("--n-best", "3"), "marian.n-best.txt")])
def test_a_killed_run_goes_on_with_the_same_result(tiny_model, vocab, tmp_path, words, work_file):
    sources = [source for source, _ in toy_sentences(800, seed=9)]
    (tmp_path / "whole").mkdir()
    expected = translate(sources, tiny_model, vocab, tmp_path / "whole", *words)

    write_lines(tmp_path / "input.zst", sources)
    command = [sys.executable, "-m", "pipeline.translate.translate", *arguments([tiny_model], vocab, tmp_path, *words)]
    process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
    written = tmp_path / "work" / work_file
    while process.poll() is None and not (written.exists() and written.stat().st_size > 0):
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    done = written.read_bytes().count(b"\n")
    assert 0 < done < len(expected)
    assert not (tmp_path / "out").exists()

    # Marked, so that it shows that what was translated is not translated again.
    written.write_bytes(b"0 ||| done before\n" + written.read_bytes().split(b"\n", 1)[1])
    resumed = translate(sources, tiny_model, vocab, tmp_path, *words)
    assert resumed[0] == "0 ||| done before"
    assert resumed[1:] == expected[1:]


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        pytest.param("", "", id="nothing yet"),
        pytest.param("a\nb\nc\n", "", id="less than Marian sorts together"),
        pytest.param("a\nb\nc\nd\ne\nf", "a\nb\nc\nd\n", id="half a line"),
        pytest.param("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", id="all"),
        pytest.param("1\n2\n3\n4\n5\n6\n7\n8\n9", "1\n2\n3\n4\n5\n6\n7\n8\n", id="all but the last line's end"),
    ],
)
def test_it_goes_on_at_a_boundary_of_what_is_sorted_together(tmp_path, content, kept):
    file = tmp_path / "translations.txt"
    file.write_text(content)
    assert resume_at(file, step=4, total=9) == kept.count("\n")
    assert file.read_text() == kept


def test_candidates_of_every_sentence(tiny_model, vocab, tmp_path):
    sources = ["red house .", "", "city ||| .", "cat sees red moon ."]
    write_lines(tmp_path / "input.zst", sources)
    main(arguments([tiny_model], vocab, tmp_path, "--n-best", "3"))
    sentences = list(read_n_best(tmp_path / "out" / "output.zst"))
    assert [[candidate.sentence for candidate in candidates] for candidates in sentences] == [[number] * 3 for number in range(4)]
    assert (sentences[0][0].text, sentences[3][0].text) == ("rosso casa .", "gatto vede rosso luna .")
    assert all(candidates[0].score >= candidates[1].score >= candidates[2].score for candidates in sentences)
    assert json.loads((tmp_path / "statistics.json").read_text()) == {"lines": 4, "models": 1}


def test_fewer_candidates_than_the_beam_is_wide(tiny_model, vocab, tmp_path):
    write_lines(tmp_path / "input.zst", ["red house .", "city ."])
    main([*arguments([tiny_model], vocab, tmp_path, "--n-best", "2"), "--beam-size", "4"])
    assert [len(candidates) for candidates in read_n_best(tmp_path / "out" / "output.zst")] == [2, 2]


def test_n_best_as_an_option_of_marian(tiny_model, vocab, tmp_path):
    write_lines(tmp_path / "input.zst", ["red house ."])
    with pytest.raises(StepError, match=r"--n-best is an option of this script"):
        main([*arguments([tiny_model], vocab, tmp_path), "--n-best"])


def test_another_number_of_lines_is_an_error_and_nothing_to_go_on_with(tmp_path):
    written = tmp_path / "written.txt"
    with pytest.raises(StepError, match=r"1 lines came for 2 sentences of source\.zst"):
        append(written, one_for_each([b"one\n"], 2, Path("source.zst")))
    assert not written.exists()


def test_marian_that_fails_is_an_error_with_its_command(vocab, tmp_path):
    (tmp_path / "model.npz").write_bytes(b"not a model")
    with pytest.raises(StepError, match=r"Marian ended with exit code .*model\.npz"):
        translate(["red house ."], tmp_path / "model.npz", vocab, tmp_path)
