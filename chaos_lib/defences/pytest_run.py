"""Run the workspace's tests in a process of their own and read what happened."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from chaos_lib import scratch
from chaos_lib.command import Command
from chaos_lib.defences.base import GREEN, DefenceContext
from chaos_lib.errors import ToolMissing, WaitTimeout
from chaos_lib.lab.services.report import ContainerReport, StartedContainer

# First match wins: the root cause stands before what follows from it.
_CAUSES: tuple[tuple[str, str], ...] = (
    ("PORT_TAKEN", r"[Aa]ddress already in use|port is already allocated"),
    ("FIXTURE_MISSING", r"fixture '\w+' not found"),
    (
        "SERVICE_UNREACHABLE",
        r"[Cc]onnection refused|Error 111 connecting|server closed the connection unexpectedly",
    ),
    ("SETTING_MISSING", r"MISSION_\w+.*(is required|Field required|not set)"),
)
_EVIDENCE_LINES = 12
_EVIDENCE_TESTS = 3

REASONS: Mapping[str, str] = {
    "NO_TESTS": "There is no test to run.",
    "TESTS_DO_NOT_LOAD": "The tests cannot even be imported.",
    "PORT_TAKEN": "A port that the tests insist on is in use.",
    "FIXTURE_MISSING": "A fixture that the tests ask for does not exist.",
    "SERVICE_UNREACHABLE": "A service that the tests need does not answer.",
    "SETTING_MISSING": "A setting that the service needs is not set.",
    "TESTS_FAILED": "At least one test failed.",
    "TESTS_HANG": "The tests did not end in time.",
    "PYTEST_MISSING": "pytest is not installed in this environment.",
}


@dataclass(frozen=True)
class TestCase:
    """One test and how it ended.

    Attributes:
        name: `file::test`.
        outcome: `passed`, `failed`, `error` or `skipped`.
        elapsed_s: Seconds.
    """

    __test__ = False

    name: str
    outcome: str
    elapsed_s: float


@dataclass(frozen=True)
class PytestReport:
    """What a test run said.

    Attributes:
        reason: `OK` or one of `REASONS`.
        cases: Every test, in the order run.
        started: Services that the tests' own fixtures started.
        output: pytest's output.
        elapsed_s: Wall time in seconds.
        command: What a practitioner would type.
    """

    reason: str
    cases: tuple[TestCase, ...]
    started: tuple[StartedContainer, ...]
    output: str
    elapsed_s: float
    command: str

    @property
    def is_green(self) -> bool:
        """Whether there were tests and all of them passed."""
        return self.reason == GREEN

    def count(self, *outcomes: str) -> int:
        """How many tests ended in one of these ways."""
        return sum(case.outcome in outcomes for case in self.cases)

    def count_started(self, kind: str) -> int:
        """How many containers of a kind, such as `postgres`, the tests' own fixtures started."""
        return sum(container.kind == kind and container.is_started for container in self.started)

    @property
    def failed_names(self) -> tuple[str, ...]:
        """The tests that failed or broke, in order."""
        return tuple(case.name for case in self.cases if case.outcome in ("failed", "error"))

    @property
    def evidence(self) -> str:
        """Pytest's own error lines and the first tests that they are of, else its last lines."""
        marked = [line for line in self.output.splitlines() if re.match(r"(E  |FAILED |ERROR )", line)]
        seen: dict[str, str] = {}
        for line in marked:
            if line.strip() != "E":
                # Of a parametrised test that failed fifty times, the first case says it all.
                key = line.split("[")[0] if line.startswith(("FAILED ", "ERROR ")) else line.rstrip()
                seen.setdefault(key, line.rstrip())
        causes = [line for line in seen.values() if line.startswith("E  ")]
        tests = [line for line in seen.values() if not line.startswith("E  ")]
        if len(tests) > _EVIDENCE_TESTS:
            tests = [*tests[:_EVIDENCE_TESTS], f"… and {len(tests) - _EVIDENCE_TESTS} more tests"]
        room = _EVIDENCE_LINES - len(tests)
        if len(causes) > room:
            # The first lines name the cause, the last one is the newest.
            causes = [*causes[: room - 2], "…", causes[-1]]
        return "\n".join([*causes, *tests] or self.output.rstrip().splitlines()[-_EVIDENCE_LINES:])


