"""The linter as a rule."""

from __future__ import annotations

import pytest

from chaos_lib.pipeline.parser import parse
from chaos_lib.pipeline.rules.jenkinsfile_lint import lint

from .files import GOOD, reasons


def test_a_valid_file_has_no_finding():
    assert lint(parse(GOOD)) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GOOD[:-2], ("SYNTAX_ERROR", 23)),
        (GOOD.replace("    agent any\n", ""), ("SECTION_MISSING", 1)),
        (GOOD.replace("always { junit", "allways { junit"), ("INVALID_PIPELINE", 10)),
        ("node { }\n", ("NO_PIPELINE", 1)),
    ],
)
def test_what_jenkins_objects_to_is_a_finding(text, expected):
    (finding,) = lint(parse(text))

    assert (finding.reason, finding.line) == expected
    assert finding.remedy


def test_each_problem_is_a_finding_of_its_own():
    assert reasons(lint(parse("pipeline { }"))) == [("SECTION_MISSING", 1), ("SECTION_MISSING", 1)]
