"""The certificate office of one mission: its log, its keys, and the certificates issued from them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chaos_lib.certificate import layout, names, pdf, seal, sharing, signing, svg, verifying
from chaos_lib.certificate.drawing import Page
from chaos_lib.certificate.evidence import Evidence, result, worth_of_checks
from chaos_lib.certificate.faces import display_faces
from chaos_lib.certificate.issuing import Issuer
from chaos_lib.certificate.keys import KeyStore, Signer
from chaos_lib.certificate.layout import Paper
from chaos_lib.certificate.record import Attestation
from chaos_lib.certificate.signing import Certificate
from chaos_lib.certificate.store import Kept, Store
from chaos_lib.certificate.submission import Submission
from chaos_lib.certificate.typesetting import missing
from chaos_lib.certificate.verifying import Verified
from chaos_lib.errors import InvalidInput
from chaos_lib.mission_log import MissionLog
from chaos_lib.settings import Settings

if TYPE_CHECKING:
    # HTTP is needed with a certificate service only.
    from chaos_lib.certificate.client import Client


@dataclass(frozen=True)
class Issued:
    """A certificate that was issued here.

    Attributes:
        certificate: What it says, signed.
        files: PDF, JSON and evidence.
        svg: The same page for a notebook or a web page.
        shares: Texts and addresses to show it to others.
        missing: Characters of the name that no font on this machine can draw; they stand there as boxes.
    """

    certificate: Certificate
    files: Kept
    svg: str
    shares: sharing.Shares
    missing: str


class Office:
    """Issues and verifies certificates for one mission folder.

    Args:
        settings: Where the mission is.
        now: Seconds since the epoch.
    """

    def __init__(self, settings: Settings, *, now: Callable[[], float] = time.time) -> None:
        self.keys = KeyStore(settings.home / "keys")
        self.store = Store(settings.home / "certificates")
        self._log = MissionLog(settings.state / "mission.sqlite")
        self._now = now

    def issue(
        self,
        name: str,
        *,
        attestation: Attestation = Attestation.SELF,
        attested_by: str = "",
        paper: Paper = Paper.A4,
    ) -> Issued:
        """Issue a certificate for what the mission log shows.

        Asked again while nothing has happened since, it gives the same certificate.

        Args:
            name: The participant's, in any script.
            attestation: Who vouches; an instructor needs an imported key.
            attested_by: The instructor's name.
            paper: Size of the page.

        Raises:
            InvalidInput: The name cannot be right, or there is no instructor key.
            CertificateRefused: No phase is finished and no check passed.
        """
        signer = self._signer(attestation)
        evidence = Evidence.of(self._log.events())
        by = names.clean(attested_by) if attested_by else ""
        certificate = self._known(names.clean(name), by, attestation, signer, evidence)
        if certificate is None:
            reached = result(evidence.events(), worth=worth_of_checks())
            certificate = Issuer(signer, attestation, by).issue(name, evidence, reached, at=self._now())
        page = layout.lay_out(certificate, paper=paper)
        sealed = seal.seal(pdf.write(page, certificate), certificate, signer)
        files = self.store.keep(certificate, sealed, evidence.text)
        return _issued(certificate, files, page)

    def request(self, name: str, client: Client, *, paper: Paper = Paper.A4) -> Issued:
        """Ask a certificate service for a certificate for what the mission log shows, and keep it here.

        The service's key is believed from now on: its address came from the instructor.

        Args:
            name: The participant's, in any script.
            client: Talks to the service.
            paper: Size of the page.

        Raises:
            InvalidInput: The name cannot be right, or the service does not answer or refuses.
            CertificateInvalid: What it gave does not verify.
        """
        evidence = Evidence.of(self._log.events())
        submission = Submission.make("certificate", name, evidence, self.keys.participant())
        given = client.issue(submission, paper=paper.value)
        record = given.certificate.record
        self.keys.trust(given.key, record.attested_by or "the certificate service")
        files = self.store.keep(given.certificate, given.pdf, evidence.text)
        page = layout.lay_out(given.certificate, paper=paper, service=client.url)
        return _issued(given.certificate, files, page, service=client.url)

    def sync(self, name: str, client: Client) -> int:
        """Send how far this mission is to a certificate service; returns the points that it counts.

        Raises:
            InvalidInput: The name cannot be right, or the service does not answer or refuses.
        """
        evidence = Evidence.of(self._log.events())
        return client.sync(Submission.make("progress", name, evidence, self.keys.participant()))

    def verify(self, what: str, extra: Mapping[bytes, str] | None = None) -> Verified:
        """Verify a file, a completion ID or the text of a QR code.

        Args:
            what: Path of a PDF or JSON file; or an ID, which is looked up among the certificates issued here; or the
                signed text that a QR code carries.
            extra: More public keys that are believed, each with whose it is.

        Raises:
            InvalidInput: There is no such file, or no certificate with that ID was issued here.
            CertificateInvalid: It does not verify.
        """
        known = {**self.keys.trusted(), **self.keys.own(), **(extra or {})}
        if signing.PREFIX in what:
            return verifying.verify(what.encode("utf-8"), known)
        path = Path(what).expanduser()
        if signing.ID_PATTERN.fullmatch(what) and not path.exists():
            return verifying.judge(self.store.find(what), "ID", known)
        if not path.is_file():
            raise InvalidInput(
                "There is nothing to verify by that name.",
                evidence=f"`{what[:80]}` is neither a file nor a completion ID",
                fix="Give the certificate's PDF, its ID such as OC-7Q2ZK-40T3M-9XA1B-C5D6E, or the text of its QR code.",
            )
        if path.stat().st_size > verifying.LARGEST_BYTES:
            raise InvalidInput(
                "This file is too large for a certificate.",
                evidence=f"{path}: {path.stat().st_size} bytes",
                fix="Give the PDF as it was issued; it has about 0.1 MB.",
            )
        return verifying.verify(path.read_bytes(), known)

    def _signer(self, attestation: Attestation) -> Signer:
        if attestation is Attestation.SELF:
            return self.keys.participant()
        signer = self.keys.instructor()
        if signer is None:
            raise InvalidInput(
                "There is no instructor key here.",
                evidence=str(self.keys.path(attestation)),
                fix="An instructor makes one with `opchaos certificate key make FILE` and imports it with "
                "`opchaos certificate key import FILE`. Without one, certificates are self-attested.",
            )
        return signer

    def _known(
        self, name: str, by: str, attestation: Attestation, signer: Signer, evidence: Evidence
    ) -> Certificate | None:
        wanted = (name, by, attestation, evidence.digest, signer.public)
        for each in reversed(self.store.all()):
            record = each.record
            if wanted == (record.name, record.attested_by, record.attestation, record.evidence, each.public):
                return each
        return None


def _issued(certificate: Certificate, files: Kept, page: Page, *, service: str = "") -> Issued:
    name = certificate.record.name
    return Issued(
        certificate,
        files,
        svg.write(page, title=f"Certificate of {name}"),
        sharing.shares(certificate, service=service),
        missing(name, display_faces()),
    )
