"""Hints in steps: each is opened by an attempt, or by some time of trying."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from chaos_lib.mission_log import MissionLog

DELAY_S = 90.0


@dataclass(frozen=True)
class Hint:
    """What the ladder gives.

    Attributes:
        text: The hint; when the next one is not open yet, what opens it.
        is_new: Whether this is one that was not shown before.
        is_last: Whether no further one exists.
    """

    text: str
    is_new: bool
    is_last: bool


class HintLadder:
    """The hints of one task.

    Args:
        name: The attack or check they belong to.
        hints: From a nudge to nearly the answer.
        log: Where attempts and hints are found and recorded.
        now: Seconds since the epoch.
        delay_s: Seconds after which the next hint opens without an attempt.
        since: Hints taken before this moment do not count: in a game that is played again, the ladder starts anew.
    """

    def __init__(
        self,
        name: str,
        hints: tuple[str, ...],
        log: MissionLog,
        *,
        now: Callable[[], float] = time.time,
        delay_s: float = DELAY_S,
        since: float = 0.0,
    ) -> None:
        self._name = name
        self._hints = hints
        self._log = log
        self._now = now
        self._delay_s = delay_s
        self._since = since

    def take(self, phase: str) -> Hint:
        """Give the next hint when it is open, else the latest one again with what opens the next."""
        taken = [
            e for e in self._log.events(kind="hint_taken") if e.name == self._name and e.at >= self._since
        ]
        if len(taken) >= len(self._hints):
            return Hint(self._hints[-1], is_new=False, is_last=True)
        if taken and not self._is_open(taken[-1].at):
            latest = self._hints[len(taken) - 1]
            return Hint(
                f"{latest}\n(The next hint opens after your next attempt, or after a while.)",
                is_new=False,
                is_last=False,
            )
        self._log.add(phase, "hint_taken", self._name, step=len(taken) + 1)
        return Hint(self._hints[len(taken)], is_new=True, is_last=len(taken) + 1 == len(self._hints))

    def _is_open(self, last_at: float) -> bool:
        if self._now() - last_at >= self._delay_s:
            return True
        tries = ("attempt", "check_failed")
        return any(e.at >= last_at and e.kind in tries and e.name == self._name for e in self._log.events())
