"""A new test asks the calendar what day it is, and has no answer on the last day of a month."""

from __future__ import annotations

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector

_FILE = "tests/unit/test_launch_window.py"
_TODAY = '''"""Tests of the launch window. Green when I wrote them, so they are green for ever!"""

from datetime import datetime, timezone

from mission_control.models import Status
from mission_control.schedule import is_overdue


def test_a_mission_of_today_is_not_overdue_tomorrow():
    today = datetime.now(timezone.utc)
    tomorrow = today.replace(day=today.day + 1)

    assert not is_overdue(Status.ACTIVE, today, now=tomorrow)
'''


def inject(target: Injector) -> None:
    """Add a test that depends on today."""
    target.workspace.put(_FILE, _TODAY)


def solve(hands: Hands) -> None:
    """Fix the day, and let timedelta do the sums."""
    hands.write(
        _FILE,
        '''"""Tests of the launch window: the same on every day."""

from datetime import datetime, timedelta, timezone

from mission_control.models import Status
from mission_control.schedule import is_overdue

LAST_OF_THE_MONTH = datetime(2030, 1, 31, 12, 0, tzinfo=timezone.utc)


def test_a_mission_is_not_overdue_on_the_next_day():
    next_day = LAST_OF_THE_MONTH + timedelta(days=1)

    assert not is_overdue(Status.ACTIVE, LAST_OF_THE_MONTH, now=next_day)
''',
    )


ATTACK = Attack(
    name="clock_in_test",
    title="The calendar bomb",
    emoji="🕰️",
    phase="phase-1-tests",
    difficulty=Difficulty.INTERMEDIATE,
    minutes=6,
    is_core=False,
    story="Tick, tock! I wrote you one more test. It is green today. Tomorrow? Ask me on the last day of the month.",
    defence="frozen-clock",
    symptom=Symptom(
        "DATE_DEPENDENT",
        r"red on 2027-04-30 .*test_a_mission_of_today_is_not_overdue_tomorrow",
        deadline_s=90.0,
    ),
    command="faketime '2027-04-30 12:00:00' pytest tests/unit",
    hints=(
        "The evidence names a date on which the tests are green, and one on which a test is red. "
        "What is special about the second?",
        "Open tests/unit/test_launch_window.py. Where does it ask what day it is?",
        "The day after the 30th of April is not the 30 + 1st of April. `timedelta(days=1)` knows how long months are.",
        "Give the test a day of its own, such as `datetime(2030, 1, 31, 12, 0, tzinfo=timezone.utc)`, "
        "and add `timedelta(days=1)` to it.",
    ),
    debrief=(
        "This class of incident is the calendar bug. On 29 February 2012 a large cloud could not start machines for "
        "hours: its code made a certificate that was valid until the same day of the next year, and there was no such "
        "day. Tests that read the clock hide such bugs on all other days, and turn red at midnight when nobody changed "
        "anything. Pass the time in as an argument, as mission_control.schedule does, and choose the nasty dates "
        "yourself: the end of a month, a leap day, a weekend, the night when the clocks change. The same goes for "
        "chance: pass the seed in."
    ),
    inject=inject,
    solve=solve,
)
