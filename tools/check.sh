#!/usr/bin/env bash
# Lint, format, types, spelling, well-formed files. Runs all of them, then fails if one did.
# Usage: tools/check.sh BIN   (BIN is the virtual environment's bin folder)
set -uo pipefail
bin=$1
failed=()

run() {
    local name=$1
    shift
    printf '\033[1m==>\033[0m %s\n' "$name"
    "$@" || failed+=("$name")
}

run "ruff (lint)" "$bin/ruff" check .
run "ruff (format)" "$bin/ruff" format --check .
run "mypy" "$bin/mypy"
run "codespell" "$bin/codespell"
run "files" "$bin/python" tools/check_files.py

if [ ${#failed[@]} -gt 0 ]; then
    printf 'Checks failed: %s\nFix: `ruff check --fix . && ruff format .` mends most of lint and format; the lines above name the rest.\n' \
        "$(IFS=,; echo "${failed[*]}")" >&2
    exit 1
fi
