"""Files of the pipeline's code that no import names: data, such as model architectures, and modules that an argument chooses."""

import importlib
from pathlib import Path
from types import ModuleType

from pipeline.common.script import StepError

PIPELINE = Path(__file__).resolve().parents[1]


def data_file(name: str) -> Path:
    """The path of a file or folder below pipeline/.

    The name is a literal: whoever asks what a script's result depends on reads it from the source.
    """
    return PIPELINE / name


def data_choice(folder: str, name: str) -> Path:
    """The file of a folder below pipeline/ that an argument names without its suffix; raises StepError that lists the names there are.

    The folder is a literal, as for data_file.
    """
    files = {file.stem: file for file in (PIPELINE / folder).iterdir()}
    if name not in files:
        raise StepError(f"there is no {name} in {Path(folder).name}: {', '.join(sorted(files))}")
    return files[name]


def module_choice(folder: str, name: str) -> ModuleType:
    """The module of a package below pipeline/ that an argument names; raises StepError that lists the names there are.

    The argument begins with the name, and goes on with "_" or ends: `news-crawl_news.2021` chooses news_crawl.py. Only that module belongs
    to the script's code then. The folder is a literal, as for data_file.
    """
    names = {file.stem for file in (PIPELINE / folder).glob("*.py")} - {"__init__"}
    if name.replace("-", "_") not in names:
        known = ", ".join(sorted(module.replace("_", "-") for module in names))
        raise StepError(f"there is no {name} in {Path(folder).name}: {known}")
    return importlib.import_module(".".join(["pipeline", *Path(folder).parts, name.replace("-", "_")]))
