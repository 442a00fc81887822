"""What the service does, without HTTP: issue, find, draw, verify, collect progress."""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from threading import Lock

from chaos_lib.backend.database import Database, ProgressRow
from chaos_lib.backend.settings import BackendSettings
from chaos_lib.certificate import layout, names, pdf, seal, verifying
from chaos_lib.certificate.evidence import Evidence, Result, result, worth_of_checks
from chaos_lib.certificate.issuing import Issuer
from chaos_lib.certificate.keys import KeyStore, Signer, fingerprint
from chaos_lib.certificate.layout import Paper
from chaos_lib.certificate.record import Attestation
from chaos_lib.certificate.signing import Certificate, parse
from chaos_lib.certificate.submission import Purpose, Submission
from chaos_lib.certificate.verifying import Verified
from chaos_lib.errors import CertificateInvalid, InvalidInput

_KEPT_PDFS = 64


class NotGenuine(InvalidInput):
    """A submission that its key did not sign."""


class Service:
    """The certificate service.

    Args:
        settings: Its settings.
        database: Where it keeps things.
        now: Seconds since the epoch.
    """

    def __init__(
        self, settings: BackendSettings, database: Database, *, now: Callable[[], float] = time.time
    ) -> None:
        self.settings = settings
        self.database = database
        self.keys = KeyStore(settings.folder / "keys")
        instructor = self.keys.instructor()
        # Only a class code says who belongs to the class; without one nobody vouches for anybody.
        is_class = instructor is not None and bool(settings.class_code.get_secret_value())
        self.signer: Signer = instructor if instructor is not None and is_class else self.keys.participant()
        self.attestation = Attestation.INSTRUCTOR if is_class else Attestation.SELF
        by = names.clean(settings.attested_by) if is_class and settings.attested_by else ""
        self._issuer = Issuer(self.signer, self.attestation, by)
        self._worth = worth_of_checks()
        self._now = now
        self._pdfs: OrderedDict[tuple[str, Paper], bytes] = OrderedDict()
        self._lock = Lock()

    @property
    def known_keys(self) -> Mapping[bytes, str]:
        """Public keys that are believed, each with whose it is."""
        return {**self.keys.trusted(), **dict.fromkeys(self.keys.own(), "this service")}

    def issue(self, submission: Submission) -> tuple[Certificate, bool]:
        """Issue a certificate for a signed mission log; the same one when it was asked for before.

        Returns:
            The certificate, and whether it is new.

        Raises:
            NotGenuine: The key did not sign it.
            InvalidInput: Name or events cannot be right.
            CertificateRefused: The events show nothing that a certificate could say.
        """
        evidence, reached = self._judged(submission, "certificate")
        name = names.clean(submission.name)
        asked = "\n".join([name, evidence.digest, fingerprint(submission.public), self.signer.fingerprint])
        request = hashlib.sha256(asked.encode("utf-8")).hexdigest()
        known = self.database.token_of_request(request)
        if known is not None:
            return parse(known), False
        made = self._issuer.issue(name, evidence, reached, at=self._now())
        kept = self.database.add_certificate(made.id, request, made.token, self._now())
        return parse(kept), kept == made.token

    def find(self, certificate_id: str) -> Certificate | None:
        """Return a certificate that was issued here, or None."""
        token = self.database.token(certificate_id)
        return parse(token) if token is not None else None

    def pdf(self, certificate: Certificate, paper: Paper) -> bytes | None:
        """Return the sealed PDF of a certificate issued here; None when the key that signed it is gone."""
        if certificate.public != self.signer.public:
            return None
        with self._lock:
            known = self._pdfs.get((certificate.id, paper))
        if known is not None:
            return known
        page = layout.lay_out(certificate, paper=paper, service=self.settings.public_url)
        made = seal.seal(pdf.write(page, certificate), certificate, self.signer)
        with self._lock:
            self._pdfs[certificate.id, paper] = made
            while len(self._pdfs) > _KEPT_PDFS:
                self._pdfs.popitem(last=False)
        return made

    def verify(self, content: bytes) -> Verified | CertificateInvalid:
        """Verify a PDF, a JSON file or the text of a QR code; an answer either way."""
        try:
            return verifying.verify(content, self.known_keys)
        except CertificateInvalid as exc:
            return exc

    def sync(self, submission: Submission) -> ProgressRow:
        """Note how far a participant is.

        Raises:
            NotGenuine: The key did not sign it.
            InvalidInput: Name or events cannot be right.
        """
        evidence, reached = self._judged(submission, "progress")
        return self.database.save_progress(
            ProgressRow(
                participant=fingerprint(submission.public),
                name=names.clean(submission.name),
                events=len(evidence.text.splitlines()),
                score=reached.score,
                possible=reached.possible,
                tier=reached.tier.value,
                phases=" ".join(phase.name for phase in reached.phases),
                updated_at=self._now(),
            )
        )

    def progress(self, *, limit: int, offset: int) -> Sequence[ProgressRow]:
        """Return how far the class is."""
        return self.database.progress(limit=limit, offset=offset)

    def _judged(self, submission: Submission, purpose: Purpose) -> tuple[Evidence, Result]:
        if not submission.is_genuine(purpose):
            raise NotGenuine(
                "The signature does not fit the mission log.",
                evidence=f"purpose {purpose}",
                fix="Let this kit send it: it signs with the key of the mission folder.",
            )
        evidence = Evidence(submission.evidence)
        return evidence, result(evidence.events(), worth=self._worth)
