"""Stops what is running: an abort, a timeout, a parallel branch that fails the others.

As in Jenkins an interruption ends the step that runs at that moment and no more: what comes after it (`post`) runs as
usual. So every build thread takes each interruption once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from chaos_lib.pipeline.runner.failures import Thrown

_POLL_S = 0.05


@dataclass(eq=False)
class Interruption:
    """A part of the build that can be stopped as one.

    Attributes:
        parent: The part around it, whose interruptions count here too.
        deadline: In seconds of monotonic time; None without a timeout.
        on_deadline: Called once when the deadline has passed.
    """

    parent: Interruption | None = None
    deadline: float | None = None
    on_deadline: Callable[[], Thrown] | None = None
    _pending: list[Thrown] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def interrupt(self, thrown: Thrown) -> None:
        """Stop what runs in this part now."""
        with self._lock:
            self._pending.append(thrown)

    def pending(self) -> list[tuple[Interruption, int, Thrown]]:
        """Return all interruptions so far, those of the parts around it first, each with its place."""
        found = [] if self.parent is None else self.parent.pending()
        with self._lock:
            if (
                self.deadline is not None
                and time.monotonic() >= self.deadline
                and self.on_deadline is not None
            ):
                self.deadline, action = None, self.on_deadline
                self._pending.append(action())
            found += [(self, at, thrown) for at, thrown in enumerate(self._pending)]
        return found


class Attention:
    """One build thread's view of the interruptions: which it has taken already.

    Args:
        taken: What its maker had taken.
    """

    def __init__(self, taken: set[tuple[int, int]] | None = None) -> None:
        self.taken = set(taken or ())
        # Keeps the parts alive whose ids are in `taken`.
        self._seen: list[Interruption] = []

    def next(self, part: Interruption) -> Thrown | None:
        """Return an interruption that was not taken yet, and take it."""
        for where, at, thrown in part.pending():
            if (id(where), at) not in self.taken:
                self.taken.add((id(where), at))
                self._seen.append(where)
                return thrown
        return None

    def check(self, part: Interruption) -> None:
        """Raise what is pending."""
        thrown = self.next(part)
        if thrown is not None:
            raise thrown

    def sleep(self, seconds: float, part: Interruption) -> None:
        """Pause; ends early by raising what comes up."""
        end = time.monotonic() + seconds
        while True:
            self.check(part)
            left = end - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(_POLL_S, left))
