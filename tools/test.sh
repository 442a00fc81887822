#!/usr/bin/env bash
# All checks, then all tests: unit, lab, headless, notebooks, browser. The tests start what they need.
# Usage: tools/test.sh BIN   (BIN is the virtual environment's bin folder)
set -euo pipefail
bin=$1

bash tools/install-browser.sh
# As root on Debian every tool can be installed, so none may be missing: a skip would hide a fault.
if [ "$(id -u)" = 0 ] && grep -qs '^ID=debian' /etc/os-release; then
    export CI="${CI:-true}"
fi
# Kubernetes is compiled once on a machine, beside the tests that need none.
if [ "$(id -u)" = 0 ] && grep -qs '^ID=debian' /etc/os-release; then
    "$bin/python" -c 'from chaos_lib.lab.cluster.build.job import BuildJob; from chaos_lib.settings import Settings
BuildJob(Settings().cache).begin(in_background=True)'
fi
bash tools/check.sh "$bin"
printf '\033[1m==>\033[0m pytest\n'
# Much of the time is spent waiting for containers. A file stays on one worker, and the longest files start first: the
# arguments must not overlap, or pytest sorts them.
first=(tests/notebooks/test_autograde.py chaos_lib/attacks tests/browser)
rest=()
for path in tests/notebooks/test_*.py tests/*/ tests/test_*.py; do
    path=${path%/}
    case " ${first[*]} tests/notebooks " in
        *" $path "*) ;;
        *) rest+=("$path") ;;
    esac
done
exec "$bin/python" -m pytest --numprocesses "${TEST_WORKERS:-2}" --dist loadfile --no-loadscope-reorder "${first[@]}" "${rest[@]}"
