"""The types that travel between the lab, its facilities and their providers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chaos_lib.settings import Tier


@dataclass(frozen=True)
class Usability:
    """Whether a provider can do its work on this machine.

    Attributes:
        is_usable: Whether `start` has a fair chance.
        reason: Why, or why not, in one sentence.
        remedy: What would make it usable; empty when it is.
    """

    is_usable: bool
    reason: str
    remedy: str


@dataclass(frozen=True)
class Progress:
    """One step of a longer piece of work.

    Attributes:
        step: What is being done, two to five words: "Building postgres:15".
        detail: The latest news of it, one line; may be empty.
        fraction: Share of the step that is done, 0 to 1; None when it cannot be known.
    """

    step: str
    detail: str = ""
    fraction: float | None = None


ProgressSink = Callable[[Progress], None]


def no_progress(_: Progress) -> None:
    """Drop the news: for callers that show none."""


@dataclass(frozen=True)
class FacilityReport:
    """What the lab would use for a facility, and why.

    Attributes:
        facility: `containers`, `services`, later `pipeline` and `cluster`.
        provider: Name of the provider that was chosen; empty when none works.
        tier: How real it is; None when none works.
        reason: Why this one, or why none.
        remedy: What would give a better tier; empty when it is LIVE.
    """

    facility: str
    provider: str
    tier: Tier | None
    reason: str
    remedy: str
