from __future__ import annotations

import pytest

from chaos_lib.defences.must_fail_run import FAULTS, MUST_FAIL_RUN

CODE = {fault.path: f"before\n{fault.old}after\n" for fault in FAULTS}
SHIFT = """
    from datetime import timedelta

    def shift(days_into_weekend):
        return timedelta(days=2 - days_into_weekend)
"""


def is_broken(folder):
    paths = [folder / fault.path for fault in FAULTS]
    return any(fault.new in path.read_text() for fault, path in zip(FAULTS, paths, strict=True))


def test_tests_that_notice_every_fault_are_green(project, scripted, workspace_files):
    scripted.script = lambda options, variables, folder: "TESTS_FAILED" if is_broken(folder) else "OK"
    context = project(CODE)
    before = workspace_files()

    verdict = MUST_FAIL_RUN.run(context)

    assert (verdict.reason, verdict.evidence, verdict.remedy) == ("OK", "", "")
    assert verdict.numbers == {"planted": 2, "noticed": 2}
    assert workspace_files() == before


def test_tests_that_stay_green_are_blind_and_each_unnoticed_fault_is_named(project, scripted):
    verdict = MUST_FAIL_RUN.run(project(CODE))

    assert verdict.reason == "BLIND_TESTS"
    assert all(f"not noticed: {fault.title}" in verdict.evidence for fault in FAULTS)
    assert "0 of 2 planted faults" in verdict.summary
    assert "Assert" in verdict.remedy


def test_red_tests_are_reported_as_they_are(project, scripted):
    scripted.script = lambda *_: "TESTS_FAILED"

    verdict = MUST_FAIL_RUN.run(project(CODE))

    assert (verdict.reason, len(scripted.asked)) == ("TESTS_FAILED", 1)
    assert "'cat' == 'dog'" in verdict.evidence


def test_code_that_no_fault_fits_into_is_said(project, scripted):
    assert MUST_FAIL_RUN.run(project()).reason == "NOTHING_PLANTED"


def test_where_only_one_fault_fits_only_that_one_is_planted(project, scripted):
    one = FAULTS[0]

    assert MUST_FAIL_RUN.run(project({one.path: one.old})).numbers["planted"] == 1


@pytest.mark.usefixtures("quick_pytest")
def test_a_real_test_run_notices_a_real_fault(project):
    context = project(
        {
            "src/mission_control/__init__.py": "",
            "src/mission_control/schedule.py": SHIFT,
            "tests/unit/test_all.py": """
                from mission_control.schedule import shift

                def test_the_weekend_moves_to_monday():
                    assert shift(0).days == 2
            """,
        }
    )

    verdict = MUST_FAIL_RUN.run(context)

    assert (verdict.reason, verdict.numbers["noticed"]) == ("OK", 1)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.title)
def test_every_fault_fits_into_the_finished_service(settings, fault):
    assert fault.old in (settings.sample_app / fault.path).read_text(encoding="utf-8")
