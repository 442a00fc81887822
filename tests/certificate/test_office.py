from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from chaos_lib.certificate import Attestation, Office, Paper, keys, sharing
from chaos_lib.certificate.record import Kind
from chaos_lib.certificate.signing import sign
from chaos_lib.certificate.verifying import require_evidence
from chaos_lib.errors import CertificateInvalid, CertificateRefused, InvalidInput
from chaos_lib.settings import Settings, Tier

from .conftest import NOW, play, record, signer


def office(settings: Settings) -> Office:
    return Office(settings, now=lambda: NOW)


def test_a_certificate_is_issued_from_the_mission_log(mission: Settings) -> None:
    issued = office(mission).issue("Ada 🚀 Lovelace")
    record = issued.certificate.record

    assert (record.name, record.kind, record.attestation) == (
        "Ada Lovelace",
        Kind.PARTICIPATION,
        Attestation.SELF,
    )
    assert (record.score, record.tier, record.day) == (10, Tier.EMBEDDED, "21 September 2026")
    assert [phase.name for phase in record.phases] == ["phase-0-setup"]
    assert issued.missing == ""
    for path in (issued.files.pdf, issued.files.json, issued.files.evidence):
        assert path.parent == mission.home / "certificates"
        assert path.is_file()


def test_it_verifies_as_a_file_by_its_id_and_by_its_qr_text(mission: Settings) -> None:
    desk = office(mission)
    issued = desk.issue("Ada")
    looked_at = {
        str(issued.files.pdf): "PDF",
        str(issued.files.json): "JSON",
        issued.certificate.id: "ID",
        issued.certificate.token: "QR text",
        f"HTTPS://CERTS.EXAMPLE.ORG/V/{issued.certificate.token}": "QR text",
    }

    for what, source in looked_at.items():
        verified = desk.verify(what)
        assert (verified.source, verified.certificate, verified.signer) == (
            source,
            issued.certificate,
            "this mission",
        )
    require_evidence(issued.certificate, issued.files.evidence.read_text())


def test_elsewhere_the_file_verifies_and_the_id_is_not_known(mission: Settings, tmp_path: Path) -> None:
    issued = office(mission).issue("Ada")
    elsewhere = Office(Settings(home=tmp_path / "elsewhere"))

    assert not elsewhere.verify(str(issued.files.pdf)).is_signer_known
    with pytest.raises(InvalidInput, match="was issued here") as refused:
        elsewhere.verify(issued.certificate.id)
    assert "An ID alone proves nothing" in refused.value.fix
    assert not (tmp_path / "elsewhere").exists()  # looking makes nothing


def test_asked_again_it_gives_the_same_one_until_something_happens(mission: Settings) -> None:
    desk = office(mission)
    first = desk.issue("Ada")

    again = desk.issue(" Ada ", paper=Paper.LETTER)
    assert again.certificate == first.certificate
    assert desk.verify(str(again.files.pdf)).certificate == first.certificate
    assert desk.issue("Grace").certificate.id != first.certificate.id
    play(mission)
    assert desk.issue("Ada").certificate.id != first.certificate.id


def test_without_anything_done_there_is_no_certificate(tmp_path: Path) -> None:
    with pytest.raises(CertificateRefused) as refused:
        Office(Settings(home=tmp_path / "mission")).issue("Ada")

    assert refused.value.what == "There is nothing yet that a certificate could say."
    assert "no finished phase" in refused.value.evidence
    assert "opchaos lab" in refused.value.fix


def test_an_instructor_attests_with_an_imported_key(mission: Settings, tmp_path: Path) -> None:
    desk = office(mission)
    with pytest.raises(InvalidInput, match="no instructor key here"):
        desk.issue("Ada", attestation=Attestation.INSTRUCTOR)
    imported = desk.keys.import_instructor(keys.make_private_pem())
    issued = desk.issue("Ada", attestation=Attestation.INSTRUCTOR, attested_by="Grace Hopper")

    assert issued.certificate.record.attested_by == "Grace Hopper"
    assert (
        desk.verify(str(issued.files.pdf)).meaning == "Nothing was changed since this instructor signed it."
    )
    elsewhere = Office(Settings(home=tmp_path / "elsewhere"))
    with pytest.raises(CertificateInvalid, match="an instructor vouches"):
        elsewhere.verify(str(issued.files.pdf))
    assert elsewhere.verify(str(issued.files.pdf), {imported.public: "Grace"}).signer == "Grace"
    elsewhere.keys.trust(imported.public, "Grace Hopper")
    assert elsewhere.verify(str(issued.files.pdf)).signer == "Grace Hopper"


