"""Small projects to judge: a few lines each, so that a defence takes a second."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from chaos_lib.defences import flake_detector, frozen_clock, must_fail_run, random_order
from chaos_lib.defences.base import GREEN, DefenceContext
from chaos_lib.defences.pytest_run import PytestReport, TestCase
from chaos_lib.settings import Settings, Tier

Project = Callable[..., DefenceContext]


@pytest.fixture
def project(settings: Settings) -> Project:
    """Writes files into a workspace and returns what a defence may look at; keywords set the environment."""

    def write(files: dict[str, str] | None = None, **environment: str) -> DefenceContext:
        settings.workspace.mkdir(parents=True, exist_ok=True)
        for name, text in (files or {}).items():
            path = settings.workspace / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text), encoding="utf-8")
        return DefenceContext(
            workspace=settings.workspace,
            environment=environment,
            lab={},
            settings=settings,
            tier=Tier.EMBEDDED,
        )

    return write


@pytest.fixture
def workspace_files(settings: Settings) -> Callable[[], dict[str, bytes]]:
    """Reads every file of the workspace: a defence must not change one."""

    def read() -> dict[str, bytes]:
        folder: Path = settings.workspace
        return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}

    return read


@dataclass
class ScriptedRuns:
    """Stands in for `run_pytest`: each run is green, or red with the reason that the script gives.

    Attributes:
        script: Given the options and the extra variables of a run and the folder of its project, returns the reason.
        asked: The options and variables of every run, in order.
    """

    script: Callable[[list[str], dict[str, str], Path], str] = lambda options, variables, folder: "OK"
    asked: list[tuple[list[str], dict[str, str]]] = field(default_factory=list)

    def __call__(
        self, context, paths, *, options=(), extra_environment=None, timeout_s=120.0
    ) -> PytestReport:
        variables = dict(extra_environment or {})
        self.asked.append((list(options), variables))
        reason = self.script(list(options), variables, context.workspace)
        case = TestCase("tests.test_a::test_it", "passed" if reason == GREEN else "failed", 0.1)
        output = "" if reason == GREEN else "E   assert 'cat' == 'dog'\n"
        return PytestReport(reason, (case,), (), output, 0.5, "pytest")


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> ScriptedRuns:
    """No defence starts a real pytest; what the runs say is up to the test."""
    runs = ScriptedRuns()
    for module in (flake_detector, random_order, frozen_clock, must_fail_run):
        monkeypatch.setattr(module, "run_pytest", runs)
    return runs


@pytest.fixture
def quick_pytest(monkeypatch: pytest.MonkeyPatch) -> None:
    """The inner pytest loads only the plugins that it is told to: half the time."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
