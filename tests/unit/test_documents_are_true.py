"""What the documents and docstrings name exists: links, files, modules, marts, make targets, commands."""

import ast
import re
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("README*.md", "CONTRIBUTING.md", "docs/**/*.md")
    for path in ROOT.glob(pattern)
)
PACKAGES = ("documents", "generator", "ingest", "lab", "ml", "tests", "twinlab", "vocabulary")
FOLDERS = {*PACKAGES, ".ci", "data", "dbt_project", "docs", "models", "reports"}
SITE = ("components", "lib", "pages", "queries", "scripts", "sources")
CODE = (".py", ".sql", ".sh", ".mjs", ".js", ".svelte")
GONE = re.compile(r"no longer|used to|is gone|are gone", re.I)
"""In a decision record, a line that says so may name what does not exist any more."""

FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.M | re.S)
CODE_SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.M)
PATH = re.compile(r"[\w.<>*\[\]+-]+(?:/[\w.<>*\[\]+-]*)+(?:::\w+)?")
MODULE = re.compile(rf"(?:{'|'.join(PACKAGES)})(?:\.[A-Za-z_]\w*)+")
MART = re.compile(r"(?:marts\.)?((?:mart|fct|dim)_[a-z_]+)")
TARGET = re.compile(r"\bmake ([a-z][a-z-]*)\b")
RUN_MODULE = re.compile(r"python3? -m ([\w.]+)(?: ([a-z][a-z-]*))?")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def prose(name: str) -> str:
    """Text of a document without its fences, and of a decision without the lines that name what is gone."""
    text = FENCE.sub("", read(name))
    is_decision = name.startswith("docs/adr/")
    return "\n".join(line for line in text.splitlines() if not (is_decision and GONE.search(line)))


def spans(name: str) -> list[str]:
    return CODE_SPAN.findall(prose(name))


def commands(name: str) -> list[str]:
    """Code spans, and lines of shell: fenced, or indented by four spaces."""
    fenced = [line for language, body in FENCE.findall(read(name)) if language == "bash" for line in body.splitlines()]
    return [*spans(name), *fenced, *re.findall(r"^ {4}(\S.*)$", prose(name), re.M)]


@cache
def patterns_of_git() -> tuple[str, ...]:
    """Patterns of what git ignores: files that commands make."""
    return tuple(line for line in read(".gitignore").splitlines() if line and not line.startswith("#"))


def is_made(path: str) -> bool:
    """Whether git ignores a path or a folder above it; a pattern without a slash in front fits at any depth."""
    steps = path.split("/")
    for depth in range(1, len(steps) + 1):
        part = "/".join(steps[:depth])
        for pattern in patterns_of_git():
            if fnmatch(part if pattern.startswith("/") else steps[depth - 1], pattern.strip("/")):
                return True
    return False


@cache
def names_of_code() -> frozenset[str]:
    folders = (*PACKAGES, "dbt_project", "models", *(f"reports/{name}" for name in SITE))
    return frozenset(path.name for folder in folders for path in (ROOT / folder).rglob("*"))


def is_path(span: str) -> bool:
    return bool(PATH.fullmatch(span)) and span.split("/")[0] in FOLDERS


def exists(span: str) -> bool:
    """Whether a path of the checkout is there, or made by a command; ``<name>`` and ``*`` stand for any name."""
    path, _, test = span.partition("::")
    path = re.sub(r"<\w+>", "*", path.rstrip("/"))
    if is_made(path):
        return True
    found = list(ROOT.glob(path.replace("[", "[[]"))) if "*" in path else [ROOT / path]
    return bool(found) and all(one.exists() and (not test or f"def {test}(" in one.read_text()) for one in found)


@cache
def defined(path: Path) -> dict[str, ast.AST]:
    """Names at the top of a module."""
    return members(ast.parse(path.read_text(encoding="utf-8")))


