"""Texts and addresses to show a certificate to others; nothing is sent, the participant decides."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from chaos_lib.certificate.record import Kind
from chaos_lib.certificate.signing import Certificate

_TAGS = "#OperationChaos #DevOps #ChaosEngineering"


@dataclass(frozen=True)
class Shares:
    """What can be shared.

    Attributes:
        linkedin_url: Opens LinkedIn's form "add to profile", filled in.
        mastodon_text: A post of at most 500 characters.
        x_text: A post of at most 280 characters.
        x_url: Opens X with this post, to be sent or not.
    """

    linkedin_url: str
    mastodon_text: str
    x_text: str
    x_url: str


def shares(certificate: Certificate, *, service: str = "") -> Shares:
    """Return texts and addresses for a certificate.

    Args:
        certificate: The certificate. Its holder's name is in none of them.
        service: Address of the certificate service that knows it; without one no link to a proof is given.
    """
    record = certificate.record
    link = f"{service.rstrip('/')}/verify/{certificate.id}" if service else ""
    is_complete = record.kind is Kind.COMPLETION
    title = "Certified Chaos Slayer" if is_complete else "Operation Chaos, participation"
    form = {
        "startTask": "CERTIFICATION_NAME",
        "name": title,
        "organizationName": "Operation Chaos",
        "issueYear": str(record.date.year),
        "issueMonth": str(record.date.month),
        "certId": certificate.id,
        **({"certUrl": link} if link else {}),
    }
    did = "I'm a Certified Chaos Slayer! ⚡" if is_complete else "I faced the Chaos Agent. ⚡"
    reached = f"{record.score} of {record.possible} points"
    proof = f"\n{link}" if link else ""
    x_text = f"{did} Operation Chaos: I broke a CI/CD pipeline and mended it, {reached}. {_TAGS}{proof}"
    return Shares(
        linkedin_url=f"https://www.linkedin.com/profile/add?{urlencode(form)}",
        mastodon_text=(
            f"{did}\n\nIn “{record.workshop}” I set up a pipeline with Python, Testcontainers, Docker, Jenkins and "
            f"Kubernetes, watched it being sabotaged, and mended it: {reached} ({record.tier.value}).\n\n"
            f"{_TAGS} #Kubernetes #Testcontainers{proof}"
        ),
        x_text=x_text,
        x_url=f"https://x.com/intent/post?text={quote(x_text, safe='')}",
    )
