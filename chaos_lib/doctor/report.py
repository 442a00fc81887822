"""What the doctor found: findings, their remedies, and whether the workshop can be played."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum

from chaos_lib.lab.facility import FacilityReport
from chaos_lib.settings import Tier

# The facilities that phases 0 and 1 cannot do without; later ones only widen what can be played.
_CORE_FACILITIES = ("containers", "services")


class Status(str, Enum):
    """How a check ended; the word is what people and scripts read."""

    OK = "OK"
    WARN = "WARN"
    MISSING = "MISSING"


class Need(str, Enum):
    """What cannot be done while a finding is MISSING.

    EVERYTHING: the workshop cannot be played at all. LIVE and EMBEDDED: not on that tier.
    TEACHING: participants can play, an instructor cannot collect and grade.
    """

    EVERYTHING = "EVERYTHING"
    LIVE = "LIVE"
    EMBEDDED = "EMBEDDED"
    TEACHING = "TEACHING"


class Family(str, Enum):
    """The kinds of system that remedies are written for; the value is its name for people."""

    DEBIAN = "Debian/Ubuntu"
    MACOS = "macOS"
    WINDOWS = "Windows"


@dataclass(frozen=True)
class Remedy:
    """What to type or do, one text a system.

    Attributes:
        debian: For Debian and Ubuntu, and the nearest there is for another Linux.
        macos: For macOS.
        windows: For Windows.
    """

    debian: str
    macos: str
    windows: str

    @classmethod
    def everywhere(cls, text: str) -> Remedy:
        """Return the same remedy for all systems."""
        return cls(text, text, text)

    def starting_with(self, family: Family) -> tuple[tuple[Family, str], ...]:
        """Return the remedies of all systems, the given one's first."""
        texts = {Family.DEBIAN: self.debian, Family.MACOS: self.macos, Family.WINDOWS: self.windows}
        rest = [(other, text) for other, text in texts.items() if other is not family]
        return ((family, texts[family]), *rest)


@dataclass(frozen=True)
class Finding:
    """What one check says.

    Attributes:
        name: The check's name, kebab-case: `docker-engine`.
        status: How it ended.
        found: What is there or what is missing, one sentence.
        need: What is lost while the status is MISSING.
        remedy: How to mend it; None when there is nothing to mend.
    """

    name: str
    status: Status
    found: str
    need: Need = Need.EVERYTHING
    remedy: Remedy | None = None


@dataclass(frozen=True)
class Report:
    """The doctor's report.

    Attributes:
        system: The machine in words: "Debian 12 (root)".
        family: Whose remedies come first.
        findings: One for each check, in the order of the registry.
        facilities: What the lab would use for each facility.
        wanted: The best tier that the settings allow; None allows every tier.
    """

    system: str
    family: Family
    findings: tuple[Finding, ...]
    facilities: tuple[FacilityReport, ...]
    wanted: Tier | None = None

    @property
    def tier(self) -> Tier | None:
        """The best tier on which the workshop can be played; None when on none."""
        for tier in (Tier.LIVE, Tier.EMBEDDED):
            if self.wanted in (None, Tier.LIVE, tier) and self._can_play(tier):
                return tier
        return None

    @property
    def exit_code(self) -> int:
        """0 when the workshop can be played on some tier, otherwise 1."""
        return 0 if self.tier is not None else 1

    @property
    def verdict(self) -> str:
        """One sentence: on which tier the workshop can be played, or what stands in the way."""
        if self.wanted is Tier.SIMULATED:
            return "The workshop cannot be played on SIMULATED alone. Unset OPCHAOS_TIER."
        if self.tier is None:
            blocking = self.blocking(Tier.EMBEDDED) or self.blocking(Tier.LIVE)
            return f"The workshop cannot be played yet. In the way: {', '.join(blocking)}."
        if self.tier is Tier.LIVE:
            return "The workshop can be played on the LIVE tier: with the real tools."
        embedded = (
            "The workshop can be played on the EMBEDDED tier: real Postgres and Redis without containers, "
            "phases 0 and 1."
        )
        if self.wanted is Tier.EMBEDDED:
            return f"{embedded} For LIVE, unset OPCHAOS_TIER."
        return f"{embedded} For LIVE, mend: {', '.join(self.blocking(Tier.LIVE))}."

    def blocking(self, tier: Tier) -> tuple[str, ...]:
        """Return the names of the checks and facilities that keep the workshop off a tier."""
        names = [
            finding.name
            for finding in self.findings
            if finding.status is Status.MISSING and finding.need.value in (Need.EVERYTHING.value, tier.value)
        ]
        for name in _CORE_FACILITIES:
            best = next((report.tier for report in self.facilities if report.facility == name), None)
            lacks_live = tier is Tier.LIVE and best is not Tier.LIVE
            lacks_any = (
                tier is Tier.EMBEDDED and name == "services" and best not in (Tier.LIVE, Tier.EMBEDDED)
            )
            if lacks_live or lacks_any:
                names.append(name)
        return tuple(dict.fromkeys(names))

    def _can_play(self, tier: Tier) -> bool:
        return not self.blocking(tier)

    def to_json(self) -> str:
        """Return the report for machines: a JSON object, remedies of all three systems included."""
        return json.dumps(
            {
                "is_playable": self.tier is not None,
                "tier": None if self.tier is None else self.tier.value,
                "verdict": self.verdict,
                "system": self.system,
                "findings": [_finding(item) for item in self.findings],
                "facilities": [_facility(item) for item in self.facilities],
            },
            indent=2,
            ensure_ascii=False,
        )


def _finding(finding: Finding) -> dict[str, object]:
    remedy = finding.remedy
    return {
        "name": finding.name,
        "status": finding.status.value,
        "found": finding.found,
        "need": finding.need.value,
        "remedy": None
        if remedy is None
        else {"debian": remedy.debian, "macos": remedy.macos, "windows": remedy.windows},
    }


def _facility(report: FacilityReport) -> dict[str, object]:
    return {
        "facility": report.facility,
        "provider": report.provider,
        "tier": None if report.tier is None else report.tier.value,
        "reason": report.reason,
        "remedy": report.remedy,
    }
