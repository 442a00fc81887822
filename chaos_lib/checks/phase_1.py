"""Checks of phase 1, Test Mayhem."""

from __future__ import annotations

from chaos_lib.checks.base import Check, require_green
from chaos_lib.errors import CheckFailed
from chaos_lib.mission import Mission

_PHASE = "phase-1-tests"
_SETTINGS_TEST = "tests/unit/test_settings.py"


def _environment(mission: Mission) -> None:
    require_green(mission.defend("settings-gate"), expected="a service that finds all of its settings")


def _settings_test(mission: Mission) -> None:
    if not (mission.workspace.folder / _SETTINGS_TEST).exists():
        raise CheckFailed(
            "Not yet: there is no test for the settings.",
            found=f"no {_SETTINGS_TEST} in your workspace",
            expected="a test that fails when a required setting gets a silent default",
            next_step="Answer the cell above.",
        )
    require_green(
        mission.defend("must-fail-run"),
        expected="tests that are green on the service as it is, and red on every broken copy of it",
    )


def _services(mission: Mission) -> None:
    verdict = mission.defend("integration-tests")
    require_green(verdict, expected="integration tests that bring their own Postgres and Redis")
    missing = [name for name in ("postgres", "redis") if not verdict.numbers.get(f"started_{name}")]
    if missing:
        raise CheckFailed(
            "Not yet: the tests are green, but they did not start everything they use.",
            found=f"no {' and no '.join(missing)} was started by a fixture",
            expected="one Postgres and one Redis, started by your fixtures",
            next_step="Start each in a session fixture with Testcontainers and yield its address.",
        )


def _reliability(mission: Mission) -> None:
    require_green(
        mission.defend("flake-detector"),
        expected="every one of several runs green, each in another order",
    )


CHECKS = (
    Check("phase-1.environment", "The service finds all of its settings.", _PHASE, 5, _environment),
    Check("phase-1.settings-test", "Your tests notice a broken service.", _PHASE, 15, _settings_test),
    Check("phase-1.services", "Your tests bring their own services.", _PHASE, 20, _services),
    Check("phase-1.reliability", "Your tests are green every time.", _PHASE, 20, _reliability),
)
