"""Shows a certificate in a notebook: the page itself, a link to the PDF, and how to show it to others."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping
from typing import Any

from chaos_lib.certificate.office import Issued
from chaos_lib.ui.card import Card, Part, PartKind, Tone


def issued_card(issued: Issued) -> Card:
    """Return what is said about a certificate that was issued."""
    certificate, record = issued.certificate, issued.certificate.record
    parts = [
        Part(f"{record.score} of {record.possible} points", "Score"),
        Part(", ".join(phase.title for phase in record.phases) or "none yet", "Finished phases"),
        Part(certificate.id, "Completion ID"),
        Part(str(issued.files.pdf), "The PDF"),
        Part(f"opchaos certificate verify {certificate.id}", "Verify it", PartKind.COMMAND),
    ]
    if issued.missing:
        parts.append(
            Part(
                f"No font on this machine can draw {' '.join(issued.missing)}: a box stands there. What is signed is right. "
                "Install a font that has it (Debian, Ubuntu: `fonts-noto-core`, `fonts-noto-cjk`), then issue it again.",
                "A letter is missing",
            )
        )
    badges = (record.attestation.words, record.tier.value, record.day)
    return Card(
        Tone.GOOD, "✓", f"CERTIFICATE OF {record.kind.value.upper()}", record.name, badges, tuple(parts)
    )


class CertificateView:
    """A certificate on the page of a notebook.

    Attributes:
        issued: The certificate, its files and its share texts.
    """

    def __init__(self, issued: Issued) -> None:
        self.issued = issued

    @property
    def html(self) -> str:
        """The page as a picture, the card below it, the download, the share texts."""
        return f'<div style="max-width:920px">{self.issued.svg}</div>{issued_card(self.issued).html}{self._links()}'

    @property
    def text(self) -> str:
        """The same facts as plain text."""
        shares = self.issued.shares
        return "\n".join(
            [
                issued_card(self.issued).text,
                f"Add to your LinkedIn profile: {shares.linkedin_url}",
                f"For Mastodon: {shares.mastodon_text}",
                f"For X: {shares.x_text}",
            ]
        )

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: Any) -> Mapping[str, str]:
        return {"text/html": self.html, "text/plain": self.text}

    def _links(self) -> str:
        """Return links that work on every page, also in an exported notebook: the PDF is in the link itself."""
        shares = self.issued.shares
        content = base64.b64encode(self.issued.files.pdf.read_bytes()).decode("ascii")
        name = html.escape(f"{self.issued.certificate.id}.pdf")
        posts = "".join(
            f'<details><summary>{label}</summary><pre class="oc-pre" tabindex="0">{html.escape(text)}</pre></details>'
            for label, text in (
                ("A post for Mastodon", shares.mastodon_text),
                ("A post for X", shares.x_text),
            )
        )
        outside = 'target="_blank" rel="noopener noreferrer"'
        return (
            '<div class="oc oc-card oc-info"><p class="oc-p">'
            f'<a download="{name}" href="data:application/pdf;base64,{content}"><b>Download the PDF</b></a> · '
            f'<a {outside} href="{html.escape(shares.linkedin_url)}">Add to your LinkedIn profile</a> · '
            f'<a {outside} href="{html.escape(shares.x_url)}">Post on X</a></p>{posts}</div>'
        )
