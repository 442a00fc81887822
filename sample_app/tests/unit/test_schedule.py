from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from mission_control.models import Status
from mission_control.schedule import deadline_of, is_overdue

MONDAY_NOON = datetime(2030, 1, 7, 12, 0, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("created_on", "due_on"),
    [("Mon 7", "Thu 10"), ("Tue 8", "Fri 11"), ("Wed 9", "Mon 14"), ("Thu 10", "Mon 14"), ("Fri 11", "Mon 14"),
     ("Sat 12", "Tue 15"), ("Sun 13", "Wed 16")],
)  # fmt: skip
def test_a_mission_is_due_after_three_days_but_never_at_the_weekend(created_on, due_on):
    created_at = MONDAY_NOON.replace(day=int(created_on.split()[1]))

    deadline = deadline_of(created_at)

    assert f"{deadline:%a} {deadline.day}" == due_on
    assert deadline.time() == created_at.time()


def test_a_mission_is_overdue_only_after_its_deadline():
    deadline = deadline_of(MONDAY_NOON)

    assert not is_overdue(Status.ACTIVE, MONDAY_NOON, now=deadline)
    assert is_overdue(Status.ACTIVE, MONDAY_NOON, now=deadline + timedelta(seconds=1))


def test_a_mission_that_is_done_is_never_overdue():
    assert not is_overdue(Status.DONE, MONDAY_NOON, now=MONDAY_NOON + timedelta(days=365))
