"""Drops the lines of monolingual text that Monocleaner does not take for fluent sentences of their language.

    python3 -m pipeline.clean.monocleaner --corpus clean.it.zst --language it --threshold 0.7 --work-dir work --output fluent.it.zst

The text is what clean_mono.py left. Every line is scored by the language's character model, from 0 (noise) to 1 (fluent); kept are those
with a score of at least the threshold, in their order. Monocleaner's own rules and language identification are off: they have been applied
by clean_mono.py, ours in place of its. An empty line is dropped.

Monocleaner's own downloader fetches the model (https://github.com/bitextor/monocleaner#scoring). A process for each thread; after a restart
it goes on where it was stopped, and command_scores.py says how, and what memory it takes.

Statistics: `lines.in`, `lines.out`, `threshold`, `scores` (how many by tenths), `model`, the code of its language.
"""

import argparse
import re
import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from pipeline.clean.command_scores import Kept, Scorer, find_commands, one_column, score_lines, threshold
from pipeline.clean.model_download import FailedDownloadError, NoSuchModelError, find_metadata, run_downloader, with_retries
from pipeline.common.languages import Language, parse_language
from pipeline.common.lines import count_lines, open_parallel_output, read_lines
from pipeline.common.outputs import write_json
from pipeline.common.script import StepError, add_threads, base_parser, check_files, run

DOWNLOADER, SCORER = "monocleaner-download", "monocleaner"
BLOCK = 10_000  # lines
NO_SUCH_MODEL = "language pack does not exist"
# The downloader's exit code is 0 whatever happens. A file that did not come, or not whole, shows in tar's last words.
TAR_FAILED = re.compile(r"^tar: (Error is not recoverable|Exiting with failure status)", re.MULTILINE)


def parser() -> argparse.ArgumentParser:
    options = base_parser(__doc__)
    options.add_argument("--corpus", required=True, type=Path, metavar="FILE")
    options.add_argument("--language", required=True, metavar="TAG")
    options.add_argument("--threshold", required=True, type=threshold, metavar="SCORE", help="the lowest score to keep, from 0 to 1")
    options.add_argument("--work-dir", required=True, type=Path, metavar="DIR", help="holds the model, and the scores until all are there")
    options.add_argument("--output", required=True, type=Path, metavar="FILE")
    add_threads(options)
    return options


def main(argv: Sequence[str] | None = None) -> None:
    arguments = parser().parse_args(argv)
    check_files([arguments.corpus])
    language = parse_language(arguments.language)
    find_commands("monocleaner", DOWNLOADER, SCORER, "wget")
    folder = arguments.work_dir / "monocleaner"
    folder.mkdir(parents=True, exist_ok=True)
    code, model = fetch(language, folder)

    command = [SCORER, "--score_only", "--disable_hardrules", "--disable_lang_ident", "--quiet", str(model)]
    scorer = Scorer(command, [{}] * arguments.threads, BLOCK)
    lines = map(one_column, read_lines(arguments.corpus))
    scores = score_lines(scorer, lines, count_lines(arguments.corpus), folder)
    kept = Kept(arguments.threshold)
    with open_parallel_output(arguments.output) as writer:
        for line, score in zip(read_lines(arguments.corpus), scores, strict=True):
            if kept.keep(score):
                writer.write(line)
    shutil.rmtree(folder)
    write_json(arguments.statistics, {**kept.statistics(), "model": code})


def fetch(language: Language, folder: Path) -> tuple[str, Path]:
    """The code and the folder of the language's model, unless an earlier run fetched it.

    Raises StepError where there is none, RetryableError where the network fails.
    """
    for code in language.bitextor:
        model = folder / f"model-{code}"
        try:
            if not model.exists():
                with_retries(partial(download, code, folder / "download"), code).rename(model)
        except NoSuchModelError:
            continue
        return code, model
    raise StepError(
        f"Monocleaner has no model of {language.tag} (tried: {', '.join(language.bitextor)}); set its thresholds to 0 to do without"
    )


def download(code: str, folder: Path) -> Path:
    """The folder of the downloaded model."""
    _, log = run_downloader([DOWNLOADER, "-q", code, str(folder)], folder, {})
    if NO_SUCH_MODEL in log:
        raise NoSuchModelError
    metadata = find_metadata(folder)
    if metadata is None or TAR_FAILED.search(log):
        raise FailedDownloadError(f"{DOWNLOADER} brought no whole model")
    return metadata.parent


if __name__ == "__main__":
    run(main)
