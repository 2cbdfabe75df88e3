import io
import json
import subprocess
import zipfile
from pathlib import Path

import numpy as np
import pytest
import sentencepiece

from pipeline.common.lines import read_lines, write_lines
from pipeline.common.marian import command, environment
from pipeline.common.marian_model import OPTIONS, options_array, read_model, read_options, write_model
from pipeline.common.script import StepError
from pipeline.continuation.model import main
from pipeline.continuation.opusmt import UNLIKELY, convert, read_list
from pipeline.continuation.vocabulary import pieces_of
from tests.pipeline.conftest import train_toy_model
from tests.pipeline.toy_language import toy_sentences

MODEL = "opus.spm-spm.transformer.model1.npz.best-perplexity.npz"
LIST = "opus.spm-spm.vocab.yml"
OUR_IDS = {"bos_id": -1, "eos_id": 0, "unk_id": 1}  # where SentencePiece has <unk>, <s>, </s>
SOURCES = [source for source, _ in toy_sentences(100, seed=9, longest=8)]


def take(folder: Path, url: str, *words: object, source: str = "en", target: str = "it") -> dict[str, object]:
    output = folder / "taken"
    given = ["--url", url, "--src", source, "--trg", target, "--best-metric", "chrf", "--work-dir", folder / "work"]
    given += ["--output-dir", output, "--statistics", folder / "statistics.json"]
    main([str(word) for word in [*given, *words]])
    assert list((folder / "work").iterdir()) == []  # nothing is left behind
    return json.loads((folder / "statistics.json").read_text())


def decode(model: Path, vocab: tuple[Path, Path], lines: list[str]) -> list[str]:
    """Greedy translations."""
    options = {"models": model, "vocabs": vocab, "beam-size": 1, "cpu-threads": 1, "quiet": True, "workspace": 300, "mini-batch": 8}
    words = command("decode", options | {"max-length-factor": 3})
    text = "".join(f"{line}\n" for line in lines)
    done = subprocess.run(words, input=text, capture_output=True, text=True, check=True, env=environment())
    return done.stdout.splitlines()


# ---- the layout of this pipeline and its relatives


@pytest.fixture
def published(web_server, tiny_model, vocab) -> str:
    """A folder as this pipeline publishes it, with its training state; returns its address without a slash at the end."""
    files = {f"model.npz{suffix}": Path(f"{tiny_model}{suffix}") for suffix in ("", ".optimizer.npz", ".progress.yml")}
    files |= {"vocab.en.spm": vocab[0], "vocab.it.spm": vocab[1]}
    web_server.files |= {f"/run/teacher/{name}": path.read_bytes() for name, path in files.items()}
    return f"{web_server.address}/run/teacher"


@pytest.mark.parametrize("address", ["{}", "{}/", "{}/model.npz"])
def test_a_published_model_comes_as_it_is(web_server, published, tmp_path, address):
    statistics = take(tmp_path, address.format(published))
    names = ["model.npz", "vocab.en.spm", "vocab.it.spm"]
    assert sorted(path.name for path in (tmp_path / "taken").iterdir()) == names
    for name in names:
        assert (tmp_path / "taken" / name).read_bytes() == web_server.files[f"/run/teacher/{name}"]
    assert statistics["pieces"] == [480, 480]
    assert [source["url"].rpartition("/")[2] for source in statistics["sources"]] == names


def test_the_training_state_comes_with_its_checkpoint(web_server, published, tmp_path):
    web_server.files["/run/teacher/final.model.npz.best-chrf.npz"] = b"of another update"
    take(tmp_path, published, "--training-state")
    for name in ("model.npz", "model.npz.optimizer.npz", "model.npz.progress.yml"):
        assert (tmp_path / "taken" / name).read_bytes() == web_server.files[f"/run/teacher/{name}"]


@pytest.mark.parametrize("address", ["{}", "{}/checkpoint/model.npz"])
def test_a_training_of_this_pipeline_has_its_last_checkpoint_in_a_folder(web_server, published, vocab, tmp_path, address):
    """As pipeline/train publishes it: model.npz is the best one, and has no state beside it."""
    files = web_server.files
    for suffix in ("", ".optimizer.npz", ".progress.yml"):
        files[f"/run/teacher/checkpoint/model.npz{suffix}"] = files.pop(f"/run/teacher/model.npz{suffix}")
    files["/run/teacher/model.npz"] = b"the best one"
    take(tmp_path, address.format(published), "--training-state", "--vocab", *vocab)
    for name in ("model.npz", "model.npz.optimizer.npz", "model.npz.progress.yml"):
        assert (tmp_path / "taken" / name).read_bytes() == files[f"/run/teacher/checkpoint/{name}"]
    assert (tmp_path / "taken/vocab.en.spm").read_bytes() == vocab[0].read_bytes()


