"""What the mission log proves: the events as text, their digest, and the result that follows from them.

The result is worked out from the events by this function alone, here and in the certificate service: nobody can ask for
points that the events do not show. What a check is worth is looked up, not believed.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from chaos_lib.certificate.record import Kind, PhaseResult
from chaos_lib.errors import InvalidInput
from chaos_lib.mission_log import Event
from chaos_lib.phases import PHASES, Phase
from chaos_lib.settings import Tier

PASS_PERCENT = 80
_REALNESS = (Tier.SIMULATED, Tier.EMBEDDED, Tier.LIVE)


@dataclass(frozen=True)
class Result:
    """What was reached.

    Attributes:
        kind: Completion when every phase that has points is finished with at least 80 % of all points, else participation.
        score: Points earned.
        possible: Points of the whole workshop.
        tier: The least real tier of the finished phases.
        phases: The finished phases, in order.
    """

    kind: Kind
    score: int
    possible: int
    tier: Tier
    phases: tuple[PhaseResult, ...]


@dataclass(frozen=True)
class Evidence:
    """The events of a mission log.

    Attributes:
        text: One event a line, as JSON with sorted keys; what the digest is of.
    """

    text: str

    @classmethod
    def of(cls, events: Iterable[Event]) -> Evidence:
        """Return the evidence that events are."""
        return cls("".join(_line(event) for event in events))

    @property
    def digest(self) -> str:
        """SHA-256 of the text, hexadecimal."""
        return hashlib.sha256(self.text.encode("utf-8")).hexdigest()

    def events(self) -> Sequence[Event]:
        """Read the events back.

        Raises:
            InvalidInput: The text is none of ours.
        """
        return [_event(line, number) for number, line in enumerate(self.text.splitlines(), start=1)]


def result(
    events: Sequence[Event], *, worth: Mapping[str, tuple[str, int]], phases: Sequence[Phase] = PHASES
) -> Result:
    """Work out what was reached.

    Args:
        events: From the mission log.
        worth: What each check is worth: its name to its phase and points. Others do not count.
        phases: The phases of the workshop.
    """
    passed = {event.name for event in events if event.kind == "check_passed" and event.name in worth}
    closed = {event.phase for event in events if event.kind == "phase_finished"}
    points: dict[str, int] = {}
    for name in passed:
        phase_name, value = worth[name]
        points[phase_name] = points.get(phase_name, 0) + value
    earned = {phase.name: min(points.get(phase.name, 0), phase.points) for phase in phases}
    finished = [
        phase
        for phase in phases
        # With all its points a phase is finished, whether it was closed or not.
        if phase.name in closed or (phase.points and earned[phase.name] == phase.points)
    ]
    results = tuple(
        PhaseResult(phase.name, phase.title, earned[phase.name], phase.points, _tier(phase, events))
        for phase in finished
    )
    score, possible = sum(earned.values()), sum(phase.points for phase in phases)
    # A phase without points, such as the one in which the certificate is issued, need not be closed before.
    is_complete = (
        all(phase in finished for phase in phases if phase.points) and score * 100 >= possible * PASS_PERCENT
    )
    return Result(
        kind=Kind.COMPLETION if is_complete else Kind.PARTICIPATION,
        score=score,
        possible=possible,
        tier=min((phase.tier for phase in results), key=_REALNESS.index, default=Tier.SIMULATED),
        phases=results,
    )


def worth_of_checks() -> Mapping[str, tuple[str, int]]:
    """Return what the checks of this kit are worth."""
    # The checks import everything that they look at; reading a certificate must not.
    from chaos_lib.checks.catalogue import CHECKS

    return {check.name: (check.phase, check.points) for check in CHECKS.values()}


def _tier(phase: Phase, events: Iterable[Event]) -> Tier:
    """Return the least real tier of the phase's facilities, each as it was last."""
    last: dict[str, Tier] = {}
    for event in events:
        if event.kind != "tier" or event.phase != phase.name:
            continue
        is_its_own = not phase.facilities or event.name in phase.facilities
        told = str(event.data.get("tier", ""))
        if is_its_own and told in Tier.__members__:
            last[event.name] = Tier[told]
    return min(last.values(), key=_REALNESS.index, default=Tier.SIMULATED)


def _line(event: Event) -> str:
    data = json.loads(json.dumps(dict(event.data)))
    values = [round(event.at, 3), event.phase, event.kind, event.name, data]
    return json.dumps(values, ensure_ascii=True, sort_keys=True, separators=(",", ":")) + "\n"


def _event(line: str, number: int) -> Event:
    try:
        at, phase, kind, name, data = json.loads(line)
        seconds = float(at)
        if not math.isfinite(seconds) or not all(isinstance(text, str) for text in (phase, kind, name)):
            raise ValueError("a value of the wrong sort")  # noqa: TRY301
        return Event(seconds, phase, kind, name, dict(data))
    except (ValueError, TypeError, OverflowError, RecursionError) as exc:
        raise InvalidInput(
            "The evidence is no mission log.",
            evidence=f"line {number}: {exc}",
            fix="Give the file that lies beside the certificate, or let this kit send it.",
        ) from exc
