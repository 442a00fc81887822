"""What a test run says, and why it is red."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from chaos_lib.defences import pytest_run
from chaos_lib.defences.pytest_run import PytestReport, TestCase, child_environment, run_pytest
from chaos_lib.errors import ToolMissing

UNIT = "tests/unit"

pytestmark = pytest.mark.usefixtures("quick_pytest")


def run(context, **options):
    return run_pytest(context, [UNIT], **options)


def test_a_green_run_knows_its_tests(project):
    report = run(project({f"{UNIT}/test_a.py": "def test_sums(): assert 1 + 1 == 2"}))

    assert (report.reason, report.is_green) == ("OK", True)
    assert [(case.name, case.outcome) for case in report.cases] == [
        ("tests.unit.test_a::test_sums", "passed")
    ]
    assert report.command == f"pytest {UNIT}"
    assert report.failed_names == ()
    assert report.elapsed_s > 0


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("def test_it(): assert 1 == 2", "TESTS_FAILED"),
        ("import a_module_that_is_nowhere", "TESTS_DO_NOT_LOAD"),
        ("def test_it(: pass", "TESTS_DO_NOT_LOAD"),
        ("def test_it(database): pass", "FIXTURE_MISSING"),
        ("def test_it(): raise OSError(111, 'Connection refused')", "SERVICE_UNREACHABLE"),
        ("def test_it(): raise OSError(98, 'Address already in use')", "PORT_TAKEN"),
        ("def test_it(): raise RuntimeError('Bind for 0.0.0.0:1 failed: port is already allocated')", "PORT_TAKEN"),
        ("def test_it(): raise ValueError('MISSION_REDIS_URL is not set.')", "SETTING_MISSING"),
        ("x = 1", "NO_TESTS"),
        ("import pytest\n@pytest.mark.skip(reason='later')\ndef test_it(): pass", "NO_TESTS"),
    ],
)  # fmt: skip
def test_the_reason_of_a_red_run_is_found(project, text, reason):
    report = run(project({f"{UNIT}/test_a.py": text}))

    assert report.reason == reason
    assert not report.is_green
    assert report.evidence
    assert reason in pytest_run.REASONS


def test_a_folder_without_tests_is_no_success(project):
    assert run(project()).reason in ("NO_TESTS", "TESTS_DO_NOT_LOAD")


def test_tests_that_do_not_end_are_stopped(project):
    report = run(
        project({f"{UNIT}/test_a.py": "import threading\ndef test_it(): threading.Event().wait()"}),
        timeout_s=1.0,
    )

    assert report.reason == "TESTS_HANG"
    assert report.elapsed_s < 30


def test_a_missing_pytest_is_named(project, monkeypatch):
    context = project({f"{UNIT}/test_a.py": "def test_it(): pass"})

    def missing(*args, **options):
        raise ToolMissing("no python", evidence="PATH=", fix="install it")

    monkeypatch.setattr(pytest_run.Command, "run", missing)

    report = run(context)

    assert report.reason == "PYTEST_MISSING"
    assert "no python" in report.evidence


def test_the_evidence_shows_pytests_own_error_lines_first():
    output = "noise\nE   assert 1 == 2\nmore noise\nFAILED tests/test_a.py::test_it\n1 failed\n"
    report = PytestReport("TESTS_FAILED", (), (), output, 1.0, "pytest")

    assert report.evidence == "E   assert 1 == 2\nFAILED tests/test_a.py::test_it"


def test_long_evidence_keeps_the_first_and_the_last_lines():
    output = "\n".join(f"E   line {n}" for n in range(100))
    lines = PytestReport("TESTS_FAILED", (), (), output, 1.0, "pytest").evidence.splitlines()

    assert len(lines) == 12
    assert (lines[0], lines[-1]) == ("E   line 0", "E   line 99")


def test_of_many_tests_that_failed_alike_the_evidence_names_a_few():
    failed = "\n".join(f"ERROR tests/test_{n}.py::test - OperationalError" for n in range(30))
    output = f"E   Connection refused\nE   Connection refused\n{failed}\n30 errors\n"
    lines = PytestReport("TESTS_FAILED", (), (), output, 1.0, "pytest").evidence.splitlines()

    assert lines == [
        "E   Connection refused",
        *(f"ERROR tests/test_{n}.py::test - OperationalError" for n in range(3)),
        "… and 27 more tests",
    ]


def test_tests_are_counted_by_how_they_ended():
    cases = (TestCase("a", "passed", 0.1), TestCase("b", "failed", 0.1), TestCase("c", "error", 0.1))
    report = PytestReport("TESTS_FAILED", cases, (), "", 1.0, "pytest")

    assert (report.count("passed"), report.count("failed", "error")) == (1, 2)
    assert report.failed_names == ("b", "c")


def test_the_outer_environment_does_not_leak_into_the_tests(project, monkeypatch):
    monkeypatch.setenv("MISSION_DATABASE_URL", "postgresql://outer")
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option")
    context = replace(
        project(MISSION_REDIS_URL="redis://inner"), lab={"DOCKER_HOST": "x", "MISSION_PORT": "1"}
    )

    environment = child_environment(context)

    assert "MISSION_DATABASE_URL" not in environment
    assert "MISSION_PORT" not in environment
    assert "PYTEST_ADDOPTS" not in environment
    assert (environment["MISSION_REDIS_URL"], environment["DOCKER_HOST"]) == ("redis://inner", "x")


def test_variables_for_one_run_and_lines_as_they_come(project):
    lines = []
    context = replace(
        project({f"{UNIT}/test_a.py": "import os\ndef test_it(): assert os.environ['NUMBER'] == '7'"}),
        on_line=lines.append,
    )

    assert run(context, extra_environment={"NUMBER": "7"}).is_green
    assert any("1 passed" in line for line in lines)


def test_nothing_is_left_in_the_workspace_or_in_the_scratch_folder(project, workspace_files, settings):
    context = project({f"{UNIT}/test_a.py": "def test_it(tmp_path): (tmp_path / 'x').write_text('x')"})
    before = workspace_files()

    assert run(context).is_green

    assert workspace_files() == before
    assert list((settings.state / "scratch").iterdir()) == []


def test_the_tests_run_with_this_python(project):
    code = f"import sys\ndef test_it(): assert sys.executable == {sys.executable!r}"
    assert run(project({f"{UNIT}/test_a.py": code})).is_green
