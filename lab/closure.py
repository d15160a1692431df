"""The modules of the project that some code imports, directly or through others, found in the code itself."""

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path


def import_closure(root: Path, files: Iterable[Path]) -> set[Path]:
    """Find the files whose code may run when some of them are imported.

    An import counts wherever it stands, inside functions too. Imports by a name that is computed are not seen.

    Parameters
    ----------
    root : Path
        Folder that the project is imported from. What does not lie in it (installed packages) is left out.
    files : iterable of Path
        Python files in `root`.

    Returns
    -------
    set of Path
        The files themselves, and of each module that they import its file and the ``__init__.py`` of its packages.
    """
    found: set[Path] = set()
    left = list(files)
    while left:
        path = left.pop()
        if path not in found:
            found.add(path)
            package = path.relative_to(root).parts[:-1]
            for name in _imported(path.read_text(encoding="utf-8"), package):
                left += _files(root, name)
    return found


@cache
def _imported(code: str, package: tuple[str, ...]) -> tuple[str, ...]:
    """Full names that a module of a package imports; a name taken from a package may be a module or not."""
    names: list[str] = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            names += (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else ()
            parts = (*above, *([node.module] if node.module else []))
            names += (".".join((*parts, alias.name)) for alias in node.names)
    return tuple(names)


def _files(root: Path, name: str) -> Iterator[Path]:
    path = root
    for part in name.split("."):
        path = path / part
        yield from (file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file())
