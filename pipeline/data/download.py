"""Downloads one dataset and writes it as lines: parallel text as two files, monolingual text as one.

    python3 -m pipeline.data.download --dataset ddtp_bookworm/titles[0:1000] --src en --trg it --output titles.en.zst titles.it.zst
    python3 -m pipeline.data.download --dataset url_https://host/news.[LANG].zst --language en --output news.en.zst

A dataset is named PROVIDER_NAME; `pipeline/data/providers/` says what NAME may be. With --max-sentences a uniform sample is kept, in the
dataset's order and the same for the same seed. The text is not cleaned, but a line of it is one for every reader, and UTF-8 (repair.py).
PROVIDER_aug-KIND_NAME is a copy of parallel text that is augmented after the sample was drawn; `pipeline/data/augmentations/` says how.

Statistics: `sources` (url, bytes and sha256 of what was downloaded), `licence` where the provider states one, `lines.available` and
`lines.written`, `repaired` (how many lines of what), and of an augmented copy how many pairs were changed and added.
"""

import argparse
import logging
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pipeline.common.blocks import decoded, encoded, open_block_output
from pipeline.common.languages import parse_language
from pipeline.common.outputs import write_json
from pipeline.common.progress import block_progress
from pipeline.common.scratch import scratch_folder
from pipeline.common.script import RetryableError, StepError, base_parser, positive_int, run
from pipeline.data.augmentations import Augmentation, split_augmentation
from pipeline.data.dataset import Dataset
from pipeline.data.providers import find_provider


def parser() -> argparse.ArgumentParser:
    options = base_parser(__doc__)
    options.add_argument("--dataset", required=True, metavar="PROVIDER_NAME")
    options.add_argument("--src", metavar="TAG", help="source language of parallel text")
    options.add_argument("--trg", metavar="TAG", help="target language of parallel text")
    options.add_argument("--language", metavar="TAG", help="language of monolingual text")
    options.add_argument("--output", required=True, nargs="+", type=Path, metavar="FILE", help="a file for each language, in their order")
    options.add_argument("--min-document-score", type=float, metavar="SCORE", help="leave out documents with a lower score")
    options.add_argument("--max-sentences", type=positive_int, metavar="N", help="keep a uniform sample of this many lines")
    options.add_argument("--seed", type=int, default=1, help="of the sample (default: 1)")
    options.add_argument("--work-dir", type=Path, metavar="DIR", help="room for the downloaded files (default: beside the output)")
    return options


def main(argv: Sequence[str] | None = None) -> None:
    arguments = parser().parse_args(argv)
    languages = requested_languages(arguments)
    if len(arguments.output) != len(languages):
        raise StepError(f"--output names {len(arguments.output)} files for {len(languages)} languages ({' '.join(languages)})")
    plain_dataset, kind = split_augmentation(arguments.dataset)
    augmentation = Augmentation(kind, arguments.dataset, languages) if kind else None
    provider, name = find_provider(plain_dataset)
    options = {} if arguments.min_document_score is None else {"min_document_score": arguments.min_document_score}
    if options and not provider.scores_documents:
        raise StepError(f"{arguments.dataset}: --min-document-score, but {provider.prefix} has no documents with scores")

    if len(languages) not in provider.columns:
        has = "monolingual text: give --language" if provider.columns == (1,) else "parallel text: give --src and --trg"
        raise StepError(f"{arguments.dataset}: {provider.prefix} has only {has}")

    with scratch_folder(arguments.output[0], "download", arguments.work_dir) as folder, errors_of(arguments.dataset, folder):
        dataset = provider.download(name, languages, folder, **options)
        written = write_dataset(dataset, arguments.output, arguments.max_sentences, arguments.seed, folder, augmentation)

    statistics = {
        "dataset": arguments.dataset,
        "languages": list(languages),
        **written,
        **dataset.provenance(),
    }
    if augmentation:
        statistics["augmentation"] = augmentation.statistics()
        if not augmentation.changed and not augmentation.added:
            logging.warning("%s: nothing was changed, the set is the same as %s", arguments.dataset, plain_dataset)
    write_json(arguments.statistics, statistics)


def requested_languages(arguments: argparse.Namespace) -> tuple[str, ...]:
    """The languages of the columns: --src and --trg, or --language."""
    parallel = [tag for tag in (arguments.src, arguments.trg) if tag]
    if (len(parallel), bool(arguments.language)) not in {(2, False), (0, True)}:
        raise StepError("give either --src and --trg (parallel text) or --language (monolingual text)")
    languages = tuple(parallel) or (arguments.language,)
    for tag in languages:
        parse_language(tag)
    return languages


@contextmanager
def errors_of(dataset: str, folder: Path) -> Iterator[None]:
    """Puts the dataset's name before errors, and does away with downloaded files that trying again cannot help."""
    try:
        yield
    except RetryableError as error:
        raise RetryableError(f"{dataset}: {error}") from error
    except StepError as error:
        shutil.rmtree(folder)
        raise StepError(f"{dataset}: {error}") from error


def write_dataset(
    dataset: Dataset, outputs: Sequence[Path], max_sentences: int | None, seed: int, folder: Path, augmentation: Augmentation | None = None
) -> dict[str, object]:
    """Writes the lines, or a sample of `max_sentences`, augmented; returns how many there are and were written, and what was repaired."""
    # With numpy and Arrow, which take a while to import.
    from pipeline.common.texts import TextBlock, as_blocks, as_texts, write
    from pipeline.data.repair import Repair
    from pipeline.data.sampling import Sample

    repair = Repair()
    available = 0

    def repaired() -> Iterator[TextBlock]:
        nonlocal available
        for block in block_progress(dataset.texts(), "downloading"):
            available += len(block[0])
            yield repair.block(block)

    blocks = repaired()
    if max_sentences is not None:
        sample = Sample(max_sentences, seed, len(outputs), folder)
        sample.draw(blocks)
        blocks = sample.blocks()
    if augmentation:
        blocks = as_texts(encoded(augmentation.apply(decoded(as_blocks(blocks))), len(outputs)))
    with open_block_output(*outputs) as writer:
        for block in blocks:
            write(writer, block)
        if writer.lines == 0:
            raise StepError("the dataset is empty: no line in the languages asked for")
    return {"lines": {"available": available, "written": writer.lines}, "repaired": repair.counts}


if __name__ == "__main__":
    run(main)
