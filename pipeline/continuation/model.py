"""Takes a model of an earlier run.

In: the address of its folder (http, https, file), or of the model itself; optionally the vocabularies that this run uses. Out, in the
output folder: model.npz, vocab.SRC.spm and vocab.TRG.spm (those given, else the model's own). With --training-state also
model.npz.optimizer.npz and model.npz.progress.yml, and the model is the checkpoint that they belong to; Marian goes on from there.

Two layouts are known. `default` is what runs of this kind of pipeline publish, see model_files: the files come as they are, and have to
belong together. `opusmt` is a release of OPUS-MT, a zip or a folder: its model is converted to SentencePiece vocabularies, see opusmt.

Memory: the model, and while it is converted twice that. Statistics: `sources`, `pieces` of both sides, and for a converted model how many
of them its own vocabulary has not (`missing`).
"""

import argparse
import logging
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from pipeline.common.marian_model import embedded_pieces, read_model, read_npz, read_options, write_model
from pipeline.common.outputs import atomic_output, write_json
from pipeline.common.scratch import scratch_folder
from pipeline.common.script import StepError, base_parser, check_files, run
from pipeline.common.source import Source
from pipeline.continuation.model_files import LAST_CHECKPOINT, TRAINING_STATE, find_model
from pipeline.continuation.opusmt import DECODER, SEGMENTATION, Release, convert, find_release, named_files, read_list, unpack
from pipeline.continuation.vocabulary import load_vocabulary, pieces_of

MANY_MISSING = 0.1


def parser() -> argparse.ArgumentParser:
    parser = base_parser(__doc__)
    parser.add_argument("--url", required=True, help="the model's folder, or the model itself (*.npz, for opusmt *.zip)")
    parser.add_argument("--type", choices=["default", "opusmt"], default="default", help="the folder's layout (%(default)s)")
    parser.add_argument("--src", required=True, metavar="TAG", help="language that the model translates from")
    parser.add_argument("--trg", required=True, metavar="TAG", help="language that the model translates to")
    parser.add_argument("--best-metric", required=True, metavar="METRIC", help="of several checkpoints, take the best by this metric")
    parser.add_argument("--vocab", type=Path, nargs=2, metavar=("SRC_SPM", "TRG_SPM"), help="vocabularies of this run")
    parser.add_argument("--training-state", action="store_true", help="take the optimizer's state and the progress too")
    parser.add_argument("--work-dir", type=Path, required=True, metavar="DIR", help="room for the downloaded files")
    parser.add_argument("--output-dir", type=Path, required=True, metavar="DIR")
    return parser


def main(argv: Sequence[str] | None = None) -> None:
    arguments = parser().parse_args(argv)
    check_files(arguments.vocab or [])
    take = take_opusmt if arguments.type == "opusmt" else take_default
    with scratch_folder(arguments.output_dir / LAST_CHECKPOINT, "download", arguments.work_dir) as folder:
        statistics = take(arguments, folder)
    write_json(arguments.statistics, statistics)


