"""What an attack is.

An attack file is a story, a promise (the symptom) and two short functions: `inject` breaks the workspace through journaled
operations, `solve` fixes it as a learner would. There is no undo code: the journal undoes.

A decoy is the attack that is none: it touches nothing, and promises that its defence stays green.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import Enum
from typing import TYPE_CHECKING

from chaos_lib.defences.base import GREEN
from chaos_lib.errors import InvalidInput
from chaos_lib.settings import Tier

if TYPE_CHECKING:
    from chaos_lib.attacks.hands import Hands, Injector


class Difficulty(str, Enum):
    """For whom an attack is meant."""

    BEGINNER = "beginner"
    INTERMEDIATE = "intermediate"
    ADVANCED = "advanced"


@dataclass(frozen=True)
class Symptom:
    """What the learner will see, promised.

    Attributes:
        reason: Reason code of the defence's verdict; a decoy promises `OK`.
        pattern: Regular expression found in the verdict's summary or evidence.
        deadline_s: Longest time in seconds from the injection to the verdict.
    """

    reason: str
    pattern: str
    deadline_s: float

    def is_shown_by(self, reason: str, text: str) -> bool:
        """Whether a verdict with this reason and text keeps the promise."""
        return reason == self.reason and re.search(self.pattern, text) is not None


@dataclass(frozen=True)
class Attack:
    """One fault with its story.

    Attributes:
        name: Unique, snake_case: what it does to the system; also the name of its module.
        title: A few words for people.
        emoji: One emoji for its card.
        phase: The phase it belongs to, such as `phase-1-tests`.
        difficulty: For whom.
        minutes: How long a learner needs, planned.
        is_core: Whether it is part of the 150 minutes; a bonus attack otherwise.
        story: One line in the Chaos Agent's own voice.
        defence: Name of the defence that must catch it.
        symptom: What that defence will say.
        command: What a practitioner would type to see the symptom.
        hints: Three or four, from a nudge to nearly the answer.
        debrief: Why it happens in real life and what prevents it, with a named class of incident.
        inject: Breaks the workspace.
        solve: Fixes it as a learner would.
        tiers: Tiers on which it really happens.
        facility: The facility of the lab whose tier counts; that of its defence when empty.
        easier: A simpler form of the task for beginners; empty when the task is simple already.
        is_decoy: Whether it breaks nothing: the learner must find out that all is well, and leave it alone.
    """

    name: str
    title: str
    emoji: str
    phase: str
    difficulty: Difficulty
    minutes: int
    is_core: bool
    story: str
    defence: str
    symptom: Symptom
    command: str
    hints: tuple[str, ...]
    debrief: str
    inject: Callable[[Injector], None]
    solve: Callable[[Hands], None]
    tiers: tuple[Tier, ...] = (Tier.LIVE, Tier.EMBEDDED)
    easier: str = ""
    facility: str = ""
    is_decoy: bool = False

    def __post_init__(self) -> None:
        """Refuse an attack that promises nothing.

        Raises:
            InvalidInput: A part that every attack needs is empty or out of range.
        """
        optional = {"easier", "is_core", "facility", "is_decoy"}
        empty = [f.name for f in fields(self) if f.name not in optional and not getattr(self, f.name)]
        if empty:
            raise InvalidInput(
                f"The attack `{self.name or '?'}` is not complete.",
                evidence=f"empty: {', '.join(empty)}",
                fix="Give every attack a story, a symptom, a defence, hints and a debrief (see CONTRIBUTING).",
            )
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.name):
            raise InvalidInput(
                f"`{self.name}` is no attack name.", fix="Use snake_case, such as `pod_crash_loop`."
            )
        if not 3 <= len(self.hints) <= 4:
            raise InvalidInput(
                f"The attack `{self.name}` has {len(self.hints)} hints.",
                fix="Write three or four: a nudge first, nearly the answer last.",
            )
        if self.symptom.deadline_s <= 0 or self.minutes <= 0:
            raise InvalidInput(
                f"The attack `{self.name}` promises a symptom or a task in no time at all.",
                fix="Give `deadline_s` and `minutes` positive numbers.",
            )
        if self.is_decoy is not (self.symptom.reason == GREEN):
            raise InvalidInput(
                f"The attack `{self.name}` promises `{self.symptom.reason}`.",
                evidence=f"is_decoy is {self.is_decoy}",
                fix=f"A decoy promises `{GREEN}`; every other attack a reason of its defence.",
            )
