#!/bin/sh
# `python -m twinlab` for make, under the first Python that fits: the one named by PYTHON, otherwise the one that made
# .venv, otherwise one on PATH. In shell, because it runs before Python is known to be installed.
set -u

try() {
    python=$1
    shift
    "$python" twinlab/supported.py 2>/dev/null && exec "$python" -m twinlab "$@"
}

if [ -n "${PYTHON:-}" ]; then
    try "$PYTHON" "$@"
else
    for name in "$(sed -n 's/^executable = //p' .venv/pyvenv.cfg 2>/dev/null)" \
        python3 python3.13 python3.12 python3.11; do
        try "$name" "$@"
    done
fi

said=$("${PYTHON:-python3}" twinlab/supported.py 2>&1)
if [ $? -eq 2 ]; then
    printf '%s\n' "$said" >&2
else
    # There is no Python to print the advice.
    echo "error: ${PYTHON:-python3} is missing, or does not start." >&2
    sed -n 's/^    "\(.*\)",$/  \1/p' twinlab/supported.py >&2
fi
exit 2
