from __future__ import annotations

import pytest

from chaos_lib.defences.pytest_run import REASONS, PytestReport, TestCase
from chaos_lib.defences.test_suites import INTEGRATION_TESTS, UNIT_TESTS, verdict_of

pytestmark = pytest.mark.usefixtures("quick_pytest")


def test_a_green_suite_says_how_many_passed(project):
    verdict = UNIT_TESTS.run(project({"tests/unit/test_a.py": "def test_a(): pass\ndef test_b(): pass"}))

    assert (verdict.defence, verdict.reason, verdict.is_green) == ("unit-tests", "OK", True)
    assert verdict.summary == "2 of 2 tests passed."
    assert (verdict.evidence, verdict.remedy) == ("", "")
    assert verdict.numbers["passed"] == verdict.numbers["tests"] == 2
    assert verdict.command == "pytest tests/unit"


def test_a_red_suite_shows_the_error_and_what_to_do(project):
    verdict = UNIT_TESTS.run(project({"tests/unit/test_a.py": "def test_a(): assert 'cat' == 'dog'"}))

    assert verdict.reason == "TESTS_FAILED"
    assert "0 of 1 tests passed" in verdict.summary
    assert "'cat' == 'dog'" in verdict.evidence
    assert verdict.remedy


def test_the_integration_suite_runs_its_own_folder(project):
    verdict = INTEGRATION_TESTS.run(
        project(
            {"tests/integration/service/test_a.py": "def test_a(): pass", "tests/unit/test_b.py": "1 / 0"}
        )
    )

    assert (verdict.defence, verdict.reason) == ("integration-tests", "OK")


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_comes_with_a_sentence_and_a_remedy(project, reason):
    report = PytestReport(reason, (TestCase("a", "failed", 0.1),), (), "some output", 1.0, "pytest")

    verdict = verdict_of("unit-tests", report, project())

    assert verdict.summary.startswith(REASONS[reason])
    assert verdict.evidence == "some output"
    assert verdict.remedy