def test_the_best_checkpoint_and_a_joint_vocabulary_beside(web_server, published, vocab, tmp_path):
    files = web_server.files
    model = files["/run/teacher/model.npz"]
    del files["/run/teacher/vocab.en.spm"]
    files |= {
        "/run/teacher/model.npz": b"the last checkpoint",
        "/run/teacher/final.model.npz.best-chrf.npz": model,
        "/run/teacher/model.npz.best-bleu-detok.npz": b"the best by another metric",
        "/run/vocab/vocab.spm": vocab[0].read_bytes(),
    }
    take(tmp_path, published)
    assert (tmp_path / "taken" / "model.npz").read_bytes() == model
    assert (tmp_path / "taken" / "vocab.en.spm").read_bytes() == (tmp_path / "taken" / "vocab.it.spm").read_bytes() == vocab[0].read_bytes()


def test_a_folder_of_this_disk(tiny_model, vocab, tmp_path):
    folder = tmp_path / "run 1"
    folder.mkdir()
    (folder / "model.npz.best-ce-mean-words.npz").write_bytes(tiny_model.read_bytes())
    take(tmp_path, folder.as_uri(), "--vocab", *vocab)
    assert (tmp_path / "taken" / "model.npz").read_bytes() == tiny_model.read_bytes()
    assert (tmp_path / "taken" / "vocab.it.spm").read_bytes() == vocab[1].read_bytes()


def test_all_that_was_looked_for_is_listed(web_server, tmp_path):
    with pytest.raises(StepError) as raised:
        take(tmp_path, f"{web_server.address}/run/teacher", "--training-state")
    state = ("model.npz", "model.npz.optimizer.npz", "model.npz.progress.yml")
    for name in (*state, *(f"checkpoint/{part}" for part in state), "vocab.en.spm", "vocab.spm", "../vocab/vocab.it.spm"):
        expected = f"{web_server.address}/run/{name[3:] if name.startswith('..') else f'teacher/{name}'}"
        assert expected in str(raised.value)
    with pytest.raises(StepError, match=r"no model, looked for .*/final\.model\.npz\.best-chrf\.npz, .*/model\.npz; no vocabulary"):
        take(tmp_path, f"{web_server.address}/run/teacher")
    assert not (tmp_path / "taken").exists()


def other_vocabulary(path: Path) -> Path:
    with path.open("wb") as file:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(SOURCES), model_writer=file, vocab_size=480, byte_fallback=True, hard_vocab_limit=False,
            bos_id=-1, eos_id=0, unk_id=1, num_threads=1, minloglevel=2,
        )  # fmt: skip
    return path