def members(node: ast.AST) -> dict[str, ast.AST]:
    """Names that the body of a module or class defines or imports."""
    names: dict[str, ast.AST] = {}
    for child in getattr(node, "body", []):
        if isinstance(child, ast.FunctionDef | ast.ClassDef):
            names[child.name] = child
        elif isinstance(child, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name: child for alias in child.names}
        elif isinstance(child, ast.Assign | ast.AnnAssign):
            targets = child.targets if isinstance(child, ast.Assign) else [child.target]
            names |= {name.id: child for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)}
    return names


def resolves(dotted: str) -> bool:
    """Whether a dotted name is a package, a module, or a name in one."""
    parts = dotted.split(".")
    here, depth = ROOT, 0
    while depth < len(parts) and (here / parts[depth]).is_dir():
        here, depth = here / parts[depth], depth + 1
    file = here / "__init__.py"
    if depth < len(parts) and (here / f"{parts[depth]}.py").is_file():
        file, depth = here / f"{parts[depth]}.py", depth + 1
    if depth == len(parts):
        return True
    names = defined(file) if file.is_file() else {}
    for part in parts[depth:]:
        if part not in names:
            return False
        # What is imported from elsewhere is not followed.
        if isinstance(names[part], ast.Import | ast.ImportFrom):
            return True
        names = members(names[part])
    return True


def is_module(span: str) -> bool:
    return bool(MODULE.fullmatch(span)) and not span.endswith((".duckdb", ".md"))


def anchor(heading: str) -> str:
    """Anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def broken_link(name: str, link: str) -> bool:
    target, _, fragment = link.partition("#")
    path = (ROOT / name).parent / target if target else ROOT / name
    if not path.exists():
        return True
    return bool(fragment) and fragment not in map(anchor, HEADING.findall(FENCE.sub("", path.read_text("utf-8"))))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name):
    links = [link for link in LINK.findall(prose(name)) if "://" not in link]
    assert [link for link in links if broken_link(name, link)] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_files_and_folders_exist(name):
    words = [word for command in commands(name) for word in command.split()] + spans(name)
    missing = {word for word in words if is_path(word) and not exists(word)}
    bare = {span for span in spans(name) if "/" not in span and re.fullmatch(r"[\w-]+\.\w+", span)}
    missing |= {span for span in bare if span.endswith(CODE) and span not in names_of_code()}
    assert missing == set()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_modules_and_their_names_exist(name):
    assert [span for span in spans(name) if is_module(span) and not resolves(span)] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_marts_exist(name):
    marts = {match[1] for span in spans(name) if (match := MART.fullmatch(span))}
    models = {path.stem for path in (ROOT / "models").rglob("*") if path.suffix in (".sql", ".py")}
    assert marts - models == set()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_commands_exist(name):
    targets = set(re.findall(r"^([a-z][a-z-]*):", read("Makefile"), re.M))
    lines = commands(name)
    assert {target for line in lines for target in TARGET.findall(line)} - targets == set()
    for line in lines:
        for module, command in RUN_MODULE.findall(line):
            if module.split(".")[0] not in PACKAGES:
                continue
            path = ROOT.joinpath(*module.split("."))
            main = path / "__main__.py" if path.is_dir() else path.with_suffix(".py")
            assert main.is_file() and ("__main__" in main.read_text() or path.is_dir()), line
            if module in ("twinlab", "lab") and command:
                words = " ".join(file.read_text() for file in (ROOT / module).rglob("*.py"))
                assert f'"{command}"' in words, line


@pytest.mark.parametrize("package", [*PACKAGES, "models"])
def test_docstrings_and_comments_refer_to_what_exists(package):
    lost = {
        f"{path.relative_to(ROOT)}: {span}"
        for path in (ROOT / package).rglob("*.py")
        for span in CODE_SPAN.findall(path.read_text(encoding="utf-8"))
        if is_module(span) and not resolves(span)
    }
    assert lost == set()
