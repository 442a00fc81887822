"""What the service takes and gives, as its OpenAPI describes it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from chaos_lib.certificate.names import LONGEST
from chaos_lib.certificate.signing import Certificate

_BASE64 = r"^[A-Za-z0-9+/]+={0,2}$"
# Lone surrogates are no text; JSON can spell them.
_ID = r"^OC(-[0-9A-HJKMNP-TV-Z]{5}){4}$"

CertificateId = Annotated[
    str, Field(pattern=_ID, min_length=26, max_length=26, examples=["OC-7Q2ZK-40T3M-9XA1B-C5D6E"])
]


class SubmissionIn(BaseModel):
    """A mission log, signed by its participant."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: str = Field(min_length=1, max_length=LONGEST, description="The participant's name, in any script.")
    evidence: str = Field(
        max_length=1_500_000,
        description="The events of the mission log, one JSON list a line: time, phase, kind, name, data.",
    )
    public_key: str = Field(
        pattern=_BASE64, max_length=44, description="The participant's Ed25519 public key, base64."
    )
    signature: str = Field(
        pattern=_BASE64, max_length=88, description="Over purpose, name and evidence, base64."
    )


class PhaseOut(BaseModel):
    """A finished phase."""

    name: str
    title: str
    points: int
    possible: int
    tier: str


class CertificateOut(BaseModel):
    """A certificate."""

    id: CertificateId
    name: str
    workshop: str
    kind: str = Field(description="completion or participation")
    issued_at: str
    score: int
    possible: int
    tier: str = Field(description="LIVE, EMBEDDED or SIMULATED")
    attestation: str = Field(description="self or instructor")
    attested_by: str
    evidence: str = Field(description="SHA-256 of the mission log's events")
    phases: list[PhaseOut]
    key: str = Field(description="Fingerprint of the key that signed it")
    token: str = Field(description="The whole certificate, signed, as one text")

    @classmethod
    def of(cls, certificate: Certificate) -> CertificateOut:
        """Return a certificate as the service gives it."""
        fields: dict[str, Any] = certificate.record.to_mapping()
        return cls(id=certificate.id, key=certificate.fingerprint, token=certificate.token, **fields)


class VerificationOut(BaseModel):
    """What came out of verifying."""

    is_valid: bool
    reason: str = Field(description="What it means, or why not")
    certificate: CertificateOut | None = None


class ProgressOut(BaseModel):
    """How far a participant is."""

    participant: str = Field(description="Fingerprint of the participant's key")
    name: str
    events: int
    score: int
    possible: int
    tier: str
    phases: list[str]
    updated_at: float


class KeyOut(BaseModel):
    """The key that the service signs with."""

    fingerprint: str
    attestation: str
    pem: str


class HealthOut(BaseModel):
    """Whether the service works."""

    status: str


class Problem(BaseModel):
    """Why a request was refused: what happened, what was found, how to fix it."""

    what: str
    evidence: str = ""
    fix: str = ""