def test_files_that_do_not_fit_together(web_server, published, vocab, tmp_path):
    files = dict(web_server.files)
    model = files["/run/teacher/model.npz"]
    other = other_vocabulary(tmp_path / "other.spm")
    state = npz(adam_mt=np.zeros((1, 5)), adam_vt=np.zeros((1, 5)))
    cases: list[tuple[str, dict[str, bytes], list[object]]] = [
        (r"/run/teacher/vocab\.en\.spm: \d+ pieces, but \S+ has embeddings for 480", {"vocab.en.spm": other.read_bytes()}, []),
        (r"other\.spm: not the vocabulary that the model was trained with", {}, ["--vocab", other, vocab[1]]),
        (r"model\.npz: not an npz, or cut off", {"model.npz": model[: len(model) // 2]}, []),
        (r"model\.npz: a broken npz", {"model.npz": model[:5000] + b"\xff" * 100 + model[5100:]}, []),
        (r"model\.npz: no special:model\.yml", {"model.npz": npz(Wemb=np.zeros((480, 2)))}, []),
        (r"model\.npz: no embeddings", {"model.npz": npz(**{OPTIONS: options_array({"type": "transformer"})})}, []),
        (r"optimizer\.npz: the state of 5 parameters, but", {"model.npz.optimizer.npz": state}, ["--training-state"]),
        (r"progress\.yml: not the progress", {"model.npz.progress.yml": b"- 1\n"}, ["--training-state"]),
    ]
    for number, (error, changed, words) in enumerate(cases):
        web_server.files |= files | {f"/run/teacher/{name}": content for name, content in changed.items()}
        with pytest.raises(StepError, match=error):
            take(tmp_path / str(number), published, *words)
        assert not (tmp_path / str(number) / "taken").exists()


def test_a_training_state_that_is_not_there(web_server, published, tmp_path):
    del web_server.files["/run/teacher/model.npz.progress.yml"]
    with pytest.raises(StepError, match=r"no model with its training state, looked for \S+/model\.npz, .*\.progress\.yml$"):
        take(tmp_path, published, "--training-state")


def npz(**arrays: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


# ---- the layout of OPUS-MT


def train_vocabulary(path: Path, lines: list[str], size: int, **ids: int) -> Path:
    with path.open("wb") as file:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(lines), model_writer=file, vocab_size=size, model_type="bpe", character_coverage=1.0,
            num_threads=1, minloglevel=2, **ids,
        )  # fmt: skip
    return path


def load(path: Path) -> sentencepiece.SentencePieceProcessor:
    return sentencepiece.SentencePieceProcessor(model_file=str(path))


def write_list(path: Path, *vocabularies: Path) -> Path:
    """All pieces, sorted and numbered, as OPUS-MT writes its lists: </s> and <unk> are anywhere."""
    pieces = sorted({piece for vocabulary in vocabularies for piece in pieces_of(load(vocabulary))})
    quoted = [piece.replace("\\", "\\\\").replace('"', '\\"') for piece in pieces]
    path.write_text("".join(f'"{piece}": {row}\n' for row, piece in enumerate(quoted)), encoding="utf-8")
    return path


def segmented(vocabulary: Path, lines: list[str]) -> list[str]:
    return [" ".join(pieces) for pieces in load(vocabulary).encode(lines, out_type=str)]


def put_together(vocabulary: Path, lines: list[str]) -> list[str]:
    return [load(vocabulary).decode(line.split(" ")) for line in lines]


@pytest.fixture(scope="module")
def release(tiny_corpus, tmp_path_factory) -> Path:
    """A release with a model of all embeddings tied, trained on pieces of two vocabularies; SentencePiece's own default ids."""
    folder = tmp_path_factory.mktemp("release")
    pieces = []
    spms = []
    for side, path in zip(("source", "target"), tiny_corpus, strict=True):
        spms.append(train_vocabulary(folder / f"{side}.spm", list(read_lines(path)), 120))
        pieces.append(folder / f"pieces.{side}")
        write_lines(pieces[-1], segmented(spms[-1], list(read_lines(path))))
    write_list(folder / LIST, *spms)
    model = train_toy_model(folder, (pieces[0], pieces[1]), (folder / LIST, folder / LIST), {})
    model.rename(folder / MODEL)
    names = {"relative-paths": True, "models": [MODEL], "vocabs": [LIST, LIST], "beam-size": 6}
    (folder / "decoder.yml").write_text(json.dumps(names))
    return folder


@pytest.fixture(scope="module")
def original(release: Path) -> list[str]:
    """What the release itself makes of SOURCES."""
    pieces = decode(release / MODEL, (release / LIST, release / LIST), segmented(release / "source.spm", SOURCES))
    return put_together(release / "target.spm", pieces)


def zipped(folder: Path, changed: dict[str, Path | None] | None = None) -> bytes:
    """A release's zip, with other files in the place of its own, or none."""
    file = io.BytesIO()
    names = (MODEL, LIST, "decoder.yml", "source.spm", "target.spm")
    with zipfile.ZipFile(file, "w") as archive:
        for name, path in ({name: folder / name for name in names} | (changed or {})).items():
            if path:
                archive.write(path, name)
        archive.writestr("README.md", "about the model")
    return file.getvalue()


def test_a_zip_translates_as_before(web_server, release, original, tmp_path):
    web_server.files["/en-it/opus-2020-02-26.zip"] = zipped(release)
    statistics = take(tmp_path, f"{web_server.address}/en-it/opus-2020-02-26.zip", "--type", "opusmt")
    taken = tmp_path / "taken"
    vocab = taken / "vocab.en.spm", taken / "vocab.it.spm"
    assert [path.read_bytes() for path in vocab] == [(release / f"{side}.spm").read_bytes() for side in ("source", "target")]
    assert decode(taken / "model.npz", vocab, SOURCES) == original
    assert len(set(original)) > 80
    assert (statistics["pieces"], statistics["missing"]) == ([120, 120], [0, 0])
    assert sorted(path.name for path in taken.iterdir()) == ["model.npz", "vocab.en.spm", "vocab.it.spm"]

    again = tmp_path / "again"
    again.mkdir()
    take(again, f"{web_server.address}/en-it/opus-2020-02-26.zip", "--type", "opusmt")
    assert (again / "taken" / "model.npz").read_bytes() == (taken / "model.npz").read_bytes()


def take_with(web_server, release: Path, vocab: tuple[Path, Path], folder: Path) -> Path:
    """Takes the model from an unpacked release, without its .spm files, for these vocabularies."""
    web_server.files |= {f"/release/{name}": (release / name).read_bytes() for name in (MODEL, LIST, "decoder.yml")}
    take(folder, f"{web_server.address}/release", "--type", "opusmt", "--vocab", *vocab)
    return folder / "taken" / "model.npz"


def test_pieces_are_found_by_name_whatever_their_numbers(web_server, release, original, tmp_path):
    sides = zip(*toy_sentences(3000), strict=True)
    vocab = tuple(train_vocabulary(tmp_path / f"{side}.spm", list(lines), 119, **OUR_IDS) for side, lines in enumerate(sides))
    model = take_with(web_server, release, (vocab[0], vocab[1]), tmp_path)
    assert decode(model, (vocab[0], vocab[1]), SOURCES) == original


def test_a_joint_vocabulary_keeps_shared_embeddings(web_server, release, tmp_path):
    both = train_vocabulary(tmp_path / "both.spm", [line for pair in toy_sentences(3000) for line in pair], 160, **OUR_IDS)
    known = set(pieces_of(load(both)))
    assert known - set(read_list(release / LIST, ""))
    model = take_with(web_server, release, (both, both), tmp_path)
    options = read_options(read_model(model, ""), "")
    assert (options["tied-embeddings-all"], options["dim-vocabs"]) == (True, [160, 160])
    expected = decode(release / MODEL, (release / LIST, release / LIST), segmented(both, SOURCES))
    translated = decode(model, (both, both), SOURCES)
    pairs = [(old, new) for old, new in zip(expected, translated, strict=True) if set(old.split(" ")) <= known]
    assert len(pairs) > 20
    assert [new for _, new in pairs] == put_together(both, [old for old, _ in pairs])


@pytest.mark.parametrize(
    "architecture",
    [
        pytest.param({"tied-embeddings-all": True}, id="all tied"),
        pytest.param({"tied-embeddings-src": True}, id="sides tied"),
        pytest.param({"tied-embeddings": True}, id="target tied to output"),
        pytest.param({}, id="nothing tied"),
        pytest.param({"type": "s2s", "dim-rnn": 64}, id="s2s"),
    ],
)
def test_every_way_to_tie_embeddings(release, tmp_path, architecture):
    """Models that have learned nothing yet, so that every row counts; both sides know the same pieces, at other places."""
    lines = [line for pair in toy_sentences(500) for line in pair]
    vocab = (
        train_vocabulary(tmp_path / "source.spm", lines, 160),
        train_vocabulary(tmp_path / "target.spm", lines, 159, **OUR_IDS),
    )
    listed = write_list(tmp_path / LIST, *vocab)
    corpus = tmp_path / "pieces.source", tmp_path / "pieces.target"
    for path, vocabulary in zip(corpus, vocab, strict=True):
        write_lines(path, segmented(vocabulary, lines[:100]))
    model = train_toy_model(tmp_path, corpus, (listed, listed), {"tied-embeddings-all": False, "after": "2u"} | architecture)
    rows = read_list(listed, "")
    converted, _ = convert(read_model(model, ""), [rows, rows], [load(path) for path in vocab], False, "")
    write_model(tmp_path / "converted.npz", converted)
    pieces = decode(model, (listed, listed), segmented(vocab[0], SOURCES[:30]))
    translated = decode(tmp_path / "converted.npz", vocab, SOURCES[:30])
    # <s> is no piece of the target's vocabulary, so what follows on it differs.
    pairs = [(old, new) for old, new in zip(pieces, translated, strict=True) if "<s>" not in old]
    assert len(pairs) > 10 and len(set(translated)) > 3
    # Nothing learned, nothing certain: between equals the last bit of a sum decides.
    assert sum(new == put_together(vocab[1], [old])[0] for old, new in pairs) >= 0.9 * len(pairs)


def test_pieces_that_the_list_lacks(release):
    parameters = read_model(release / MODEL, "")
    listed = read_list(release / LIST, "")
    vocabularies = [load(release / f"{side}.spm") for side in ("source", "target")]
    lost = "▁città"
    less = {piece: row for piece, row in listed.items() if piece != lost}
    converted, sides = convert(parameters, [less, less], vocabularies, False, "")
    number = vocabularies[1].piece_to_id(lost)
    assert (sides[0].missing, sides[1].missing) == ([], [number])
    assert (converted["decoder_Wemb"][number] == parameters["Wemb"][listed["<unk>"]]).all()
    bias = "decoder_ff_logit_out_b"
    assert converted[bias][0, number] == pytest.approx(parameters[bias][0, listed["<unk>"]] - UNLIKELY)
    kept = vocabularies[1].piece_to_id("▁verde")
    assert converted[bias][0, kept] == parameters[bias][0, listed["▁verde"]]


def test_lists_are_read_as_marian_reads_them(tmp_path):
    pieces = [
        "</s>",
        "<unk>",
        "no",
        "~",
        "1.0",
        '"',
        "\\",
        "'",
        ":",
        "#",
        "▁",
        "\u2028",
        "\x85",
        "\x96",
        "\x01",
        "\ufeff",
        "東京",
        "🚀",
        "- ",
        "{",
    ]
    rows = {piece: row for row, piece in enumerate(pieces)}
    escaped = [piece.replace("\\", "\\\\").replace('"', '\\"') for piece in pieces]
    (tmp_path / "vocab.yml").write_text("".join(f'"{piece}": {row}\n' for row, piece in enumerate(escaped)), encoding="utf-8")
    (tmp_path / "vocab.json").write_text(json.dumps(rows), encoding="utf-8")
    (tmp_path / "src.vocab").write_text("".join(f"{piece}\n" for piece in pieces), encoding="utf-8")
    for name in ("vocab.yml", "vocab.json", "src.vocab"):
        assert read_list(tmp_path / name, "") == rows
    (tmp_path / "vocab.yml").write_text("- a\n- b\n")
    with pytest.raises(StepError, match=r"opus: vocab\.yml is no list of pieces"):
        read_list(tmp_path / "vocab.yml", "opus")


def test_releases_that_cannot_be_converted(web_server, release, tmp_path):
    labelled, endless, ensemble = tmp_path / "labelled.yml", tmp_path / "endless.yml", tmp_path / "ensemble.yml"
    labelled.write_text((release / LIST).read_text() + '">>fra<<": 5000\n">>ita<<": 5001\n')
    endless.write_text('"a": 0\n"</s>": 1\n')
    ensemble.write_text(json.dumps({"models": [MODEL, MODEL], "vocabs": [LIST, LIST]}))
    whole = zipped(release)
    cases: list[tuple[str, bytes, list[str]]] = [
        (r"opus\.zip: a broken zip", whole[:-200], []),
        (r"no training state; use the mode init", whole, ["--training-state"]),
        (r"wants the target language at the beginning of every sentence \(>>fra<< >>ita<<\)", zipped(release, {LIST: labelled}), []),
        (r"no </s> or no <unk>", zipped(release, {LIST: endless}), []),
        (r"names 2 models", zipped(release, {"decoder.yml": ensemble}), []),
        *((rf"no {name} in it", zipped(release, {name: None}), []) for name in (MODEL, LIST, "decoder.yml", "target.spm")),
    ]
    for number, (error, content, words) in enumerate(cases):
        web_server.files["/opus.zip"] = content
        with pytest.raises(StepError, match=error):
            take(tmp_path / str(number), f"{web_server.address}/opus.zip", "--type", "opusmt", *words)
        assert not (tmp_path / str(number) / "taken").exists()


def test_an_unpacked_release_is_complete_before_it_is_downloaded(web_server, release, tmp_path):
    web_server.files["/opus/decoder.yml"] = (release / "decoder.yml").read_bytes()
    with pytest.raises(StepError, match=rf"/{MODEL}: .*404.*/{LIST}: .*404.*/source\.spm: .*404.*/target\.spm: .*404"):
        take(tmp_path, f"{web_server.address}/opus/", "--type", "opusmt")
    with pytest.raises(StepError, match=r"/other/decoder\.yml: the server answered 404"):
        take(tmp_path, f"{web_server.address}/other", "--type", "opusmt")
