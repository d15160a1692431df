#!/bin/sh
# What must stand on the machine before anything long starts. It runs before Python is known to be there, hence shell.
#
#   preflight.sh python   finds a Python that the locked packages support and that can make a virtual environment
#   preflight.sh node     checks Node and npm
#   preflight.sh venv     prints the Python to make the environment with
#
# Each prints nothing when all is well (`venv`: the interpreter), else a short message, and exits 1.
set -u

OLDEST_MINOR=11
NEWEST_MINOR=13
OLDEST_NODE=20

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

# 0: fits; 1: other version; 2: fits, but cannot make environments; 3: does not run
python_state() {
    "$1" -c "
import sys
if sys.version_info[0] != 3 or not $OLDEST_MINOR <= sys.version_info[1] <= $NEWEST_MINOR:
    sys.exit(1)
try:
    import ensurepip, venv
except ImportError:
    sys.exit(2)
" >/dev/null 2>&1
    state=$?
    case $state in 0 | 1 | 2) return $state ;; *) return 3 ;; esac
}

find_python() {
    seen=''
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        command -v "$candidate" >/dev/null 2>&1 || continue
        python_state "$candidate"
        case $? in
        0)
            command -v "$candidate"
            return 0
            ;;
        1) seen="$seen $candidate is $("$candidate" -V 2>&1);" ;;
        2) seen="$seen $candidate has no venv module;" ;;
        esac
    done
    fail "Python is missing: 3.$OLDEST_MINOR to 3.$NEWEST_MINOR with its venv module is needed." \
        "  found:${seen:- no Python 3 on PATH}" \
        "  Debian, Ubuntu:  sudo apt-get install python3 python3-venv" \
        "  Fedora:          sudo dnf install python3.13" \
        "  macOS:           brew install python@3.13" \
        "  or name one:     make setup PYTHON=/path/to/python3.13"
}

check_node() {
    how="  Debian 13, Ubuntu 25.04 and later:  sudo apt-get install nodejs npm
  macOS:                              brew install node
  elsewhere, or when that is too old: the installer of nodejs.org, or nvm"
    command -v node >/dev/null 2>&1 ||
        fail "Node is missing: version $OLDEST_NODE or later builds the report site." "$how"
    version=$(node --version 2>/dev/null)
    major=$(printf '%s' "$version" | sed -n 's/^v\([0-9][0-9]*\)\..*$/\1/p')
    [ "${major:-0}" -ge "$OLDEST_NODE" ] ||
        fail "Node is too old: ${version:-it does not start}, and $OLDEST_NODE or later is needed." "$how"
    npm --version >/dev/null 2>&1 ||
        fail "npm is missing: it comes with Node, and installs what the report site is built with." "$how"
}

# The environment's own Python fits? Then the machine's does not matter.
venv_is_whole() {
    [ -x .venv/bin/python ] && python_state .venv/bin/python && .venv/bin/python -m pip --version >/dev/null 2>&1
}

case ${1:-} in
python) venv_is_whole || find_python >/dev/null || exit 1 ;;
venv) venv_is_whole || find_python || exit 1 ;;
node) check_node ;;
*) fail "usage: preflight.sh python|venv|node" ;;
esac
