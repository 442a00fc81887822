"""What a defence is, and the verdict it gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from chaos_lib.defences.scope import EVERYTHING, Scope
from chaos_lib.settings import Settings, Tier

GREEN = "OK"


@dataclass(frozen=True)
class Verdict:
    """What a defence says about the workspace.

    Attributes:
        defence: The defence's name.
        reason: Reason code: `OK` when green, otherwise an upper-case word such as `SERVICE_UNREACHABLE`.
        summary: One plain sentence for people.
        evidence: What was seen (last lines of output, a value).
        remedy: What to do about it; empty when green.
        command: What a practitioner would type to see the same.
        tier: How real the result is.
        elapsed_s: Seconds the defence took.
        numbers: Measured values by name, with the unit in the name (`pass_rate`, `size_bytes`).
    """

    defence: str
    reason: str
    summary: str
    evidence: str = ""
    remedy: str = ""
    command: str = ""
    tier: Tier = Tier.LIVE
    elapsed_s: float = 0.0
    numbers: Mapping[str, float] = field(default_factory=dict)

    @property
    def is_green(self) -> bool:
        """Whether the defence lets the change through."""
        return self.reason == GREEN


@dataclass(frozen=True)
class DefenceContext:
    """What a defence may look at.

    Attributes:
        workspace: Folder of the project to judge.
        environment: The workspace's own environment variables (what a CI system would set), name to value.
        lab: The lab's variables for child processes (`DOCKER_HOST`, ...), name to value.
        settings: The kit's settings.
        tier: Tier that the lab offers for the facility the defence needs.
        on_line: Called with each line of output while the defence works.
    """

    workspace: Path
    environment: Mapping[str, str]
    lab: Mapping[str, str]
    settings: Settings
    tier: Tier = Tier.LIVE
    on_line: Callable[[str], None] | None = None


class Defence(Protocol):
    """A named gate. It only looks: it never changes the workspace.

    One whose result depends on another facility of the lab than its services names it in an attribute `facility`, such as
    `containers`; see `facility_of`. What its verdict can depend on it says in `looks_at`; see `scope_of`.
    """

    @property
    def name(self) -> str:
        """Unique, kebab-case: `integration-tests`."""
        ...

    @property
    def title(self) -> str:
        """A few words for people."""
        ...

    @property
    def phase(self) -> str:
        """The phase that teaches it, such as `phase-1-tests`."""
        ...

    @property
    def uses_services(self) -> bool:
        """Whether its result depends on the lab's services, and so on their tier."""
        ...

    @property
    def reasons(self) -> Mapping[str, str]:
        """Every reason code of a red verdict, with one plain sentence each."""
        ...

    def run(self, context: DefenceContext) -> Verdict:
        """Judge the workspace; a finding is a red verdict, never an exception."""
        ...


def facility_of(defence: Defence) -> str:
    """Return the facility of the lab that a defence needs: `containers`, `services`; empty when it needs none."""
    return str(getattr(defence, "facility", "")) or (
        "services" if getattr(defence, "uses_services", False) else ""
    )


def scope_of(defence: Defence) -> Scope:
    """Return what a defence's verdict can depend on; everything, when it does not say."""
    found = getattr(defence, "looks_at", EVERYTHING)
    return found if isinstance(found, Scope) else EVERYTHING


def plays_on(defence: Defence, tier: Tier) -> bool:
    """Whether a defence can judge where the lab's services are of this tier: containers exist where they are LIVE only."""
    return getattr(defence, "facility", "") != "containers" or tier is Tier.LIVE
