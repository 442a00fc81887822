"""The tests run every line of the service and assert nothing."""

from __future__ import annotations

import re

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector

_FILE = "tests/unit/test_schedule.py"
_HOLLOW = '''"""Tests of the mission schedule. All green, all the time. You are welcome."""

from datetime import datetime, timezone

from mission_control.models import Status
from mission_control.schedule import deadline_of, is_overdue

CREATED = datetime(2026, 3, 2, 9, 0, tzinfo=timezone.utc)


def test_the_deadline_is_computed():
    deadline_of(CREATED)


def test_a_late_mission_is_overdue():
    is_overdue(Status.ACTIVE, CREATED, datetime(2026, 4, 1, tzinfo=timezone.utc))
'''


def inject(target: Injector) -> None:
    """Replace the schedule's tests by a file that asserts nothing."""
    target.workspace.put(_FILE, _HOLLOW)


def solve(hands: Hands) -> None:
    """Assert what must be true."""
    text = re.sub(r"    deadline_of\(", "    assert CREATED < deadline_of(", _HOLLOW)
    hands.write(_FILE, text.replace("    is_overdue(", "    assert is_overdue("))


ATTACK = Attack(
    name="assertion_removed",
    title="The hollow tests",
    emoji="🎈",
    phase="phase-1-tests",
    difficulty=Difficulty.INTERMEDIATE,
    minutes=5,
    is_core=False,
    story="All your tests are green! Every single one! I made sure of it. No need to look any closer.",
    defence="must-fail-run",
    symptom=Symptom("BLIND_TESTS", r"overdue before its deadline", deadline_s=60.0),
    command="break the code on purpose, then: pytest tests/unit",
    hints=(
        "Green tells you that nothing failed. What could fail in these tests?",
        "Open tests/unit/test_schedule.py and look for the word `assert`.",
        "`is_overdue(...)` gives an answer. Compare it with the answer you expect.",
        "Write `assert is_overdue(...)` where it must be true, and `assert not is_overdue(...)` where it must not.",
    ),
    debrief=(
        "Coverage was unchanged, and the suite was worthless: code that runs is not code that is right. Tests lose "
        "their assertions in hurried merges and in copied code. The defence is to test the tests: plant a fault and "
        "demand that something turns red. Tools do this at scale under the name mutation testing (mutmut, "
        "cosmic-ray for Python)."
    ),
    inject=inject,
    solve=solve,
)
