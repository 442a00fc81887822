"""One piece of the model while it is built."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


def nothing() -> None:
    """Object to nothing."""


@dataclass(frozen=True)
class Part(Generic[T]):
    """What the first look found.

    Attributes:
        value: The piece of the model.
        place: Line and column of it.
        check: Says what the second look has to object to, in Jenkins's order.
    """

    value: T
    place: tuple[int, int]
    check: Callable[[], None] = nothing


def check_all(parts: Iterable[Part[T] | None]) -> None:
    """Check those parts that are there, one after the other."""
    for part in parts:
        if part is not None:
            part.check()


def duplicates(names: Iterable[str | None]) -> list[str | None]:
    """Return the names that occur more than once, each once, in order."""
    seen = list(names)
    return [name for index, name in enumerate(seen) if seen.count(name) > 1 and seen.index(name) == index]
