from __future__ import annotations

import base64
import json
import sys

import pytest

from chaos_lib.certificate import Office, badge
from chaos_lib.certificate.keys import public_pem
from chaos_lib.certificate.record import Kind
from chaos_lib.certificate.signing import sign
from chaos_lib.errors import InvalidInput, ToolMissing
from chaos_lib.settings import Settings

from .conftest import NOW, record, signer


def test_the_badge_is_an_open_badges_3_credential_that_verifies() -> None:
    from openbadgeslib.ob3 import OB3Verifier
    from openbadgeslib.ob3.did import did_key_from_pem

    certificate = sign(record(), signer())
    token = badge.credential(certificate, signer())
    did = did_key_from_pem(public_pem(signer().public))
    found = OB3Verifier.for_issuer_did(did).verify(token)

    assert found.issuer.id == did
    assert found.achievement.name == "Certified Chaos Slayer"
    assert found.name == "Certified Chaos Slayer: Ada Lovelace"
    assert [result.value for result in found.results] == ["285", "LIVE"]
    assert certificate.id in str(found.evidence[0].narrative)
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    assert "OpenBadgeCredential" in json.dumps(claims)


def test_a_changed_badge_does_not_verify() -> None:
    from openbadgeslib.ob3 import OB3VerificationError, OB3Verifier

    head, body, signature = badge.credential(sign(record(kind=Kind.PARTICIPATION), signer()), signer()).split(
        "."
    )
    changed = (
        base64.urlsafe_b64encode(base64.urlsafe_b64decode(body + "==").replace(b"285", b"299"))
        .decode()
        .rstrip("=")
    )

    with pytest.raises(OB3VerificationError):
        OB3Verifier(public_pem(signer().public)).verify(f"{head}.{changed}.{signature}")


def test_it_is_written_beside_the_certificate(mission: Settings) -> None:
    issued = Office(mission, now=lambda: NOW).issue("Ada")
    path = badge.write(mission, issued.certificate)

    assert path.name == f"{issued.certificate.id}.badge.jwt"
    assert path.parent == issued.files.pdf.parent
    assert path.read_text().count(".") == 2


def test_without_the_key_that_signed_there_is_no_badge(mission: Settings) -> None:
    with pytest.raises(InvalidInput, match="key that signed this certificate is not here"):
        badge.write(mission, sign(record(), signer(seed=9)))


def test_without_the_extra_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openbadgeslib.ob3", None)
    with pytest.raises(ToolMissing, match="Open Badges is not installed") as refused:
        badge.credential(sign(record(), signer()), signer())

    assert "operation-chaos[badges]" in refused.value.fix
