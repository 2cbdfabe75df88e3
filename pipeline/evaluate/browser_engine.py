"""Translates with an exported model in the engine that browsers use, in Node; see browser/translate.mjs."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from pipeline.common.data_files import data_file
from pipeline.common.progress import progress
from pipeline.common.script import StepError


def translate_in_browser_engine(
    sources: Iterable[str], model_dir: Path, src: str, trg: str, *, shortlist: bool = True, description: str = "translate"
) -> list[str]:
    """One translation per source line, by the files of `model_dir` alone (see pipeline.export.export for their names).

    Raises StepError where Node or the engine is missing, or where the engine refuses the files, with what it said.
    """
    engine = data_file("evaluate/browser")
    node = shutil.which("node")
    if node is None:
        raise StepError(f"no `node` on the PATH: install Node 18.19 or newer, then run `npm ci` in {engine}")
    words = [node, str(engine / "translate.mjs"), "--model-dir", str(model_dir), "--src", src, "--trg", trg]
    if not shortlist:
        words.append("--no-shortlist")
    with tempfile.TemporaryFile() as source_file, tempfile.TemporaryFile() as messages:
        lines = 0
        for source in sources:
            source_file.write(source.encode("utf-8") + b"\n")
            lines += 1
        source_file.seek(0)
        with subprocess.Popen(words, stdin=source_file, stdout=subprocess.PIPE, stderr=messages) as process:
            assert process.stdout is not None
            translations = [line.decode("utf-8").removesuffix("\n") for line in progress(process.stdout, description, total=lines)]
        messages.seek(0)
        said = messages.read().decode("utf-8", errors="replace").strip()
    if process.returncode != 0:
        raise StepError(f"{model_dir}: {said or f'the engine ended with exit code {process.returncode}'}")
    if len(translations) != lines:
        raise StepError(f"{model_dir}: the engine gave {len(translations)} translations for {lines} lines. {said}")
    return translations
