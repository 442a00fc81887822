"""Issues certificates: works out the result from the mission log, signs it, draws it, seals it, keeps it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from chaos_lib.certificate import names
from chaos_lib.certificate.evidence import Evidence, Result
from chaos_lib.certificate.keys import Signer
from chaos_lib.certificate.record import WORKSHOP, Attestation, Record
from chaos_lib.certificate.signing import Certificate, sign
from chaos_lib.errors import CertificateRefused


def new_nonce() -> str:
    """Return sixteen random hexadecimal characters."""
    return secrets.token_hex(8)


@dataclass(frozen=True)
class Issuer:
    """Who issues.

    Attributes:
        signer: The key.
        attestation: Who vouches.
        name: The instructor's name; empty when self-attested.
        nonce: Makes each certificate another one.
    """

    signer: Signer
    attestation: Attestation
    name: str = ""
    nonce: Callable[[], str] = new_nonce

    def issue(self, name: str, evidence: Evidence, reached: Result, *, at: float) -> Certificate:
        """Sign a certificate.

        Args:
            name: The participant's; see `names.clean`.
            evidence: The mission log's events.
            reached: What follows from them.
            at: Seconds since the epoch.

        Raises:
            InvalidInput: The name cannot be right.
            CertificateRefused: No phase is finished and no check passed.
        """
        if not reached.phases and not reached.score:
            raise CertificateRefused(
                "There is nothing yet that a certificate could say.",
                evidence="the mission log has no finished phase and no passed check",
                fix="Play a phase to its end (`opchaos lab`), then ask again.",
            )
        record = Record(
            workshop=WORKSHOP,
            name=names.clean(name),
            kind=reached.kind,
            issued_at=int(at),
            score=reached.score,
            possible=reached.possible,
            tier=reached.tier,
            attestation=self.attestation,
            attested_by=self.name,
            evidence=evidence.digest,
            nonce=self.nonce(),
            phases=reached.phases,
        )
        return sign(record, self.signer)
