"""Our parser against Groovy 2.4.21 itself: its first error for snippets, and for the reference files after a slip of the hand."""

from __future__ import annotations

import json

import pytest

from chaos_lib.pipeline.parser import parse
from tests.pipeline.edits import edited
from tests.pipeline.test_reference import REFERENCE, text_of

GROOVY = REFERENCE.parent / "groovy"
SNIPPETS = json.loads((GROOVY / "snippets.json").read_text(encoding="utf-8"))
EDITED = json.loads((GROOVY / "edits.json").read_text(encoding="utf-8"))
# Groovy looks at what a predicate of its grammar guesses; these three are told differently, at the same or the next token.
KNOWN = {"  sh 'make' ?: }", "  for (i = 0; i < 3, i++) {", "  for (x of y) { }"}


def first_error(text: str) -> list[object] | None:
    """Return message, line and column of the first syntax error."""
    found = [problem for problem in parse(text).problems if problem.is_syntax]
    return [found[0].message, found[0].line, found[0].column] if found else None


@pytest.mark.parametrize(("source", "expected"), SNIPPETS, ids=[source for source, _ in SNIPPETS])
def test_a_snippet_has_groovy_s_own_error(source: str, expected: list[object] | None) -> None:
    if KNOWN & set(source.splitlines()):
        assert first_error(source) is not None
    else:
        assert first_error(source) == expected


def test_a_slip_of_the_hand_is_told_as_groovy_tells_it() -> None:
    different = [
        (name, edit, at, expected, found)
        for name, edit, at, expected in EDITED
        if (found := first_error(edited(text_of(name), edit, at))) != expected
    ]

    assert len(EDITED) > 500
    assert len(different) <= len(EDITED) // 100, different
