"""Run every benchmark, or those that are named, and write `docs/benchmarks.md`: `python -m benchmarks [NAME ...]`."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

from chaos_lib.command import Command

_FOLDER = Path(__file__).resolve().parent
_PAGE = _FOLDER.parent / "docs" / "benchmarks.md"
_NOT_BENCHMARKS = {"__init__", "__main__", "report"}
_TIMEOUT_S = 1800.0


def main(chosen: Sequence[str]) -> int:
    """Run them one after the other; returns 1 when a goal was missed, 2 when one is not known."""
    known = sorted(path.stem for path in _FOLDER.glob("*.py") if path.stem not in _NOT_BENCHMARKS)
    if {"-h", "--help"} & set(chosen):
        print(
            f"Usage: python -m benchmarks [NAME ...]\nNames: {', '.join(known)}. Without a name, all of them."
        )
        return 0
    names = list(chosen) or known
    if unknown := sorted(set(names) - set(known)):
        print(f"There is no benchmark {', '.join(unknown)}. Known: {', '.join(known)}.", file=sys.stderr)
        return 2
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    lines = [
        "# Benchmarks",
        "",
        f"Written by `{'python -m benchmarks ' + ' '.join(chosen) if chosen else 'make bench'}`."
        " Each script measures against the plain tool in the same run.",
        "",
        f"Machine: {os.cpu_count()} cores, {memory_gb:.0f} GB of memory, {platform.system()}, "
        f"Python {platform.python_version()}.",
    ]
    is_missed = False
    for name in names:
        result = Command(
            [sys.executable, "-m", f"benchmarks.{name}", "--json"], cwd=_FOLDER.parent, env=dict(os.environ)
        ).run(timeout_s=_TIMEOUT_S, on_line=print)
        lines += ["", f"## {name}", ""]
        try:
            figures = json.loads(result.output.rstrip().splitlines()[-1])
        except (ValueError, IndexError):
            print(f"{name} did not finish:\n{result.last_lines}")
            lines.append("It did not finish.")
            figures = []
        is_missed |= not result.is_success
        if figures:
            lines += ["| what | value | goal | |", "|---|---|---|---|"]
        for figure in figures:
            verdict = ("holds" if figure["holds"] else "**missed**") if figure["goal"] else ""
            lines.append(
                f"| {figure['name']} | {figure['value']:g} {figure['unit']} | {figure['goal']} | {verdict} |"
            )
        # After each one: what was measured is not lost when the next one is stopped.
        _PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"Written: {_PAGE.relative_to(_FOLDER.parent)}")
    return int(is_missed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
