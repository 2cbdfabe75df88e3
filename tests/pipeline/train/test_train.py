"""Training on a toy corpus: real OpusTrainer, real Marian, a few updates."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

from pipeline.common.lines import read_lines, write_lines
from pipeline.common.marian import command
from pipeline.common.marian_model import options_of
from pipeline.common.script import StepError
from pipeline.distillation import score
from pipeline.quantize import quantize
from pipeline.quantize.binary_format import FLOAT32, INT8, read_items
from pipeline.quantize.browser_format import BROWSER_INTGEMM8
from pipeline.train import feed
from pipeline.train import train as training
from pipeline.train.checkpoint import update_of
from pipeline.train.train import best_validation, main
from tests.pipeline.conftest import TOY_UPDATES
from tests.pipeline.toy_language import toy_sentences, write_corpus
from tests.pipeline.toy_training import TRANSFORMER, curve_of, kill_training, run_training, tiny_devset

RNN = {"dim-emb": 32, "dim-rnn": 32}
# The shape of the toy student, tiny_model.
TOY_STUDENT = TRANSFORMER | {"dim-emb": 64, "transformer-dim-ffn": 128}


@pytest.fixture
def alignments(tmp_path, tiny_corpus):
    return word_by_word(tmp_path / "corpus.aln.zst", tiny_corpus)


@pytest.fixture
def backtranslations(tmp_path):
    """Back-translations and their alignments."""
    corpus = write_corpus(tmp_path, toy_sentences(500, seed=2), "backtranslations")
    return {"backtranslations": corpus, "backtranslations-alignments": word_by_word(tmp_path / "backtranslations.aln.zst", corpus)}


def word_by_word(path: Path, corpus: tuple[Path, Path]) -> Path:
    write_lines(path, (" ".join(f"{word}-{word}" for word in range(len(line.split()))) for line in read_lines(corpus[0])))
    return path


def test_a_teacher_is_trained_and_its_curve_written(train, vocab, tmp_path):
    main(train(40))
    curve = json.loads((tmp_path / "out/training-curve.json").read_text())
    assert {(row["update"], row["metric"]) for row in curve} == {
        (update, metric) for update in (20, 40) for metric in ("chrf", "ce-mean-words", "bleu-detok")
    }
    costs = [row["value"] for row in curve if row["metric"] == "ce-mean-words"]
    assert costs[1] < costs[0]
    statistics = json.loads((tmp_path / "out/statistics.json").read_text())
    assert statistics["lines"] == {"original": 3000}
    assert statistics["best"] == best_validation(curve, "chrf")
    assert (tmp_path / "out/model.npz").stat().st_size > 10_000
    for language, path in zip(("en", "it"), vocab, strict=True):
        assert (tmp_path / f"out/vocab.{language}.spm").read_bytes() == path.read_bytes()


def test_a_backwards_model_learns(train, vocab, tiny_corpus, tmp_path):
    sides = {"corpus": tiny_corpus[::-1], "devset": tiny_devset(tmp_path, tiny_corpus)[::-1], "src": "it", "trg": "en"}
    main(train(100, RNN | {"valid-freq": 50}, architecture="s2s", curriculum="backwards", **sides))
    curve = curve_of(tmp_path, "ce-mean-words")
    assert curve[100] < 0.8 * curve[50]
    model = options_of(tmp_path / "out/model.npz")
    assert (model["type"], model["enc-depth"], model["skip"], model["layer-normalization"]) == ("s2s", 2, True, True)
    scores = tmp_path / "scores"
    files = {"model": tmp_path / "out/model.npz", "output": scores, "work-dir": tmp_path / "score", "threads": 1}
    words = [word for name, value in files.items() for word in (f"--{name}", str(value))]
    score.main([*words, "--vocab", *map(str, vocab), "--corpus", *map(str, tiny_devset(tmp_path, tiny_corpus))])
    assert len([float(line) for line in read_lines(scores)]) == 20


def test_a_teacher_learns_from_back_translations_in_two_stages(train, tmp_path, alignments, backtranslations, capfd):
    # Two epochs of 3,000 lines, six of ten in the mix, are 10,000 lines; these updates read more.
    main(train(100, TRANSFORMER | {"mini-batch": 128}, curriculum="teacher-two-stage", alignments=alignments, **backtranslations))
    assert json.loads((tmp_path / "out/statistics.json").read_text())["lines"] == {"original": 3000, "backtranslated": 500}
    configuration = yaml.safe_load((tmp_path / "work/opustrainer.yml").read_text())
    assert configuration["pretrain"] == ["original 0.6", "backtranslated 0.4", "until original 2"]
    assert configuration["num_fields"] == 3
    assert configuration["modifiers"][0]["modifiers"]["InlineNoise"] > 0
    log = capfd.readouterr().err
    assert "Reading backtranslated for epoch 0" in log
    assert log.index('Starting stage: "pretrain"') < log.index('Starting stage: "finetune"')
    assert curve_of(tmp_path, "ce-mean-words")[100] < curve_of(tmp_path, "ce-mean-words")[20]
    model = options_of(tmp_path / "out/model.npz")
    assert (model["type"], model["transformer-decoder-autoreg"], model["dim-emb"]) == ("transformer", "self-attention", 32)


def test_alignments_are_not_read_where_nothing_needs_them(train, tmp_path, alignments):
    words = train(20, alignments=alignments)
    words.remove("--modify")
    main(words)
    assert all(line.count("\t") == 1 for line in read_lines(tmp_path / "work/original.tsv"))


def test_a_student_learns_with_guided_alignment(train, tmp_path, alignments):
    main(train(20, architecture="tiny", curriculum="student", alignments=alignments, best_metric="ce-mean-words"))
    model = options_of(tmp_path / "out/model.npz")
    assert (model["dec-cell"], model["transformer-postprocess"], model["transformer-guided-alignment-layer"]) == ("ssru", "dan", "last")
    assert set(curve_of(tmp_path, "ce-mean-words")) == {20}
    fields = [line.split("\t") for line in read_lines(tmp_path / "work/original.tsv")]
    assert all(pieces and tokens for _, _, pieces, tokens in fields)
    assert sum(len(pieces) > len(tokens) for _, _, pieces, tokens in fields) > 300


@pytest.fixture
def finetuning(alignments):
    return {"architecture": "tiny", "curriculum": "student-finetuned", "alignments": alignments}


def test_a_student_is_finetuned_to_weights_of_eight_bits(train, tmp_path, tiny_model, finetuning):
    main(train(1, TOY_STUDENT | {"valid-freq": 1, "learn-rate": 0.00005}, pretrained=tiny_model, **finetuning))
    assert curve_of(tmp_path)[1] > 80
    model = tmp_path / "out/model.npz"
    with np.load(model) as weights:
        matrices = [name for name in weights if "_W" in name or name == "Wemb"]
        assert len(matrices) > 10
        assert all(np.unique(weights[name]).size <= 255 for name in matrices)
    quantized = tmp_path / "model.intgemm8.bin"
    quantize.main(["--model", str(model), "--output", str(quantized), "--work-dir", str(tmp_path / "quantize")])
    assert {item.type for item in read_items(quantized)} == {FLOAT32, INT8, BROWSER_INTGEMM8}


def test_a_checkpoint_comes_before_the_pretrained_model(train, tmp_path, tiny_model, finetuning):
    options = TOY_STUDENT | {"valid-freq": 1, "learn-rate": 0.00005}
    main(train(1, options, pretrained=tiny_model, **finetuning))
    with np.load(tiny_model) as arrays:
        nothing = {name: array * (1 if name.startswith("special:") else 0) for name, array in arrays.items()}
    np.savez(tmp_path / "nothing.npz", **nothing)
    main(train(2, options, pretrained=tmp_path / "nothing.npz", **finetuning))
    assert curve_of(tmp_path)[2] > 80


def test_a_training_goes_on_with_its_whole_state(train, tmp_path, tiny_model, monkeypatch):
    state = tuple(tiny_model.with_name(f"model.npz.{part}") for part in ("optimizer.npz", "progress.yml"))
    going_on = {"architecture": "tiny", "pretrained": tiny_model, "pretrained-state": state}
    main(train(TOY_UPDATES + 20, TOY_STUDENT | {"valid-freq": 10}, **going_on))
    assert set(curve_of(tmp_path)) == {TOY_UPDATES + 10, TOY_UPDATES + 20}
    assert curve_of(tmp_path)[TOY_UPDATES + 10] > 50
    # After a restart, our own checkpoint is the one to go on from.
    monkeypatch.setattr(training, "adopt_state", None)
    main(train(TOY_UPDATES + 30, TOY_STUDENT | {"valid-freq": 10}, **going_on))
    assert set(curve_of(tmp_path)) == {TOY_UPDATES + 10, TOY_UPDATES + 20, TOY_UPDATES + 30}


def test_the_best_of_another_training_is_forgotten(train, tmp_path, tiny_model):
    """Otherwise no checkpoint would be kept until that is surpassed, which may be never on another validation set."""
    optimizer, state = tiny_model.with_name("model.npz.optimizer.npz"), tmp_path / "progress.yml"
    progress = yaml.safe_load(tiny_model.with_name("model.npz.progress.yml").read_text())
    progress |= {"stalled": 3, "stalled-max": 3, "validators": {"chrf": {"last-best": 101.0, "stalled": 3}}}
    state.write_text(yaml.safe_dump(progress))
    going_on = {"architecture": "tiny", "pretrained": tiny_model, "pretrained-state": (optimizer, state)}
    main(train(TOY_UPDATES + 10, TOY_STUDENT | {"valid-freq": 10}, **going_on))
    assert set(curve_of(tmp_path)) == {TOY_UPDATES + 10}
    assert (tmp_path / "out/model.npz").exists()


def test_a_pretrained_model_of_another_architecture_is_an_error(train, tiny_model, tmp_path):
    message = r"model\.npz: not of the architecture that is to be trained: enc-depth is 1, not 2, dim-emb is 64, not 32"
    with pytest.raises(StepError, match=message):
        main(train(1, TRANSFORMER | {"enc-depth": 2}, architecture="tiny", pretrained=tiny_model))
    broken = tmp_path / "broken.npz"
    broken.write_bytes(tiny_model.read_bytes()[:1000])
    with pytest.raises(StepError, match=r"broken\.npz: not a model that Marian saved"):
        main(train(1, pretrained=broken))


DIE_AFTERWARDS = "import os, subprocess, sys; subprocess.run(sys.argv[1:], check=True); os.abort()"


def test_a_marian_that_dies_when_all_is_saved_has_not_failed(train, tmp_path, monkeypatch):
    monkeypatch.setattr(feed, "command", lambda *arguments: [sys.executable, "-c", DIE_AFTERWARDS, *command(*arguments)])
    main(train(20))
    assert options_of(tmp_path / "out/model.npz")["type"] == "transformer"
    with pytest.raises(StepError, match="training ended with exit code"):
        main(train(1, {"type": "no-such-type"}, work_dir=tmp_path / "another"))


@pytest.mark.parametrize(
    ("log", "saved"),
    [
        ("[training] Saving training checkpoint to m\nTraining finished\n[valid] chrf\n[training] Saving training checkpoint to m\n", True),
        ("[training] Saving training checkpoint to m\nTraining finished\n", False),
        ("[training] Saving training checkpoint to m\n", False),
        ("", False),
    ],
)
def test_what_marian_saved_is_told_by_its_log(log, saved, tmp_path):
    (tmp_path / "marian.log").write_text(log)
    assert feed.saved_at_its_end(tmp_path / "marian.log") is saved


def test_a_killed_training_goes_on_from_its_checkpoint(train, tmp_path, alignments, backtranslations):
    data = {"curriculum": "teacher-two-stage", "alignments": alignments, **backtranslations}
    optimizer = tmp_path / "work/model.npz.optimizer.npz"
    # Marian replaces the optimizer's state last.
    kill_training(train(5000, TRANSFORMER | {"save-freq": 100}, **data), tmp_path / "log", optimizer.exists)
    stopped_at = update_of(tmp_path / "work/model.npz.progress.yml")
    log = run_training(train(stopped_at + 40, **data))
    assert "going on from the checkpoint" in log
    updates = list(curve_of(tmp_path))
    assert updates == sorted(updates)
    assert updates[0] == 20
    assert updates[-1] == stopped_at + 40


def test_with_a_checkpoint_that_was_cut_off_training_begins_anew(train, tmp_path):
    main(train(20))
    model = tmp_path / "work/model.npz"
    model.write_bytes(model.read_bytes()[:5000])
    # Where the first run had stopped reading: the new one does not begin there.
    (tmp_path / "work/opustrainer.yml.state").write_text("stage: none")
    main(train(20))
    assert model.stat().st_size > 5000


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"architecture": "gigantic"}, "there is no gigantic in architectures: base, base-memory, s2s, teacher, tiny"),
        (
            {"curriculum": "teacher-three-stage"},
            "there is no teacher-three-stage in curricula: backwards, student, student-finetuned, teacher-one-stage, teacher-two-stage",
        ),
        ({"corpus": (Path("nowhere.en.zst"), Path("nowhere.it.zst"))}, "missing input: nowhere.en.zst, nowhere.it.zst"),
        ({"curriculum": "student"}, "the curriculum student guides attention by alignments: --alignments is missing"),
        ({"pretrained_state": (Path("a"), Path("b"))}, "--pretrained-state needs the model, --pretrained"),
        ({"backtranslations_alignments": Path("a")}, "--backtranslations-alignments needs the back-translations, --backtranslations"),
        (
            {"alignments": Path("a"), "backtranslations": (Path("b"), Path("c"))},
            "all data sets need alignments, or none: --alignments, --backtranslations-alignments",
        ),
    ],
)
def test_a_wrong_argument_is_one_clear_error(train, changed, message):
    with pytest.raises(StepError) as error:
        main(train(20, **changed))
    assert str(error.value) == message


def test_sides_of_unequal_length_are_an_error(train, tmp_path, tiny_corpus):
    short = tmp_path / "short.it.zst"
    write_lines(short, list(read_lines(tiny_corpus[1]))[:-1])
    with pytest.raises(StepError, match=r"short\.it\.zst: ends after 2999 lines"):
        main(train(20, corpus=(tiny_corpus[0], short)))
    assert not (tmp_path / "out").exists()


def test_an_empty_corpus_is_an_error(train, tmp_path):
    empty = tmp_path / "empty.zst"
    write_lines(empty, [])
    with pytest.raises(StepError, match="no sentence to train on"):
        main(train(20, corpus=(empty, empty)))
    with pytest.raises(StepError, match="no sentence to train on"):
        main(train(20, backtranslations=(empty, empty)))


def test_the_best_validation_is_the_highest_score_or_the_lowest_cost():
    values = {"chrf": (20, 30, 30), "ce-mean-words": (5, 4, 6)}
    curve = [{"update": update, "metric": metric, "value": value} for metric in values for update, value in enumerate(values[metric], 1)]
    assert best_validation(curve, "chrf")["update"] == 2
    assert best_validation(curve, "ce-mean-words")["update"] == 2
    assert best_validation(curve, "ter") is None
