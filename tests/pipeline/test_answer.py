"""The answer's layout."""

from __future__ import annotations

from pathlib import Path

from chaos_lib.pipeline.answer import answer
from chaos_lib.pipeline.parser import parse

from .snippets import stage
from .test_reference import text_of

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "jenkinsfile-linter.md"


def test_of_a_long_line_the_part_around_the_caret_is_shown():
    line = "when { branch 'main' ; branch 'develop'; tag 'v1' ; brunch 'main' ; tag 'v2' }"
    text = stage(f"{line}\nsteps {{ echo 'a' }}")

    shown = answer(parse(text)).splitlines()

    # Thirty characters before the caret, nine from it on.
    assert shown[2] == f"   {line[22:62]}"
    assert shown[3] == "   " + " " * 30 + "^"


def test_of_a_long_line_that_ends_soon_the_rest_is_shown():
    line = "when { branch 'main' ; branch 'develop'; brunch 'x' }"
    text = stage(f"{line}\nsteps {{ echo 'a' }}")

    shown = answer(parse(text)).splitlines()

    assert shown[2] == f"   {line[11:51]}"
    assert shown[3] == "   " + " " * 30 + "^"


def test_several_problems_are_parted_by_an_empty_line():
    assert answer(parse("pipeline {\n}\n")).split("\n\n") == [
        'Errors encountered validating Jenkinsfile:\nWorkflowScript: 1: Missing required section "stages" @ line 1, '
        "column 1.\n   pipeline {\n   ^",
        'WorkflowScript: 1: Missing required section "agent" @ line 1, column 1.\n   pipeline {\n   ^\n',
    ]


def test_the_answer_in_the_guide_is_a_real_one():
    shown = answer(parse(text_of("09-bad-post-condition.Jenkinsfile")))

    assert f"```text\n{shown}```" in GUIDE.read_text(encoding="utf-8")
