from __future__ import annotations

from chaos_lib.defences.flake_detector import FLAKE_DETECTOR, RUN_VARIABLE, repeat_tests

FILE = "tests/integration/service/test_a.py"


def red_in_even_runs(options, variables, folder):
    return "OK" if int(variables[RUN_VARIABLE]) % 2 else "TESTS_FAILED"


def test_tests_that_are_always_green_are_green(project, scripted):
    verdict = FLAKE_DETECTOR.run(project())

    assert (verdict.reason, verdict.evidence, verdict.remedy) == ("OK", "", "")
    assert "Every run was green" in verdict.summary
    assert verdict.numbers == {"pass_rate": 1.0, "runs": len(scripted.asked)}
    assert len(scripted.asked) >= 3


def test_a_test_that_fails_now_and_then_is_flaky(project, scripted):
    scripted.script = red_in_even_runs

    verdict = FLAKE_DETECTOR.run(project())

    assert verdict.reason == "FLAKY"
    assert "1 of 2 runs were green" in verdict.summary
    assert "'cat' == 'dog'" in verdict.evidence
    assert verdict.numbers["pass_rate"] == 0.5
    assert "sleep" in verdict.remedy


def test_a_series_can_be_had_in_full(project, scripted):
    scripted.script = red_in_even_runs
    context = project()

    repeated = repeat_tests(context, runs=8)

    assert (len(repeated.reports), repeated.pass_rate) == (8, 0.5)
    assert repeated.first_red is repeated.reports[1]
    assert FLAKE_DETECTOR.judge(repeated, context).reason == "FLAKY"


def test_tests_that_never_pass_are_no_flake(project, scripted):
    scripted.script = lambda *_: "TESTS_FAILED"

    verdict = FLAKE_DETECTOR.run(project())

    assert verdict.reason == "ALWAYS_RED"
    assert "0 of" in verdict.summary


def test_every_run_has_its_number_and_its_own_order(project):
    told = []
    code = "import os\ndef test_it(): assert int(os.environ['OPCHAOS_RUN_NUMBER']) == 1"

    repeated = repeat_tests(project({FILE: code}), runs=2, on_run=told.append)

    assert told == [1, 2]
    assert [report.is_green for report in repeated.reports] == [True, False]
    assert "--randomly-seed=2" in repeated.reports[1].command
    assert repeated.elapsed_s > 0
