"""What a step's result depends on beside its inputs, as hashes: its code and the packages it runs with.

The code is the script, every module of `pipeline/` that it imports, however far, and every data file that one of them names through
`pipeline.common.data_files.data_file("FOLDER-OR-FILE")`. It is read from the files' syntax trees, so nothing is listed by hand and
nothing is imported. Of a folder from which an argument picks a file, `data_choice("FOLDER", name)`, it is the file that the command names:
a student's curriculum does not retrain a teacher. Of a package from which an argument picks a module, `module_choice("FOLDER", name)`, it
is that module and what it reaches in turn: a change of one provider does not download the others' datasets anew.
"""

import ast
import hashlib
from collections.abc import Collection
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATA_FILE_HELPER = "data_file"
DATA_CHOICE_HELPER = "data_choice"
MODULE_CHOICE_HELPER = "module_choice"


class UnreadableDependencyError(Exception):
    pass


def file_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def combined_hash(paths: list[Path], root: Path) -> str:
    """One hash of the names and contents of files."""
    listing = "".join(f"{file_hash(path)}  {path.relative_to(root)}\n" for path in sorted(paths))
    return hashlib.sha256(listing.encode()).hexdigest()


def script_hash(script: str, words: Collection[str] = (), root: Path = ROOT) -> str:
    """The hash of all code and data that `script` (a path from the repository's root) reaches when it is called with these words."""
    return paths_hash(frozenset(script_files(script, words, root)), root)


def script_files(script: str, words: Collection[str] = (), root: Path = ROOT) -> set[Path]:
    """The files of all code and data that `script` reaches when it is called with these words."""
    reached: set[Path] = set()
    pending = [root / script]
    while pending:
        found = reached_files(pending.pop(), root) - reached
        reached |= found
        for folder in sorted(path for path in found if path.is_dir()):
            pending += chosen_files(folder, words, script)
    return {path for path in reached if path.is_file()}


@cache
def paths_hash(paths: frozenset[Path], root: Path) -> str:
    return combined_hash(sorted(paths), root)


def chosen_files(folder: Path, words: Collection[str], script: str) -> list[Path]:
    """The files of a folder that a command's words name."""
    if (folder / "__init__.py").exists():
        # That there is no such module is for the script to say: it knows what else was wrong with the word.
        names = {word.partition("_")[0].replace("-", "_") for word in words} - {"", "__init__"}
        return [file for file in folder.glob("*.py") if file.stem in names]
    found = [file for file in folder.iterdir() if file.stem in words]
    if not found:
        raise UnreadableDependencyError(f"{script} takes a file of {folder.name}/, and no word of its command names one")
    return found


def existing_script(script: str, root: Path = ROOT) -> str:
    if not (root / script).is_file():
        raise Exception(f"there is no script {script}")
    return script


@cache
def requirements_hash(group: str, root: Path = ROOT) -> str:
    return file_hash(root / "requirements" / f"{group}.txt")


@cache
def reached_files(script: Path, root: Path) -> set[Path]:
    """The files that a script runs with, and the folders from which an argument picks a file."""
    reached: set[Path] = set()
    pending = [script]
    while pending:
        path = pending.pop()
        if path in reached:
            continue
        reached.add(path)
        if path.suffix == ".py":
            pending += references(path, root)
    return reached


@cache
def references(path: Path, root: Path) -> list[Path]:
    """The files of the project that one module imports or names as data."""
    files: list[Path] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        match node:
            case ast.Import(names=names):
                files += [file for name in names for file in module_files(name.name, root)]
            case ast.ImportFrom(module=str(module), names=names, level=0):
                # `from package import name` may mean a module of the package as well as a name in it.
                files += [file for name in names for file in module_files(f"{module}.{name.name}", root)]
            case ast.ImportFrom(level=level) if level > 0:
                raise UnreadableDependencyError(f"{path}:{node.lineno}: a relative import; write the module's full name")
            case ast.Call(func=ast.Name(id=name), args=arguments) if name == DATA_FILE_HELPER:
                files += data_files(path, node.lineno, arguments, root)
            case ast.Call(func=ast.Name(id=name), args=arguments) if name in (DATA_CHOICE_HELPER, MODULE_CHOICE_HELPER):
                files.append(data_named(path, node.lineno, arguments, root))
    return files


def module_files(module: str, root: Path) -> list[Path]:
    """The module's file, if it is ours, and the `__init__.py` of the packages around it, which run with it."""
    parts = module.split(".")
    if not (root / parts[0]).is_dir():
        return []
    candidates = [root.joinpath(*parts[:end], "__init__.py") for end in range(1, len(parts) + 1)]
    candidates.append(root.joinpath(*parts).with_suffix(".py"))
    candidates.append(root.joinpath(*parts[:-1]).with_suffix(".py"))
    return [path for path in candidates if path.is_file()]


def data_files(path: Path, line: int, arguments: list[ast.expr], root: Path) -> list[Path]:
    data = data_named(path, line, arguments, root)
    return [data] if data.is_file() else [file for file in data.rglob("*") if file.is_file() and not ignored(file)]


def data_named(path: Path, line: int, arguments: list[ast.expr], root: Path) -> Path:
    match arguments:
        case [ast.Constant(value=str(name)), *_]:
            data = root / "pipeline" / name
        case _:
            raise UnreadableDependencyError(f"{path}:{line}: data needs a literal name, so that the digest can see it")
    if not data.exists():
        raise UnreadableDependencyError(f"{path}:{line}: {name!r}: there is no such file below pipeline/")
    return data


def ignored(path: Path) -> bool:
    """Whether a file is made by tools, not kept: Node's installed packages, compiled Python."""
    return any(part in ("node_modules", "__pycache__") for part in path.parts)
