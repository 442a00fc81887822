"""10,000 random changes of certificates, of a field or of a byte: none verifies."""

from __future__ import annotations

import random
import zlib
from dataclasses import fields, replace

import pytest

from chaos_lib.certificate import document, layout, pdf, seal, signing
from chaos_lib.certificate.keys import PUBLIC_BYTES, SIGNATURE_BYTES
from chaos_lib.certificate.record import Attestation, Kind, PhaseResult, Record
from chaos_lib.certificate.signing import Certificate, parse, sign
from chaos_lib.certificate.verifying import judge, verify
from chaos_lib.errors import CertificateInvalid
from chaos_lib.settings import Tier

from .conftest import record, signer

CHANGES = {"field": 2500, "token": 2500, "json": 2500, "pdf": 2500}
KNOWN = {signer().public: "the tests"}


@pytest.fixture(scope="module")
def certificate() -> Certificate:
    return sign(record(attestation=Attestation.INSTRUCTOR, attested_by="Grace Hopper"), signer())


@pytest.fixture(scope="module")
def sealed(certificate: Certificate) -> bytes:
    return seal.seal(pdf.write(layout.lay_out(certificate), certificate), certificate, signer())


def verifies(content: bytes) -> bool:
    try:
        verify(content, KNOWN)
    except CertificateInvalid:
        return False
    return True


def changed_byte(content: bytes, chance: random.Random) -> bytes:
    """Replace, remove, insert or double one byte, or swap two neighbours that differ."""
    at = chance.randrange(len(content))
    kind = chance.choice(("replace", "flip", "remove", "insert", "swap"))
    if kind == "replace":
        return content[:at] + bytes([(content[at] + chance.randrange(1, 256)) % 256]) + content[at + 1 :]
    if kind == "flip":
        return content[:at] + bytes([content[at] ^ (1 << chance.randrange(8))]) + content[at + 1 :]
    if kind == "remove":
        return content[:at] + content[at + 1 :]
    if kind == "insert":
        return content[:at] + bytes([chance.randrange(256)]) + content[at:]
    other = next((i for i in range(at + 1, len(content)) if content[i] != content[i - 1]), None)
    if other is None:
        return content + b"\n\n"
    return content[: other - 1] + bytes([content[other], content[other - 1]]) + content[other + 1 :]


def changed_field(original: Record, chance: random.Random) -> Record:
    """Return a record with one field changed, as a forger would."""

    def other(value: object) -> object:
        if isinstance(value, Kind | Tier | Attestation):
            return chance.choice([each for each in type(value) if each is not value])
        if isinstance(value, int):
            return value + chance.choice((-1, 1)) * chance.randrange(1, 1000)
        if isinstance(value, str):
            at = chance.randrange(len(value) + 1)
            return value[:at] + chance.choice("abcXYZ 0123é山") + value[at:]
        assert isinstance(value, tuple)
        at = chance.randrange(len(value))
        if chance.random() < 0.2:
            return value[:at] + value[at + 1 :]
        phase = value[at]
        assert isinstance(phase, PhaseResult)
        name = chance.choice([field.name for field in fields(phase)])
        return (*value[:at], replace(phase, **{name: other(getattr(phase, name))}), *value[at + 1 :])

    name = chance.choice([field.name for field in fields(original)])
    return replace(original, **{name: other(getattr(original, name))})


def test_what_was_issued_verifies(certificate: Certificate, sealed: bytes) -> None:
    assert verify(sealed, KNOWN).certificate == certificate
    assert verify(document.to_json(certificate), KNOWN).source == "JSON"
    assert verify(certificate.token.encode(), KNOWN).source == "QR text"
    assert verify(f"{certificate.token}\n".encode(), KNOWN).certificate.id == certificate.id


def test_no_changed_field_verifies(certificate: Certificate) -> None:
    chance = random.Random(1)
    raw_signature = _raw(certificate)[PUBLIC_BYTES : PUBLIC_BYTES + SIGNATURE_BYTES]
    for _ in range(CHANGES["field"]):
        forged = changed_field(certificate.record, chance)
        assert forged != certificate.record
        token = signing._text(certificate.public + raw_signature + forged.encode())
        assert not verifies(token.encode()), forged
        # The readable part alone is changed, beside the genuine token.
        pretty = document.to_json(replace(certificate, record=forged))
        assert not verifies(pretty), forged


@pytest.mark.parametrize("form", ["token", "json", "pdf"])
def test_no_changed_byte_verifies(form: str, certificate: Certificate, sealed: bytes) -> None:
    content = {
        "token": certificate.token.encode(),
        "json": document.to_json(certificate),
        "pdf": sealed,
    }[form]
    chance = random.Random(2)
    for number in range(CHANGES[form]):
        forged = changed_byte(content, chance)
        # A swap or an insertion may happen to give the same bytes, and a final line end is allowed to the QR's text.
        if forged in (content, content + b"\n"):
            continue
        assert not verifies(forged), (number, forged[-200:])


