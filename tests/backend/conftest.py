"""A certificate service in this process, and participants who have something to send."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from chaos_lib.backend.app import create_app
from chaos_lib.backend.settings import BackendSettings
from chaos_lib.certificate.evidence import Evidence
from chaos_lib.certificate.keys import KeyStore, make_private_pem
from chaos_lib.certificate.submission import Purpose, Submission
from chaos_lib.checks.catalogue import CHECKS
from chaos_lib.mission_log import Event
from tests.certificate.conftest import signer

with warnings.catch_warnings():
    # It prefers httpx2, which nothing else here needs.
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

CODE = {"x-class-code": "blue-whale"}
INSTRUCTOR = {"x-instructor-code": "lighthouse"}


def events(phase: str = "phase-0-setup", tier: str = "LIVE") -> list[Event]:
    """The events of a phase that was finished with all points."""
    checks = [check for check in CHECKS.values() if check.phase == phase]
    return [
        Event(1.0, phase, "tier", "services", {"tier": tier}),
        *(Event(2.0, phase, "check_passed", check.name, {"points": check.points}) for check in checks),
        Event(3.0, phase, "phase_finished", phase),
    ]


def submission(
    purpose: Purpose = "certificate", name: str = "Ada 山田", seed: int = 5, log: list[Event] | None = None
) -> dict[str, Any]:
    """A signed mission log, as JSON."""
    evidence = Evidence.of(events() if log is None else log)
    return asdict(Submission.make(purpose, name, evidence, signer(seed)))


@pytest.fixture
def settings(tmp_path: Path) -> BackendSettings:
    """A service with a class code and an instructor's key."""
    KeyStore(tmp_path / "service" / "keys").import_instructor(make_private_pem())
    return BackendSettings(
        folder=tmp_path / "service",
        class_code=SecretStr(CODE["x-class-code"]),
        instructor_code=SecretStr(INSTRUCTOR["x-instructor-code"]),
        attested_by="Grace Hopper",
        public_url="https://certs.example.org",
        cors_origins=("https://class.example.org",),
        write_limit="1000/minute",
        read_limit="1000/minute",
        largest_body_bytes=300_000,
    )


@pytest.fixture
def client(settings: BackendSettings) -> Iterator[TestClient]:
    """Requests to the service."""
    with TestClient(create_app(settings)) as made:
        yield made


@pytest.fixture
def serve(tmp_path: Path) -> Callable[..., TestClient]:
    """Make a service with other settings."""

    def make(**changes: object) -> TestClient:
        return TestClient(create_app(BackendSettings(**{"folder": tmp_path / "other", **changes})))  # type: ignore[arg-type]

    return make