def test_changed_evidence_is_not_the_evidence(mission: Settings) -> None:
    issued = office(mission).issue("Ada")
    text = issued.files.evidence.read_text()

    with pytest.raises(CertificateInvalid, match="not the events"):
        require_evidence(issued.certificate, text.replace("EMBEDDED", "LIVE"))


def test_evidence_that_shows_less_than_the_certificate_says_is_told(mission: Settings) -> None:
    issued = office(mission).issue("Ada")
    boasting = sign(record(evidence=issued.certificate.record.evidence), signer())

    with pytest.raises(CertificateInvalid, match="another result"):
        require_evidence(boasting, issued.files.evidence.read_text())


@pytest.mark.parametrize(
    "what", ["nowhere.pdf", "oc-7q2zk-40t3m-9xa1b-c5d6e", "OC-1", "../../etc/passwd-none"]
)
def test_what_is_neither_file_nor_id_is_told(mission: Settings, what: str) -> None:
    with pytest.raises(InvalidInput, match="nothing to verify"):
        office(mission).verify(what)


def test_a_changed_or_exchanged_file_of_the_store_does_not_verify(mission: Settings) -> None:
    desk = office(mission)
    first, second = desk.issue("Ada"), desk.issue("Grace")
    first.files.json.write_bytes(second.files.json.read_bytes())

    with pytest.raises(CertificateInvalid, match="not the one that its file is named after"):
        desk.verify(first.certificate.id)
    second.files.json.write_text(second.files.json.read_text().replace("Grace", "Mallory"))
    with pytest.raises(CertificateInvalid, match="was changed"):
        desk.verify(second.certificate.id)
    assert [each.record.name for each in desk.store.all()] == ["Grace"]


def test_a_file_that_is_too_large_is_not_read(mission: Settings, tmp_path: Path) -> None:
    path = tmp_path / "large.pdf"
    with path.open("wb") as stream:
        stream.truncate(9 * 1024 * 1024)

    with pytest.raises(InvalidInput, match="too large"):
        office(mission).verify(str(path))


def test_an_id_that_is_none_is_told(mission: Settings) -> None:
    with pytest.raises(InvalidInput, match="no completion ID"):
        office(mission).store.find("../secret")


def test_no_changed_id_is_found(mission: Settings) -> None:
    desk = office(mission)
    known = desk.issue("Ada").certificate.id

    for at, char in enumerate(known):
        for other in "0AZ-a?":
            if other != char:
                with pytest.raises(InvalidInput):
                    desk.verify(known[:at] + other + known[at + 1 :])


def test_the_json_says_the_same_for_programs(mission: Settings) -> None:
    issued = office(mission).issue("Ada")
    content = json.loads(issued.files.json.read_text())

    assert content["id"] == issued.certificate.id
    assert content["record"]["issued_at"] == "2026-09-21T14:13:20Z"
    assert content["record"]["phases"][0]["tier"] == "EMBEDDED"


def test_share_texts_fit_and_do_not_tell_the_name() -> None:
    made = sharing.shares(sign(record(), signer()), service="https://certs.example.org/")
    form = parse_qs(urlsplit(made.linkedin_url).query)

    assert form["name"] == ["Certified Chaos Slayer"]
    assert (form["issueYear"], form["issueMonth"]) == (["2026"], ["9"])
    assert form["certUrl"][0].startswith("https://certs.example.org/verify/OC-")
    assert len(made.x_text) <= 280
    assert len(made.mastodon_text) <= 500
    assert parse_qs(urlsplit(made.x_url).query)["text"] == [made.x_text]
    assert "Lovelace" not in "".join((made.linkedin_url, made.mastodon_text, made.x_text))