def test_every_single_byte_of_the_end_of_a_pdf_counts(certificate: Certificate, sealed: bytes) -> None:
    end = len(sealed) - 700
    for at in range(end, len(sealed)):
        for mask in (0x01, 0x20):
            forged = sealed[:at] + bytes([sealed[at] ^ mask]) + sealed[at + 1 :]
            assert not verifies(forged), at


def test_a_forger_with_a_key_of_their_own_is_no_instructor(certificate: Certificate) -> None:
    forged = sign(replace(certificate.record, score=300), signer(seed=66))

    with pytest.raises(CertificateInvalid) as refused:
        verify(forged.token.encode(), KNOWN)

    assert refused.value.what == "It says that an instructor vouches for it, but the key is not known here."
    assert forged.fingerprint in refused.value.evidence
    assert "the tests" in refused.value.evidence
    assert "--key FILE" in refused.value.fix


def test_a_self_attested_certificate_says_that_only_its_holder_vouches() -> None:
    told = judge(sign(record(), signer(seed=7)), "ID", {})

    assert not told.is_signer_known
    assert "only its holder vouches" in told.meaning


def test_a_pdf_of_one_certificate_with_the_token_of_another_is_refused(
    certificate: Certificate, sealed: bytes
) -> None:
    other = sign(replace(certificate.record, name="Mallory"), signer())

    assert not verifies(sealed.replace(certificate.token.encode(), other.token.encode()))


def test_a_certificate_from_another_signer_cannot_be_sealed(certificate: Certificate) -> None:
    with pytest.raises(AssertionError, match="the key that signed it"):
        seal.seal(b"%PDF", certificate, signer(seed=3))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF-1.7\n%%EOF\n",
        b"{}",
        b'{"token": 3}',
        b"[" * 100_000,
        b"{" * 100_000,
        b"\xff\xfe",
        b"hello",
    ],
)
def test_what_is_no_certificate_at_all_is_told_so(content: bytes) -> None:
    with pytest.raises(CertificateInvalid) as refused:
        verify(content, KNOWN)

    assert refused.value.what.startswith(("This is no certificate", "This PDF has no seal"))
    assert refused.value.fix


def test_the_id_follows_from_the_signed_text(certificate: Certificate) -> None:
    assert signing.ID_PATTERN.fullmatch(certificate.id)
    assert parse(certificate.token).id == certificate.id
    other = sign(replace(certificate.record, nonce="f" * 16), signer())
    assert other.id != certificate.id


def _raw(certificate: Certificate) -> bytes:
    import base64

    text = certificate.token.removeprefix(signing.PREFIX)
    return base64.b32decode(text + "=" * (-len(text) % 8))


@pytest.mark.parametrize(
    "changes",
    [
        {"issued_at": 10**30},
        {"issued_at": -1},
        {"score": -5},
        {"possible": 10**9},
        {"name": ""},
        {"name": "x" * 121},
        {"name": "Ada\nLovelace"},
        {"name": "Ada\u202eecalevoL"},
        {"workshop": " "},
        {"evidence": "xyz"},
        {"nonce": "A" * 16},
        {"phases": record().phases * 3},
        {"score": 1.5},
        {"score": True},
        {"phases": ()},
    ],
    ids=str,
)
def test_what_somebody_signs_that_makes_no_sense_is_no_certificate(changes: dict[str, object]) -> None:
    made = replace(record(), **changes)  # type: ignore[arg-type]
    content = made.encode()
    key = signer(seed=66)
    token = signing._text(key.public + key.sign(signing._DOMAIN + key.public + content) + content)

    if changes == {"phases": ()}:
        assert parse(token).record == made  # the way of signing is right, the others fail for what they say
        return
    with pytest.raises(CertificateInvalid, match="no certificate of this workshop"):
        parse(token)


@pytest.mark.parametrize(
    "text", ["[1]", "{}", "[2" + ",0" * 12 + "]", "x", "[" * 5000, '["\\ud800"]', " [1]"]
)
def test_signed_bytes_that_are_no_record_are_no_certificate(text: str) -> None:
    from chaos_lib.certificate import record as records

    deflater = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=records._WORDS)
    content = deflater.compress(text.encode()) + deflater.flush()
    for broken in (content, content[:-1], content + b"x", b""):
        with pytest.raises(CertificateInvalid):
            Record.decode(broken)


def test_a_bomb_is_not_unpacked() -> None:
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = deflater.compress(b"[" + b" " * 50_000_000) + deflater.flush()

    with pytest.raises(CertificateInvalid, match="no certificate of this workshop"):
        Record.decode(bomb)
