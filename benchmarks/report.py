"""What a benchmark says: lines for people, and with `--json` one list as the last line."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Figure:
    """One measured number.

    Attributes:
        name: What was measured.
        value: The number.
        unit: Its unit: `s`, `ms`, `ratio`, `1/s`.
        goal: What it should be, as text: `at most 1.2`; empty when it only informs.
        holds: Whether the goal is met; True without a goal.
    """

    name: str
    value: float
    unit: str
    goal: str
    holds: bool


def at_most(name: str, value: float, limit: float, unit: str) -> Figure:
    """Return a figure that must not exceed a limit."""
    return Figure(name, round(value, 3), unit, f"at most {limit:g}", value <= limit)


def at_least(name: str, value: float, limit: float, unit: str) -> Figure:
    """Return a figure that must not be lower than a limit."""
    return Figure(name, round(value, 3), unit, f"at least {limit:g}", value >= limit)


def informs(name: str, value: float, unit: str) -> Figure:
    """Return a figure without a goal: what a ratio was made of."""
    return Figure(name, round(value, 3), unit, "", True)


def median_s(action: Callable[[], object], *, times: int) -> float:
    """Return the median wall time of an action, in seconds."""
    return statistics.median(timed_s(action) for _ in range(times))


def timed_s(action: Callable[[], object]) -> float:
    """Return the wall time of one call, in seconds."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def publish(title: str, figures: Sequence[Figure]) -> None:
    """Print the figures; the exit code is 1 when a goal is missed."""
    print(title)
    for figure in figures:
        goal = f"  (goal: {figure.goal}; {'holds' if figure.holds else 'MISSED'})" if figure.goal else ""
        print(f"  {figure.name}: {figure.value:g} {figure.unit}{goal}")
    if "--json" in sys.argv[1:]:
        print(json.dumps([asdict(figure) for figure in figures]))
    sys.exit(0 if all(figure.holds for figure in figures) else 1)
