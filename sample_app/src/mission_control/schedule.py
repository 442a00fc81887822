"""When a mission is due. Every function takes the time as an argument, so that a test never depends on today."""

from __future__ import annotations

from datetime import datetime, timedelta

from mission_control.models import Status

TIME_TO_FINISH = timedelta(days=3)
_SATURDAY = 5


def deadline_of(created_at: datetime) -> datetime:
    """Three days after the start; a deadline at the weekend moves to Monday, same time of day.

    Args:
        created_at: When the mission was created, with a time zone.
    """
    deadline = created_at + TIME_TO_FINISH
    days_into_weekend = deadline.weekday() - _SATURDAY
    if days_into_weekend >= 0:
        deadline += timedelta(days=2 - days_into_weekend)
    return deadline


def is_overdue(status: Status, created_at: datetime, now: datetime) -> bool:
    """Whether the deadline has passed and the mission is still not done."""
    return status is not Status.DONE and now > deadline_of(created_at)
