"""The edits of Evidence's installed packages: each finds its text, and a file that changed is not half patched."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

REPORTS = Path(__file__).parents[3] / "reports"
SHELL = "@evidence-dev/evidence/template/src/app.html"


def node(code):
    return subprocess.run(
        [shutil.which("node"), "--input-type=module", "-e", code], timeout=60, capture_output=True, text=True
    )


def listed(module, name):
    """Return a list of edits as the script reads it."""
    done = node(
        f"import {{ {name} }} from {(REPORTS / 'scripts' / module).as_uri()!r}; console.log(JSON.stringify({name}))"
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def files():
    """Return the files that are edited, relative to node_modules."""
    edited = [*listed("site-edits.mjs", "SITE_EDITS"), *listed("build-edits.mjs", "BUILD_EDITS")]
    return {f"@evidence-dev/{name}" for name in edited} | {*listed("build-edits.mjs", "USED_EXPORTS"), SHELL}


@pytest.fixture
def installed(files, tmp_path):
    """Return a folder like reports/ with the files as they were installed."""
    shutil.copytree(REPORTS / "scripts", tmp_path / "scripts")
    shutil.copytree(REPORTS / "lib", tmp_path / "lib")
    for name in files:
        file = REPORTS / "node_modules" / name
        untouched = file.with_name(f"{file.name}.original")
        copy = tmp_path / "node_modules" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(untouched if untouched.exists() else file, copy)
    return tmp_path


def patch(folder):
    return node(f"import {(folder / 'scripts' / 'patch-evidence.mjs').as_uri()!r}")


def texts(folder, files):
    return {name: (folder / "node_modules" / name).read_text(encoding="utf-8") for name in files}


def test_every_file_is_edited_once(installed, files):
    before = texts(installed, files)
    done = patch(installed)
    assert done.returncode == 0, done.stderr
    after = texts(installed, files)
    assert not [name for name in files if after[name] == before[name]]

    assert patch(installed).returncode == 0
    assert texts(installed, files) == after


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("@evidence-dev/core-components/dist/index.js", "export * from './organisms/index.js';"),
        ("bits-ui/dist/bits/index.js", "export * as Popover from"),
    ],
)
def test_a_file_without_its_text_is_an_error(installed, name, text):
    file = installed / "node_modules" / name
    file.write_text(file.read_text(encoding="utf-8").replace(text, ""), encoding="utf-8")
    done = patch(installed)
    assert done.returncode != 0
    assert f"patch-evidence: {name} no longer" in done.stderr


def text_of(folder, pattern):
    return "".join(file.read_text(encoding="utf-8") for file in (REPORTS / folder).rglob(pattern))


def test_the_components_of_the_pages_and_no_others_are_bundled():
    own = {file.stem for file in (REPORTS / "components").glob("*.svelte")}
    in_pages = set(re.findall(r"<([A-Z]\w+)", text_of("pages", "*.md"))) - own
    scripts = text_of("components", "*.svelte") + text_of("pages", "*.svelte")
    imported = re.findall(r"import \{([^}]+)\} from '@evidence-dev/core-components'", scripts)
    in_components = {name for names in imported for name in re.findall(r"\w+", names)}

    exports = "".join(new for _, new in listed("build-edits.mjs", "BUILD_EDITS")["core-components/dist/index.js"])
    bundled = {name for names in re.findall(r"\{([^}]+)\}", exports) for name in re.findall(r"[A-Z]\w+", names)}
    assert bundled == in_pages | in_components