def child_environment(context: DefenceContext) -> dict[str, str]:
    """Return the whole environment for a process of the workspace.

    It is the caller's without anything called MISSION_*, then the lab's, then the workspace's own variables.
    """
    own = {name: value for name, value in os.environ.items() if not name.startswith("MISSION_")}
    own |= {name: value for name, value in context.lab.items() if not name.startswith("MISSION_")}
    own |= dict(context.environment)
    own |= {
        "PYTHONPATH": str(context.workspace / "src"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "NO_COLOR": "1",
        "COLUMNS": "120",
    }
    # The outer test run, when there is one, must not leak its options into this one.
    for name in ("PYTEST_ADDOPTS", "PYTEST_CURRENT_TEST", "PYTEST_PLUGINS"):
        own.pop(name, None)
    return own


def run_pytest(
    context: DefenceContext,
    paths: Sequence[str],
    *,
    options: Sequence[str] = (),
    extra_environment: Mapping[str, str] | None = None,
    timeout_s: float = 120.0,
) -> PytestReport:
    """Run pytest on paths of the workspace; failures are reported, not raised.

    Args:
        context: Workspace and surroundings.
        paths: Files or folders, relative to the workspace.
        options: Further options for pytest.
        extra_environment: Variables on top of the workspace's own.
        timeout_s: Longest run in seconds.
    """
    command = " ".join(["pytest", *options, *paths])
    with scratch.folder(context.settings, "pytest") as folder:
        junit, containers = folder / "junit.xml", folder / "containers.json"
        argv = [
            sys.executable, "-m", "pytest", "-p", "chaos_lib.lab.pytest_plugin", "-p", "no:cacheprovider",
            "--tb=short", "-q", f"--junitxml={junit}", "--basetemp", str(folder / "temporary"), *options, *paths,
        ]  # fmt: skip
        environment = child_environment(context) | {"OPCHAOS_CONTAINER_REPORT": str(containers)}
        start = time.monotonic()
        try:
            result = Command(
                argv, cwd=context.workspace, env=environment | dict(extra_environment or {})
            ).run(timeout_s=timeout_s, on_line=context.on_line)
        except WaitTimeout as exc:
            elapsed_s = time.monotonic() - start
            return PytestReport("TESTS_HANG", (), (), exc.evidence, elapsed_s, command)
        except ToolMissing as exc:
            return PytestReport("PYTEST_MISSING", (), (), exc.text, 0.0, command)
        cases = _read_junit(junit)
        reason = _reason(result.exit_code, result.output, cases)
        return PytestReport(
            reason,
            cases,
            ContainerReport.read(containers).containers,
            result.output,
            result.elapsed_s,
            command,
        )


def _reason(exit_code: int, output: str, cases: Sequence[TestCase]) -> str:
    if exit_code == 0:
        # All skipped proves nothing.
        return GREEN if any(case.outcome == "passed" for case in cases) else "NO_TESTS"
    if "No module named pytest" in output:
        return "PYTEST_MISSING"
    for reason, pattern in _CAUSES:
        if re.search(pattern, output):
            return reason
    if exit_code == 5:
        return "NO_TESTS"
    if exit_code in (2, 3, 4) or any("collection" in case.name for case in cases):
        return "TESTS_DO_NOT_LOAD"
    return "TESTS_FAILED"


def _read_junit(path: Path) -> tuple[TestCase, ...]:
    if not path.exists():
        return ()
    cases = []
    for node in ElementTree.parse(path).iter("testcase"):  # noqa: S314 - written by pytest just now
        outcome = next(
            (name for tag, name in (("error", "error"), ("failure", "failed"), ("skipped", "skipped"))
             if node.find(tag) is not None),
            "passed",
        )  # fmt: skip
        name = "::".join(filter(None, (node.get("classname"), node.get("name"))))
        cases.append(TestCase(name, outcome, float(node.get("time") or 0)))
    return tuple(cases)
