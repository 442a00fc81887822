#!/usr/bin/env bash
# Writes sample_app/requirements.lock: what the sample service's image installs, one version a package with the hashes
# of all its files, for every Python that the service supports. The versions are those of constraints.txt.
# Usage: tools/lock.sh
set -euo pipefail
cd "$(dirname "$0")/.."

draft=$(mktemp -d)
trap 'rm -rf "$draft"' EXIT
python3 -m venv "$draft/venv"
"$draft/venv/bin/pip" install --quiet uv
cd sample_app
"$draft/venv/bin/uv" pip compile --quiet --no-cache --universal --python-version 3.10 --generate-hashes \
    --no-annotate --no-header --no-emit-index-url --no-emit-find-links --constraint ../constraints.txt \
    pyproject.toml --output-file "$draft/lock.txt" >/dev/null
{
    echo "# Written by tools/lock.sh; for Python 3.10 and newer."
    cat "$draft/lock.txt"
} >"$draft/requirements.lock"
mv "$draft/requirements.lock" requirements.lock
chmod 644 requirements.lock
echo "sample_app/requirements.lock: $(grep -c '==' requirements.lock) pins"
