"""How many certificates one core issues in a second: signed alone, and with their sealed PDF."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.report import Figure, at_least, informs, publish
from chaos_lib.certificate import layout, pdf, seal, verifying
from chaos_lib.certificate.evidence import Evidence, result, worth_of_checks
from chaos_lib.certificate.issuing import Issuer
from chaos_lib.certificate.keys import KeyStore, Signer
from chaos_lib.certificate.record import Attestation
from chaos_lib.certificate.signing import Certificate
from chaos_lib.mission_log import Event
from chaos_lib.phases import PHASES

_NAMES = ("Ada Lovelace", "Γεώργιος Παπαδόπουλος", "Владимир Ковальчук", "Nguyễn Thị Phương", "山田 太郎")
_EVENTS = 300
_ROUNDS = 8


def measure() -> list[Figure]:
    """Issue for a mission log of 300 events, with names in five scripts; time is that of one core."""
    with tempfile.TemporaryDirectory(prefix="opchaos-bench-") as folder:
        signer = KeyStore(Path(folder)).participant()
    evidence, worth = Evidence.of(_log()), worth_of_checks()
    issuer = Issuer(signer, Attestation.SELF)

    def issue(number: int) -> Certificate:
        reached = result(evidence.events(), worth=worth)
        return issuer.issue(_NAMES[number % len(_NAMES)], evidence, reached, at=1_790_000_000.0 + number)

    def with_pdf(number: int) -> bytes:
        return _pdf(issue(number), signer)

    for number in range(len(_NAMES)):
        with_pdf(number)  # fonts are read once in a process
    sealed = with_pdf(0)
    return [
        at_least("certificates issued, without PDF", _rate(issue, 100), 100.0, "1/s"),
        at_least("certificates issued, with sealed PDF", _rate(with_pdf, 15), 20.0, "1/s"),
        informs("PDFs verified", _rate(lambda _: verifying.verify(sealed, {}), 100), "1/s"),
        informs("size of a PDF", len(sealed) / 1000, "kB"),
    ]


def _pdf(certificate: Certificate, signer: Signer) -> bytes:
    return seal.seal(pdf.write(layout.lay_out(certificate), certificate), certificate, signer)


def _rate(action: Callable[[int], object], times: int) -> float:
    """Return how often a second one core does it, in the best of some rounds: other work on the machine only slows."""
    best = 0.0
    for _ in range(_ROUNDS):
        start = time.process_time()
        for number in range(times):
            action(number)
        best = max(best, times / (time.process_time() - start))
    return best


def _log() -> list[Event]:
    events = [
        Event(float(n), PHASES[0].name, "attempt", "env_var_missing", {"reason": "OK"})
        for n in range(_EVENTS)
    ]
    events += [Event(1.0, name, "check_passed", check) for check, (name, _) in worth_of_checks().items()]
    events += [Event(2.0, phase.name, "phase_finished", phase.name) for phase in PHASES]
    return events


if __name__ == "__main__":
    publish("Certificates", measure())
