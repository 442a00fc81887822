#!/usr/bin/env bash
# Writes constraints.txt: one version of every package, valid for every Python the kit supports.
# Usage: tools/pin.sh [--upgrade]
# Pins that still fit are kept; with --upgrade every package moves to its newest release.
# A package whose newest release needs a newer Python gets two lines, told apart by environment markers.
set -euo pipefail
cd "$(dirname "$0")/.."
oldest=3.10
# Pinned though no extra names it: a current pip resolves in seconds.
also=(pip)

draft=$(mktemp -d)
trap 'rm -rf "$draft"' EXIT
python3 -m venv "$draft/venv"
"$draft/venv/bin/pip" install --quiet uv
cp constraints.txt "$draft/pins.txt" # where the resolver looks for the pins to keep
printf '%s\n' "${also[@]}" >"$draft/also.in"
"$draft/venv/bin/uv" pip compile --quiet --no-cache --universal --python-version "$oldest" --all-extras \
    --no-annotate --no-header --no-emit-index-url "$@" \
    pyproject.toml sample_app/pyproject.toml "$draft/also.in" --output-file "$draft/pins.txt" >/dev/null
{
    echo "# Written by tools/pin.sh; for Python $oldest and newer."
    # A constraint installs nothing, so a package with one version needs no marker.
    awk -F ' ; ' '
        /^[A-Za-z0-9]/ { split($1, part, "=="); seen[part[1]]++; name[NR] = part[1]; pin[NR] = $1; marker[NR] = $2 }
        END {
            for (i = 1; i <= NR; i++)
                if (i in pin) print pin[i] (seen[name[i]] > 1 ? "; " marker[i] : "")
        }' "$draft/pins.txt" | tr "'" '"'
} >"$draft/constraints.txt"
mv "$draft/constraints.txt" constraints.txt
chmod 644 constraints.txt
echo "constraints.txt: $(grep -c '==' constraints.txt) pins"
