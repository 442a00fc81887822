"""Missions that have something to certify, keys that are the same in every run, and records to sign."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chaos_lib.certificate.keys import Signer
from chaos_lib.certificate.record import WORKSHOP, Attestation, Kind, PhaseResult, Record
from chaos_lib.mission_log import MissionLog
from chaos_lib.settings import Settings, Tier

NOW = 1_790_000_000.0


def signer(seed: int = 1) -> Signer:
    """A key that is the same in every run."""
    return Signer.of(Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


def record(name: str = "Ada Lovelace", **changes: object) -> Record:
    """A record of a finished workshop."""
    titles = (
        "Mission briefing",
        "Test Mayhem",
        "Image Inferno",
        "Pipeline Panic",
        "Cluster Clash",
        "Final Victory",
    )
    phases = tuple(
        PhaseResult(f"phase-{number}", title, 50 - number, 50, Tier.LIVE)
        for number, title in enumerate(titles)
    )
    fields: dict[str, object] = {
        "workshop": WORKSHOP,
        "name": name,
        "kind": Kind.COMPLETION,
        "issued_at": int(NOW),
        "score": sum(phase.points for phase in phases),
        "possible": 300,
        "tier": Tier.LIVE,
        "attestation": Attestation.SELF,
        "attested_by": "",
        "evidence": "0f" * 32,
        "nonce": "0123456789abcdef",
        "phases": phases,
    }
    return Record(**{**fields, **changes})  # type: ignore[arg-type]


def play(settings: Settings, *, tier: Tier = Tier.EMBEDDED) -> MissionLog:
    """Write the log of a mission whose briefing was finished with all points."""
    log = MissionLog(settings.state / "mission.sqlite", now=lambda: NOW - 600)
    log.add("phase-0-setup", "phase_started", "phase-0-setup")
    log.add("phase-0-setup", "tier", "services", tier=tier.value, provider="embedded")
    from chaos_lib.checks.catalogue import CHECKS

    for check in CHECKS.values():
        if check.phase == "phase-0-setup":
            log.add("phase-0-setup", "check_passed", check.name, points=check.points)
    log.add("phase-0-setup", "phase_finished", "phase-0-setup")
    return log


@pytest.fixture
def mission(tmp_path: Path) -> Settings:
    """A mission folder in which the briefing was played."""
    settings = Settings(home=tmp_path / "mission")
    play(settings)
    return settings
