"""What was meant by a misspelt name: the known one that takes the fewest changes."""

from __future__ import annotations

from collections.abc import Sequence


def nearest(word: str, known: Sequence[str]) -> str | None:
    """Return the known word that is closest, the first of several; None if none is known."""
    return min(known, key=lambda candidate: distance(word, candidate), default=None)


def distance(left: str, right: str) -> int:
    """Return how many letters must be put in, left out, replaced or swapped with their neighbour."""
    before: list[int] = []
    last = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        row = [i]
        for j, b in enumerate(right, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]
