import io
import json
from pathlib import Path

import pytest
import sentencepiece

from pipeline.common.script import StepError
from pipeline.continuation.vocab import main
from tests.pipeline.toy_language import toy_sentences


def vocabulary(side: int, size: int = 48, **ids: int) -> bytes:
    model = io.BytesIO()
    lines = iter([pair[side] for pair in toy_sentences(300)])
    ids = {"bos_id": -1, "eos_id": 0, "unk_id": 1} | ids
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=lines, model_writer=model, vocab_size=size, num_threads=1, minloglevel=2, **ids
    )
    return model.getvalue()


def take(folder: Path, source: str, target: str) -> tuple[Path, Path]:
    outputs = folder / "taken" / "vocab.en.spm", folder / "taken" / "vocab.it.spm"
    words = ["--src-url", source, "--trg-url", target, "--output", *outputs, "--statistics", folder / "statistics.json"]
    main([str(word) for word in words])
    return outputs


def test_the_files_come_as_they_are(web_server, tmp_path, caplog):
    files = [vocabulary(0), vocabulary(1)]
    web_server.files["/vocab.en.spm"] = files[0]
    (tmp_path / "given.spm").write_bytes(files[1])
    outputs = take(tmp_path, f"{web_server.address}/vocab.en.spm", (tmp_path / "given.spm").as_uri())
    assert [path.read_bytes() for path in outputs] == files
    assert sorted(path.name for path in outputs[0].parent.iterdir()) == ["vocab.en.spm", "vocab.it.spm"]
    statistics = json.loads((tmp_path / "statistics.json").read_text())
    assert statistics["pieces"] == [48, 48]
    assert [source["bytes"] for source in statistics["sources"]] == [len(content) for content in files]
    assert not caplog.records


def test_a_joint_vocabulary_is_fetched_once(web_server, tmp_path):
    web_server.files["/vocab.spm"] = vocabulary(0)
    outputs = take(tmp_path, f"{web_server.address}/vocab.spm", f"{web_server.address}/vocab.spm")
    assert outputs[0].read_bytes() == outputs[1].read_bytes() == web_server.files["/vocab.spm"]
    assert len(json.loads((tmp_path / "statistics.json").read_text())["sources"]) == 1
    assert web_server.ranges == ["bytes=0-0", None]


def test_a_size_that_gpus_do_not_like_is_a_warning(web_server, tmp_path, caplog):
    web_server.files["/vocab.spm"] = vocabulary(0, size=47)
    take(tmp_path, f"{web_server.address}/vocab.spm", f"{web_server.address}/vocab.spm")
    assert "47 pieces are not divisible by 8" in caplog.text


def test_what_is_no_vocabulary_is_named(web_server, tmp_path):
    web_server.files |= {"/good.spm": vocabulary(0), "/bad.spm": b"not a model", "/endless.spm": vocabulary(0, eos_id=-1)}
    for name, error in (("bad", "not a SentencePiece model"), ("endless", "no </s> among the 48 pieces")):
        with pytest.raises(StepError, match=rf"/{name}\.spm: {error}"):
            take(tmp_path, f"{web_server.address}/good.spm", f"{web_server.address}/{name}.spm")
    assert not (tmp_path / "taken" / "vocab.en.spm").exists()


def test_all_wrong_addresses_are_named_before_a_download(web_server, tmp_path):
    with pytest.raises(StepError, match=r"/one\.spm: the server answered 404.*/two\.spm: the server answered 404"):
        take(tmp_path, f"{web_server.address}/one.spm", f"{web_server.address}/two.spm")
    assert not (tmp_path / "taken").exists()
