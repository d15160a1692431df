"""Run the site's own modules in Node."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

COMPONENTS = Path(__file__).parents[1] / "reports" / "components"


def run(module: str, expression: str, *values: Any) -> Any:
    """Evaluate an expression of a component's module, named `it`, and `values`."""
    code = f"import * as it from {(COMPONENTS / module).as_uri()!r};"
    code += f"const values = JSON.parse(process.argv[1]); console.log(JSON.stringify({expression}) ?? 'null');"
    command = [shutil.which("node"), "--input-type=module", "-e", code, "--", json.dumps(values)]
    return json.loads(subprocess.run(command, check=True, timeout=60, capture_output=True, text=True).stdout)
