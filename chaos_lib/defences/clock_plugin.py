"""pytest plugin that moves the clock of a test run: `-p chaos_lib.defences.clock_plugin`.

The variable `OPCHAOS_CLOCK` says where to: a local time and its zone, such as `2028-02-29T12:00:00 Europe/Berlin`. The clock is
moved before the first test file is imported, so that a constant such as `TODAY = date.today()` is moved, too. From there time
goes on as usual; `time.monotonic` is left alone, so that waits and timeouts work.
"""

from __future__ import annotations

import os
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
import time_machine

CLOCK = "OPCHAOS_CLOCK"
_NAME = "opchaos-clock"


def parse(text: str) -> datetime:
    """Return the moment that `OPCHAOS_CLOCK` names.

    Raises:
        ValueError: It is not a local time and a zone.
    """
    local, _, zone = text.partition(" ")
    try:
        return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone))
    except (ValueError, ZoneInfoNotFoundError, OSError) as exc:
        raise ValueError(
            f"{CLOCK} is {text!r}; it must look like `2028-02-29T12:00:00 Europe/Berlin`."
        ) from exc


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Move the clock, before a conftest.py can look at it."""
    text = os.environ.get(CLOCK)
    if not text:
        return
    try:
        moment = parse(text)
    except ValueError as exc:
        raise pytest.UsageError(str(exc)) from exc
    early_config.pluginmanager.register(MovedClock(moment), _NAME)


class MovedClock:
    """A clock that was moved, until the session ends.

    Args:
        moment: Where to, with its zone: the zone becomes the local one (where the system can change it).
    """

    def __init__(self, moment: datetime) -> None:
        self._travel = time_machine.travel(moment, tick=True)
        self._travel.start()

    def pytest_unconfigure(self) -> None:
        """Put the clock right."""
        self._travel.stop()
