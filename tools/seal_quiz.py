"""Seal the quiz: make chaos_lib/quiz/bank.json, which is given away, from quiz/bank.yaml, which is not.

Usage: tools/seal_quiz.py [--check]; with --check nothing is written, and a bank that is out of date is a failure.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from chaos_lib.errors import InvalidInput
from chaos_lib.quiz import bank, source
from chaos_lib.quiz.sealed import sealed, written

SOURCE = Path(__file__).resolve().parent.parent / "quiz" / "bank.yaml"


def main(arguments: Sequence[str], *, path: Path = SOURCE, target: Path = bank.PATH) -> int:
    """Write the sealed bank, or check that it is up to date; return 1 when it is not, or the source has a fault."""
    try:
        text = written(sealed(source.load(path)))
    except InvalidInput as problem:
        print(problem.text)
        return 1
    if "--check" in arguments:
        is_current = target.is_file() and target.read_text(encoding="utf-8") == text
        print(
            "The sealed quiz is up to date" if is_current else "Out of date: run `python tools/seal_quiz.py`"
        )
        return 0 if is_current else 1
    target.write_text(text, encoding="utf-8")
    print(f"{target}: written")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
