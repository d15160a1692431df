#!/bin/sh
# Checks that the machine has what a run needs. In shell, because it runs before Python is known to be installed.
#
#   preflight.sh python   checks for a Python that the locked packages support and that can create a virtual environment
#   preflight.sh node     checks Node and npm
#   preflight.sh venv     prints the Python to create the environment with; nothing if .venv is usable
#
# On success the checks print nothing; on failure each prints a short message and exits 1.
set -u

OLDEST_MINOR=11
NEWEST_MINOR=13
OLDEST_NODE=20

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

# 0: supported; 1: another version; 2: supported, but cannot create environments; 3: does not run
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
    fail "Python is missing: 3.$OLDEST_MINOR to 3.$NEWEST_MINOR with the venv module is required." \
        "  found:${seen:- no Python 3 on PATH}" \
        "  Debian, Ubuntu:  sudo apt-get install python3 python3-venv" \
        "  Fedora:          sudo dnf install python3.13" \
        "  macOS:           brew install python@3.13" \
        "  or specify one:  make setup PYTHON=/path/to/python3.13"
}

check_node() {
    how="  Debian 13, Ubuntu 25.04 and later:  sudo apt-get install nodejs npm
  macOS:                              brew install node
  elsewhere, or if that is too old:   the installer from nodejs.org, or nvm"
    command -v node >/dev/null 2>&1 ||
        fail "Node is missing: version $OLDEST_NODE or later is required to build the report site." "$how"
    version=$(node --version 2>/dev/null)
    major=$(printf '%s' "$version" | sed -n 's/^v\([0-9][0-9]*\)\..*$/\1/p')
    [ "${major:-0}" -ge "$OLDEST_NODE" ] ||
        fail "Node is too old: ${version:-it does not start}; version $OLDEST_NODE or later is required." "$how"
    npm --version >/dev/null 2>&1 ||
        fail "npm is missing: it comes with Node and installs the packages of the report site." "$how"
}

# If the environment is usable, the machine's Python does not matter.
venv_is_usable() {
    [ -x .venv/bin/python ] && python_state .venv/bin/python && .venv/bin/python -m pip --version >/dev/null 2>&1
}

case ${1:-} in
python) venv_is_usable || find_python >/dev/null || exit 1 ;;
venv) venv_is_usable || find_python || exit 1 ;;
node) check_node ;;
*) fail "usage: preflight.sh python|venv|node" ;;
esac
