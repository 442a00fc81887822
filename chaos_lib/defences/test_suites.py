"""Defences that run the workspace's tests once: unit tests and integration tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chaos_lib.defences import scope
from chaos_lib.defences.base import DefenceContext, Verdict
from chaos_lib.defences.pytest_run import REASONS, PytestReport, run_pytest
from chaos_lib.defences.scope import Scope

_REMEDIES: Mapping[str, str] = {
    "NO_TESTS": "Write a test: a file `test_*.py` with a function `test_*`.",
    "TESTS_DO_NOT_LOAD": "Read the first error line: it names the file and the line that cannot be imported.",
    "PORT_TAKEN": "Never insist on a port: let the container choose one and ask it which (get_connection_url).",
    "FIXTURE_MISSING": "Define the fixture in `conftest.py` next to the tests, under exactly that name.",
    "SERVICE_UNREACHABLE": "Do not hope for a server on localhost: start one in a fixture with Testcontainers.",
    "SETTING_MISSING": "Set the variable in `ci.env`, or in a fixture if it belongs to the tests.",
    "TESTS_FAILED": "Read the first failing test: what did it expect, and what did it get?",
    "TESTS_HANG": "Something waits without a deadline: give the wait a timeout.",
    "PYTEST_MISSING": "Install the kit with its `lab` extra: `make setup`.",
}


def verdict_of(defence: str, report: PytestReport, context: DefenceContext) -> Verdict:
    """Turn a test run into a verdict."""
    passed, total = report.count("passed"), len(report.cases)
    if report.is_green:
        summary = f"{passed} of {total} tests passed."
    else:
        summary = f"{REASONS[report.reason]} {passed} of {total} tests passed."
    return Verdict(
        defence=defence,
        reason=report.reason,
        summary=summary,
        evidence="" if report.is_green else report.evidence,
        remedy=_REMEDIES.get(report.reason, ""),
        command=report.command,
        tier=context.tier,
        elapsed_s=report.elapsed_s,
        numbers={
            "passed": passed,
            "tests": total,
            "started_postgres": report.count_started("postgres"),
            "started_redis": report.count_started("redis"),
        },
    )


@dataclass(frozen=True)
class TestSuite:
    """One run of a folder of tests must be green."""

    __test__ = False

    name: str
    title: str
    phase: str
    folder: str
    uses_services: bool
    looks_at: Scope
    reasons: Mapping[str, str] = field(default_factory=lambda: REASONS)

    def run(self, context: DefenceContext) -> Verdict:
        """Run the folder's tests once."""
        return verdict_of(self.name, run_pytest(context, [self.folder]), context)


UNIT_TESTS = TestSuite(
    "unit-tests", "Unit tests", "phase-1-tests", "tests/unit", uses_services=False, looks_at=scope.UNIT_TESTS
)
INTEGRATION_TESTS = TestSuite(
    "integration-tests",
    "Integration tests",
    "phase-1-tests",
    "tests/integration/service",
    uses_services=True,
    looks_at=scope.SERVICE_TESTS,
)
