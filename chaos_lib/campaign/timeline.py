"""What the mission log tells about an offensive: its rounds, with their times. Nothing else is remembered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from chaos_lib.attacks.base import Attack
from chaos_lib.defences.base import GREEN, Verdict
from chaos_lib.mission_log import Event


class Ending(str, Enum):
    """How a round ended."""

    OPEN = "still open"
    FIXED = "fixed"
    ROLLED_BACK = "rolled back"
    SEEN_THROUGH = "seen through"
    SLIPPED = "slipped through"
    FOOLED = "fooled"
    GIVEN_UP = "given up"

    @property
    def symbol(self) -> str:
        """One character that says the same."""
        return _SYMBOLS[self]


_SYMBOLS = {
    Ending.OPEN: "…",
    Ending.FIXED: "✓",
    Ending.ROLLED_BACK: "↺",
    Ending.SEEN_THROUGH: "✓",
    Ending.SLIPPED: "✗",
    Ending.FOOLED: "✗",
    Ending.GIVEN_UP: "–",
}


@dataclass(frozen=True)
class Asked:
    """What one gate said.

    Attributes:
        gate: The gate.
        reason: Its reason code; `OK` when green.
        elapsed_s: Seconds it took.
        stands: Whether it was not run again: it looks at nothing that was touched.
    """

    gate: str
    reason: str
    elapsed_s: float
    stands: bool = False

    @property
    def is_green(self) -> bool:
        """Whether it let the attack through."""
        return self.reason == GREEN

    @classmethod
    def of(cls, verdict: Verdict, *, stands: bool = False) -> Asked:
        """Return what a verdict says."""
        return cls(verdict.defence, verdict.reason, round(verdict.elapsed_s, 3), stands)


@dataclass(frozen=True)
class Round:
    """One attack of an offensive, from its launch to its end.

    Attributes:
        attack: Its name.
        launched_at: Seconds since the epoch; so are the other times.
        digest: The workspace as it was after the launch.
        caught_by: The first gate that turned red; empty while none has.
        reason: What that gate said.
        detected_at: When it did; None while no gate has.
        is_all_green: Whether every gate was green, with the attack in the system.
        ended_at: When the round ended; None while it is open.
        ending: How.
        hints: How many were taken.
        attempts: Fixes that did not hold.
        false_reports: How often the system was called healthy although it was not.
        asked: What the gates said when the pipeline was run first, in order.
    """

    attack: str
    launched_at: float
    digest: str = ""
    caught_by: str = ""
    reason: str = ""
    detected_at: float | None = None
    is_all_green: bool = False
    ended_at: float | None = None
    ending: Ending = Ending.OPEN
    hints: int = 0
    attempts: int = 0
    false_reports: int = 0
    asked: tuple[Asked, ...] = ()

    @property
    def detect_s(self) -> float | None:
        """Seconds from the launch to the first red gate."""
        return None if self.detected_at is None else self.detected_at - self.launched_at

    @property
    def recover_s(self) -> float | None:
        """Seconds from the first red gate to the end; from the launch where no gate turned red."""
        if self.ended_at is None:
            return None
        return self.ended_at - (self.launched_at if self.detected_at is None else self.detected_at)


@dataclass(frozen=True)
class Offensive:
    """An offensive as the log tells it.

    Attributes:
        seed: Of the draw.
        sequence: The attacks drawn, in order.
        gates: The pipeline.
        started_at: Seconds since the epoch.
        finished_at: None while it goes on.
        player: Who plays; may be empty.
        minutes: How long it may take; 0 for no limit.
        rounds: Those that have begun.
    """

    seed: int
    sequence: tuple[str, ...]
    gates: tuple[str, ...]
    started_at: float
    finished_at: float | None
    player: str
    minutes: float
    rounds: tuple[Round, ...]

    @property
    def current(self) -> Round | None:
        """The round that is open."""
        return next((each for each in self.rounds if each.ending is Ending.OPEN), None)


def latest(events: Sequence[Event], attacks: Mapping[str, Attack]) -> Offensive | None:
    """Return the offensive that began last; None when there has been none.

    Args:
        events: All events of the mission, oldest first.
        attacks: The catalogue: tells which are decoys.
    """
    starts = [position for position, event in enumerate(events) if event.kind == "offensive_started"]
    if not starts:
        return None
    start, *after = events[starts[-1] :]
    finished = next((event.at for event in after if event.kind == "offensive_finished"), None)
    decoys = {name for name, attack in attacks.items() if attack.is_decoy}
    data = start.data
    return Offensive(
        seed=int(data.get("seed", 0)),
        sequence=tuple(data.get("sequence", ())),
        gates=tuple(data.get("gates", ())),
        started_at=start.at,
        finished_at=finished,
        player=str(data.get("player", "")),
        minutes=float(data.get("minutes", 0)),
        rounds=_rounds(after, decoys),
    )


def _rounds(events: Sequence[Event], decoys: set[str]) -> tuple[Round, ...]:
    rounds: dict[str, Round] = {}
    for event in events:
        if event.kind == "offensive_finished":
            break
        if event.kind == "attack_launched":
            if event.data.get("is_hidden"):
                rounds[event.name] = Round(event.name, event.at, str(event.data.get("digest", "")))
        elif event.name in rounds and rounds[event.name].ending is Ending.OPEN:
            now = rounds[event.name]
            rounds[event.name] = replace(now, **_change(now, event, is_decoy=event.name in decoys))
    return tuple(rounds.values())


def _change(now: Round, event: Event, *, is_decoy: bool) -> Mapping[str, Any]:
    """Return what an event changes in an open round."""
    if event.kind == "gates_run":
        red = str(event.data.get("red", ""))
        asked = now.asked or tuple(Asked(*each) for each in event.data.get("asked", ()))
        if not red:
            return {"is_all_green": True, "asked": asked}
        if now.detected_at is None:
            reason = str(event.data.get("reason", ""))
            return {"caught_by": red, "reason": reason, "detected_at": event.at, "asked": asked}
    elif event.kind == "hint_taken":
        return {"hints": now.hints + 1}
    elif event.kind == "attempt":
        return {"attempts": now.attempts + 1}
    elif event.kind == "healthy_reported":
        return _after_report(now, event, is_decoy=is_decoy)
    elif event.kind == "attack_caught":
        return {"ended_at": event.at, "ending": Ending.FIXED}
    elif event.kind == "attack_undone":
        is_given_up = bool(event.data.get("is_given_up"))
        ending = Ending.GIVEN_UP if is_given_up else _undone(now, is_decoy=is_decoy)
        return {"ended_at": event.at, "ending": ending}
    return {}


def _after_report(now: Round, event: Event, *, is_decoy: bool) -> Mapping[str, Any]:
    if is_decoy:
        is_edited = bool(event.data.get("is_edited"))
        return {"ended_at": event.at, "ending": Ending.FOOLED if is_edited else Ending.SEEN_THROUGH}
    if now.is_all_green and now.detected_at is None:
        # No gate said otherwise: the fault is the pipeline's, not the person's.
        return {"ended_at": event.at, "ending": Ending.SLIPPED}
    return {"false_reports": now.false_reports + 1}


def _undone(now: Round, *, is_decoy: bool) -> Ending:
    if now.detected_at is not None:
        return Ending.ROLLED_BACK
    if now.is_all_green:
        return Ending.FOOLED if is_decoy else Ending.SLIPPED
    return Ending.GIVEN_UP
