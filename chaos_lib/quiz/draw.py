"""Chance that can be repeated: the same seed gives the same draw on every machine and in every version of Python."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def shuffled(items: Sequence[T], seed: str, name: Callable[[T], str]) -> tuple[T, ...]:
    """Return the items in an order that depends on the seed and their names alone.

    `random.shuffle` promises the same result only within one version of Python.

    Args:
        items: With names that differ.
        seed: Any text.
        name: What an item is called.
    """
    return tuple(sorted(items, key=lambda item: hashlib.sha256(f"{seed}\n{name(item)}".encode()).digest()))


def draw(
    pool: Sequence[T], number: int, seed: str, *, name: Callable[[T], str], stratum: Callable[[T], str]
) -> tuple[T, ...]:
    """Draw items evenly over strata: no stratum gives a second one before every other has given what it can.

    Args:
        pool: To draw from.
        number: How many; all when the pool has fewer.
        seed: Any text.
        name: What an item is called; names differ.
        stratum: What an item belongs to.
    """
    strata: dict[str, list[T]] = {}
    for item in shuffled(pool, seed, name):
        strata.setdefault(stratum(item), []).append(item)
    order = shuffled(tuple(strata), f"{seed}/strata", str)
    drawn: list[T] = []
    while len(drawn) < min(number, len(pool)):
        for each in order:
            if strata[each] and len(drawn) < number:
                drawn.append(strata[each].pop(0))
    return tuple(drawn)
