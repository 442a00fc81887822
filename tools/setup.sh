#!/usr/bin/env bash
# Makes the Python environment: a virtual environment with the kit and everything pinned.
# Usage: tools/setup.sh VENV
set -euo pipefail
venv=$1

say() { printf '\033[1m==>\033[0m %s\n' "$*"; }
fail() { printf 'Set-up failed: %s\nFix: %s\n' "$1" "$2" >&2; exit 1; }
is_debian_root() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

find_python() {
    local candidate
    for candidate in ${PYTHON:-} python3.12 python3.11 python3.13 python3.10 python3; do
        if command -v "$candidate" >/dev/null &&
            "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    return 1
}

if ! python=$(find_python); then
    is_debian_root || fail "no Python 3.10 or newer was found." \
        "Debian/Ubuntu: apt-get install python3 python3-venv. macOS: brew install python@3.12. Windows: use WSL 2."
    say "Installing Python"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3 python3-venv >/dev/null
    python=$(find_python) || fail "Python is older than 3.10." "Use Debian 12, Ubuntu 22.04 or newer."
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    is_debian_root || fail "Python has no venv module." "Debian/Ubuntu: sudo apt-get install python3-venv"
    say "Installing python3-venv"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null
fi
command -v git >/dev/null || {
    is_debian_root || fail "git was not found." "Debian/Ubuntu: sudo apt-get install git. macOS: xcode-select --install"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq git >/dev/null
}

say "Python environment: $venv ($("$python" --version))"
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
# A current pip resolves the pinned set in seconds; older ones backtrack for minutes.
"$venv/bin/pip" install -qq --upgrade --constraint constraints.txt pip
say "Python packages (about a minute the first time)"
"$venv/bin/pip" install -qq --constraint constraints.txt --editable '.[lab,grading,aws,backend,badges,chaostoolkit,site,dev]' --editable ./sample_app
say "Ready"
