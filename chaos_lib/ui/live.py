"""Keeps every panel on the screen true: whoever changes the mission's state calls `refresh_all()`."""

from __future__ import annotations

from collections import deque
from typing import Protocol


class Refreshable(Protocol):
    """Something on the screen that shows the mission's state."""

    def refresh(self) -> None:
        """Read the state again and show it."""
        ...


# Kept alive here: a panel that was only displayed has no other owner. Bounded: a cell may be run a hundred times.
_SHOWN: deque[Refreshable] = deque(maxlen=24)


def watch(shown: Refreshable) -> None:
    """Have something refreshed from now on; the latest 24 are."""
    _SHOWN.append(shown)


def refresh_all(kind: type | None = None) -> None:
    """Refresh everything that is shown, or what is of one kind; cheap when nothing is."""
    for shown in list(_SHOWN):
        if kind is None or isinstance(shown, kind):
            shown.refresh()
