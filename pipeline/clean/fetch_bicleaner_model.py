"""Fetches the Bicleaner AI model that fits a language pair best, and packs it into one archive.

    python3 -m pipeline.clean.fetch_bicleaner_model --src fr --trg en --work-dir work --output bicleaner-model.tar.zst

The "full" model of the pair, of the reversed pair, or of one of its languages and any other, whichever is there first; bicleaner_model.py
says which are tried, and what the archive holds. Bicleaner AI's own downloader fetches it, from the hub where its authors publish
(https://github.com/bitextor/bicleaner-ai#download-a-model). An authentication token for private models is read from HF_TOKEN.

Statistics: `model` (its name, the pair, whether the sides are swapped), `files`, the SHA-256 of each.
"""

import argparse
import hashlib
import logging
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

from pipeline.clean.bicleaner_model import MODEL, ModelDescription, candidates, model_files, pack
from pipeline.clean.command_scores import find_commands
from pipeline.clean.model_download import FailedDownloadError, NoSuchModelError, find_metadata, run_downloader, with_retries
from pipeline.common.languages import Language, parse_language
from pipeline.common.outputs import write_json
from pipeline.common.script import StepError, base_parser, run

DOWNLOADER = "bicleaner-ai-download"
# It ends with exit code 1 for every reason. This is logged only when both places where models may be have answered that there is none.
NO_SUCH_MODEL = "language pack does not exist"


def parser() -> argparse.ArgumentParser:
    options = base_parser(__doc__)
    options.add_argument("--src", required=True, metavar="TAG", help="source language")
    options.add_argument("--trg", required=True, metavar="TAG", help="target language")
    options.add_argument("--work-dir", required=True, type=Path, metavar="DIR", help="room for the downloaded files")
    options.add_argument("--output", required=True, type=Path, metavar="FILE", help="the archive, a .tar.zst")
    return options


def main(argv: Sequence[str] | None = None) -> None:
    arguments = parser().parse_args(argv)
    src, trg = parse_language(arguments.src), parse_language(arguments.trg)
    find_commands("bicleaner", DOWNLOADER)
    folder = arguments.work_dir / "bicleaner-model"
    description = fetch(src, trg, folder)
    logging.info("the model %s is used%s", description.name, " with the sides swapped" if description.swapped else "")
    pack(folder, description, arguments.output)
    files = {name: sha256(path) for name, path in model_files(folder / MODEL)}
    shutil.rmtree(folder)
    write_json(arguments.statistics, {"model": asdict(description), "files": files})


def fetch(src: Language, trg: Language, folder: Path) -> ModelDescription:
    """Puts the first model that exists into MODEL in `folder`; raises StepError where none does, RetryableError where the network fails."""
    tried = []
    for first, second in candidates(src, trg):
        name = f"{first}-{second}"
        try:
            found, languages = with_retries(partial(download, first, second, folder), name)
        except NoSuchModelError:
            tried.append(name)
            continue
        shutil.rmtree(folder / MODEL, ignore_errors=True)
        found.rename(folder / MODEL)
        # Where the hub has no model, the downloader looks for one of its old packs, and takes that of the reversed pair as well.
        if languages == (second, first):
            first, second = second, first
        return ModelDescription(f"{first}-{second}", src.tag, trg.tag, swapped=first not in src.bitextor)
    raise StepError(
        f"Bicleaner AI has no full model for {src.tag}-{trg.tag} (tried: {', '.join(tried)}); set its thresholds to 0 to do without"
    )


def download(first: str, second: str, folder: Path) -> tuple[Path, tuple[str, str]]:
    """The folder of the downloaded model, and the languages that its metadata names."""
    import yaml

    target = folder / "download"
    # Everything that the hub's client keeps goes below the work folder, not into the user's.
    code, log = run_downloader([DOWNLOADER, "--quiet", first, second, "full", str(target)], target, {"HF_HOME": str(folder / "hub")})
    if code != 0:
        raise NoSuchModelError if NO_SUCH_MODEL in log else FailedDownloadError(f"{DOWNLOADER} ended with exit code {code}")
    metadata = find_metadata(target)
    if metadata is None:
        raise FailedDownloadError(f"{DOWNLOADER} brought no metadata.yaml")
    content = yaml.safe_load(metadata.read_text(encoding="utf-8"))
    return metadata.parent, (content["source_lang"], content["target_lang"])


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    run(main)