def take_default(arguments: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Copies a model whose files fit together; returns the statistics."""
    languages = (arguments.src, arguments.trg)
    urls = find_model(arguments.url, languages, arguments.best_metric, arguments.training_state, not arguments.vocab)
    logging.info("taking %s", urls.model)
    own_urls = urls.vocabularies or ()
    sources = download([urls.model, *urls.state, *own_urls], folder)
    own = [folder / name_of(url) for url in own_urls]
    vocab, origins = (arguments.vocab, arguments.vocab) if arguments.vocab else (own, own_urls)
    vocabularies = [load_vocabulary(path, str(path)) for path in arguments.vocab or []]
    own_vocabularies = [load_vocabulary(path, url) for path, url in zip(own, own_urls, strict=True)]
    for given, its_own, path, url in zip(vocabularies, own_vocabularies, vocab, own_urls, strict=False):
        if pieces_of(given) != pieces_of(its_own):
            raise StepError(f"{path}: not the vocabulary that the model was trained with, which is {url}")

    model = folder / name_of(urls.model)
    parameters = read_model(model, urls.model)
    read_options(parameters, urls.model)
    pieces = [len(vocabulary) for vocabulary in vocabularies or own_vocabularies]
    for expected, found, origin in zip(embedded_pieces(parameters, urls.model), pieces, origins, strict=True):
        if expected != found:
            raise StepError(f"{origin}: {found} pieces, but {urls.model} has embeddings for {expected}: another model's vocabulary")
    state = [folder / name_of(url) for url in urls.state]
    if state:
        trained = sum(values.size for name, values in parameters.items() if not name.startswith("special:"))
        check_training_state(state, urls.state, trained)

    outputs = [f"{LAST_CHECKPOINT}{suffix}" for suffix in ("", *TRAINING_STATE)]
    for path, name in zip([model, *state], outputs, strict=False):
        copy(path, arguments.output_dir / name)
    write_vocabularies(vocab, arguments)
    return {"sources": sources, "pieces": pieces}


def check_training_state(state: Sequence[Path], urls: Sequence[str], parameters: int) -> None:
    """Raises StepError unless these are a state of Marian's optimizer for as many parameters, and Marian's progress."""
    import yaml

    optimizer, progress = state
    moments = read_npz(optimizer, urls[0])
    smallest = min(moments[name].size if name in moments else 0 for name in ("adam_mt", "adam_vt"))
    if smallest < parameters:
        raise StepError(f"{urls[0]}: the state of {smallest} parameters, but the model has {parameters}: another model's state")
    try:
        content = yaml.safe_load(progress.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise StepError(f"{urls[1]}: not the progress of a training ({error})") from error
    if not isinstance(content, dict) or "batches" not in content:
        raise StepError(f"{urls[1]}: not the progress of a training: it has no number of batches")


def take_opusmt(arguments: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Writes a release of OPUS-MT, converted; returns the statistics."""
    url = arguments.url
    if arguments.training_state:
        raise StepError(f"{url}: a release of OPUS-MT has no training state; use the mode init, which begins with its weights")
    release, sources = download_release(url, folder, with_segmentation=not arguments.vocab)
    vocab = arguments.vocab or release.segmentation
    missing = [path.name for path in release.segmentation if not path.is_file()] if not arguments.vocab else []
    if missing:
        raise StepError(f"{url}: no {', '.join(missing)} in it; a model that is not on SentencePiece vocabularies cannot be converted")

    vocabularies = [load_vocabulary(path, str(path) if arguments.vocab else f"{url}: {path.name}") for path in vocab]
    joint = vocab[0].read_bytes() == vocab[1].read_bytes()
    lists = [read_list(path, url) for path in release.lists]
    parameters, sides = convert(read_model(release.model, url), lists, vocabularies, joint, url)
    for side, path in zip(sides, vocab, strict=True):
        if len(side.missing) > MANY_MISSING * len(side.rows):
            logging.warning("%s: the model knows %d of %d pieces not at all", path, len(side.missing), len(side.rows))

    with atomic_output(arguments.output_dir / LAST_CHECKPOINT) as partial:
        write_model(partial, parameters)
    write_vocabularies(vocab, arguments)
    return {"sources": sources, "pieces": [len(side.rows) for side in sides], "missing": [len(side.missing) for side in sides]}


def download_release(url: str, folder: Path, with_segmentation: bool) -> tuple[Release, list[dict[str, Any]]]:
    """The files of a release on this disk: unpacked, downloaded by the names in its decoder.yml, or where they are."""
    from pipeline.common.url_check import check_urls

    parts = urlsplit(url)
    unpacked = folder / "release"
    if parts.path.endswith(".zip"):
        check_urls([url])
        sources = download([url], folder)
        unpack(folder / name_of(url), unpacked, url)
        return find_release(unpacked, url), sources
    base = f"{url.removesuffix('/')}/"
    check_urls([urljoin(base, DECODER)])
    sources = download([urljoin(base, DECODER)], unpacked, keep_names=True)
    model, lists = named_files(unpacked / DECODER, url)
    names = list(dict.fromkeys([model, *lists, *(SEGMENTATION if with_segmentation else ())]))
    check_urls([urljoin(base, name) for name in names])
    sources += download([urljoin(base, name) for name in names], unpacked, keep_names=True)
    return find_release(unpacked, url), sources


def download(urls: Sequence[str], folder: Path, keep_names: bool = False) -> list[dict[str, Any]]:
    """Puts each file into `folder`, under a name of its own or as it is called, and says what came."""
    from pipeline.common.fetch import fetch

    sources: list[Source] = []
    for url in dict.fromkeys(urls):
        sources.append(fetch(url, folder / (Path(urlsplit(url).path).name if keep_names else name_of(url))))
    return [source.record() for source in sources]


def name_of(url: str) -> str:
    from pipeline.common.fetch import local_name

    return local_name(url)


def write_vocabularies(vocab: Sequence[Path], arguments: argparse.Namespace) -> None:
    for path, language in zip(vocab, (arguments.src, arguments.trg), strict=True):
        copy(path, arguments.output_dir / f"vocab.{language}.spm")


def copy(path: Path, output: Path) -> None:
    with atomic_output(output) as partial:
        shutil.copyfile(path, partial)


if __name__ == "__main__":
    run(main)
