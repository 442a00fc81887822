#!/usr/bin/env bash
# Installs Debian's Chromium, which the browser tests drive, when there is none and we may. Quiet; may run twice.
set -euo pipefail

for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null; then
        exit 0
    fi
done
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    printf 'No Chromium was found: the browser tests cannot run.\nFix: Debian: sudo apt-get install chromium. Ubuntu: sudo snap install chromium. macOS: brew install --cask chromium.\n' >&2
    exit 0 # the browser tests themselves say so, and fail where CI=true
fi
printf '\033[1m==>\033[0m Installing Chromium for the browser tests\n'
log=$(mktemp)
trap 'rm -f "$log"' EXIT
options=(-qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0)
export DEBIAN_FRONTEND=noninteractive
# Without the colour emoji font the notebooks' headlines would be boxes on the screenshots.
if ! { apt-get update "${options[@]}" &&
    apt-get install -y --no-install-recommends "${options[@]}" chromium fonts-noto-color-emoji; } >"$log" 2>&1; then
    tail -n 15 "$log" >&2
    printf 'Chromium could not be installed.\nFix: mend apt (`apt-get update`, `apt-get -f install`), then run `make test` again.\n' >&2
    exit 1
fi
