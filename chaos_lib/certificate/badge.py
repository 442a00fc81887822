"""The certificate as an Open Badges 3.0 credential, for wallets and learning platforms (extra `badges`).

It is a verifiable credential as a JWT, signed with the key that signed the certificate. Its issuer is that key itself
(`did:key`), so it can be verified without asking anybody for the key.
"""

from __future__ import annotations

import uuid
from pathlib import Path

from chaos_lib import durable
from chaos_lib.certificate.keys import Signer, public_pem
from chaos_lib.certificate.office import Office
from chaos_lib.certificate.record import Attestation, Kind
from chaos_lib.certificate.signing import Certificate
from chaos_lib.errors import InvalidInput, ToolMissing
from chaos_lib.settings import Settings

# Any fixed value will do: the same certificate gets the same identifiers everywhere.
_NAMESPACE = uuid.UUID("6f1c2a52-6d0e-5b7e-9a43-0c8a0f1d7b11")


def credential(certificate: Certificate, signer: Signer) -> str:
    """Return the credential as a compact JWT.

    Raises:
        ToolMissing: The extra `badges` is not installed.
    """
    try:
        from openbadgeslib.ob3 import Achievement, Issuer, OB3Signer, OpenBadgeCredential
        from openbadgeslib.ob3.credential import Evidence, IdentityObject, Result, ResultDescription
        from openbadgeslib.ob3.did import did_key_from_pem
    except ModuleNotFoundError as exc:
        raise ToolMissing(
            "The package for Open Badges is not installed.",
            evidence=str(exc),
            fix="`pip install 'operation-chaos[badges]'`. The certificate itself does not need it.",
        ) from exc
    assert signer.public == certificate.public, "a badge is signed with the key that signed the certificate"
    record = certificate.record
    is_complete = record.kind is Kind.COMPLETION
    points = _urn(f"points:{record.possible}")
    tier = _urn("tier")
    achievement = Achievement(
        id=_urn(f"achievement:{record.kind.value}"),
        name="Certified Chaos Slayer" if is_complete else "Operation Chaos, participation",
        description=f"{record.workshop}: a hands-on workshop on reliable CI/CD pipelines.",
        criteria_narrative="All phases finished, with at least 80 % of the points."
        if is_complete
        else "At least one phase of the workshop was played.",
        achievement_type="CertificateOfCompletion" if is_complete else "Badge",
        tags=["CI/CD", "chaos engineering", "Testcontainers", "Docker", "Jenkins", "Kubernetes"],
        result_descriptions=[
            ResultDescription(
                id=points, name="Points", result_type="RawScore", value_max=str(record.possible)
            ),
            ResultDescription(id=tier, name="Tier", result_type="ext:Tier"),
        ],
    )
    made = OpenBadgeCredential(
        issuer=Issuer(
            id=did_key_from_pem(public_pem(signer.public)),
            name=record.attested_by or f"Operation Chaos ({record.attestation.words})",
        ),
        recipient_id=_urn(f"recipient:{certificate.id}"),
        achievement=achievement,
        id=_urn(certificate.id),
        name=f"{achievement.name}: {record.name}",
        issuance_date=record.date,
        evidence=[
            Evidence(
                name="Mission log",
                narrative=f"Completion ID {certificate.id}; SHA-256 of the mission log's events: {record.evidence}",
            )
        ],
        identifiers=[
            IdentityObject(identity_hash=record.name, identity_type="name", hashed=False),
        ],
        results=[
            Result(result_description=points, value=str(record.score)),
            Result(result_description=tier, value=record.tier.value),
        ],
    )
    token: str = OB3Signer(signer.private, algorithm="EdDSA").sign(made)
    return token


def write(settings: Settings, certificate: Certificate) -> Path:
    """Write the credential beside the certificate that was issued here; returns the file.

    Raises:
        ToolMissing: The extra `badges` is not installed.
        InvalidInput: The key that signed the certificate is not here.
    """
    office = Office(settings)
    is_instructor = certificate.record.attestation is Attestation.INSTRUCTOR
    signer = office.keys.instructor() if is_instructor else office.keys.participant()
    if signer is None or signer.public != certificate.public:
        raise InvalidInput(
            "The key that signed this certificate is not here.",
            evidence=certificate.fingerprint,
            fix="Issue the certificate anew, with the keys of this mission folder.",
        )
    token = credential(certificate, signer)
    path = office.store.paths(certificate.id).pdf.with_suffix(".badge.jwt")
    durable.write_bytes(path, token.encode("ascii"), mode=0o644, draft_folder=path.parent)
    return path


def _urn(text: str) -> str:
    return f"urn:uuid:{uuid.uuid5(_NAMESPACE, text)}"
