"""Named places where a test may kill the process.

Between any two steps that change the world there is a `reach(...)`. It does nothing, unless a test has set
`on_reach`. The tests kill the process at every one of them in turn and prove that the next start heals.
"""

from __future__ import annotations

from collections.abc import Callable

on_reach: Callable[[str], None] | None = None


def reach(name: str) -> None:
    """Pass the fault point `name`."""
    if on_reach is not None:
        on_reach(name)
