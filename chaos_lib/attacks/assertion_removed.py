"""The tests run every line of the service and assert nothing."""

from __future__ import annotations

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector

_FILE = "tests/unit/test_schedule.py"
_HOLLOW = '''"""Tests of the mission schedule. All green, all the time. You are welcome."""

from datetime import datetime, timezone

from mission_control.schedule import deadline_of

WEDNESDAY = datetime(2030, 1, 9, 12, 0, tzinfo=timezone.utc)


def test_a_mission_is_due_after_three_days_but_never_at_the_weekend():
    deadline_of(WEDNESDAY)
'''


def inject(target: Injector) -> None:
    """Replace the schedule's tests by a file that asserts nothing."""
    target.workspace.put(_FILE, _HOLLOW)


def solve(hands: Hands) -> None:
    """Assert what must be true."""
    hands.edit(_FILE, "    deadline_of(WEDNESDAY)", '    assert f"{deadline_of(WEDNESDAY):%A}" == "Monday"')


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
    symptom=Symptom("BLIND_TESTS", r"not noticed: .*weekend", deadline_s=60.0),
    command="pytest tests/unit  # after you broke the code on purpose: must be red",
    hints=(
        "Green tells you that nothing failed. What could fail in these tests?",
        "Open tests/unit/test_schedule.py and look for the word `assert`.",
        "`deadline_of(...)` gives an answer. Compare it with the answer you expect.",
        "Three days after Wednesday is Saturday, so the deadline moves to Monday: "
        "`assert deadline_of(WEDNESDAY).weekday() == 0`.",
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
