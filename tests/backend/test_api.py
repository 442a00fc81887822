from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from chaos_lib.backend.settings import BackendSettings
from chaos_lib.certificate import document, verifying
from chaos_lib.certificate.keys import KeyStore, parse_public
from chaos_lib.certificate.signing import parse, sign
from tests.certificate.conftest import record, signer

from .conftest import CODE, INSTRUCTOR, events, submission


def issue(client: TestClient, **changes: object) -> dict[str, object]:
    answer = client.post("/api/v1/certificates", json=submission(**changes), headers=CODE)  # type: ignore[arg-type]
    assert answer.status_code in (200, 201), answer.text
    return answer.json()  # type: ignore[no-any-return]


def test_a_signed_mission_log_gets_an_instructor_attested_certificate(client: TestClient) -> None:
    made = issue(client)
    key = client.get("/api/v1/key").json()

    assert (made["name"], made["score"], made["tier"], made["kind"]) == (
        "Ada 山田",
        10,
        "LIVE",
        "participation",
    )
    assert (made["attestation"], made["attested_by"]) == ("instructor", "Grace Hopper")
    certificate = parse(str(made["token"]))
    assert (certificate.id, certificate.fingerprint) == (made["id"], key["fingerprint"])
    assert certificate.public == parse_public(key["pem"].encode())


def test_sent_again_it_is_the_same_certificate(client: TestClient) -> None:
    first = issue(client)

    again = client.post("/api/v1/certificates", json=submission(), headers=CODE)
    assert (again.status_code, again.json()) == (200, first)
    assert issue(client, name="Grace")["id"] != first["id"]
    assert issue(client, seed=6)["id"] != first["id"]


def test_the_pdf_can_be_fetched_and_verifies_in_every_byte(client: TestClient) -> None:
    made = issue(client)
    answer = client.get(f"/api/v1/certificates/{made['id']}/pdf", params={"paper": "letter"})
    key = client.get("/api/v1/key").json()["pem"].encode()

    assert answer.headers["content-type"] == "application/pdf"
    assert f'filename="{made["id"]}.pdf"' in answer.headers["content-disposition"]
    verified = verifying.verify(answer.content, {parse_public(key): "the class"})
    assert (verified.certificate.id, verified.source) == (made["id"], "PDF")
    assert client.get(f"/api/v1/certificates/{made['id']}").json() == made


@pytest.mark.parametrize("field", ["name", "evidence", "public_key", "signature"])
def test_a_submission_with_a_changed_field_is_refused(client: TestClient, field: str) -> None:
    sent, other = submission(), submission(name="Mallory", seed=9, log=[*events(), *events("phase-1-tests")])
    answer = client.post("/api/v1/certificates", json={**sent, field: other[field]}, headers=CODE)

    assert answer.status_code == 403
    assert answer.json()["what"] == "The signature does not fit the mission log."


def test_a_submission_for_progress_is_none_for_a_certificate(client: TestClient) -> None:
    assert client.post("/api/v1/certificates", json=submission("progress"), headers=CODE).status_code == 403
    assert client.put("/api/v1/progress", json=submission(), headers=CODE).status_code == 403


def test_events_that_show_nothing_get_nothing(client: TestClient) -> None:
    answer = client.post("/api/v1/certificates", json=submission(log=[]), headers=CODE)

    assert (answer.status_code, answer.json()["what"]) == (
        409,
        "There is nothing yet that a certificate could say.",
    )


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"name": ""}, 422),
        ({"name": "x" * 121}, 422),
        ({"public_key": "???"}, 422),
        ({"extra": 1}, 422),
        ({"evidence": 3}, 422),
        ({"name": "\ud800"}, 422),
    ],
)
def test_input_that_is_not_as_described_is_refused_in_three_parts(
    client: TestClient, changes: dict[str, object], status: int
) -> None:
    import json

    body = json.dumps({**submission(), **changes}).encode()
    headers = {**CODE, "content-type": "application/json"}
    answer = client.post("/api/v1/certificates", content=body, headers=headers)

    assert answer.status_code == status
    assert set(answer.json()) == {"what", "evidence", "fix"}


def test_the_class_code_is_needed_to_write_and_not_to_read(client: TestClient) -> None:
    for headers in ({}, {"x-class-code": "wrong"}):
        assert client.post("/api/v1/certificates", json=submission(), headers=headers).status_code == 401
        assert client.put("/api/v1/progress", json=submission("progress"), headers=headers).status_code == 401
    assert client.get(f"/api/v1/certificates/{issue(client)['id']}").status_code == 200


def test_without_a_class_code_nobody_vouches(serve: Callable[..., TestClient], tmp_path: Path) -> None:
    from chaos_lib.certificate.keys import make_private_pem

    KeyStore(tmp_path / "other" / "keys").import_instructor(make_private_pem())
    with serve(attested_by="Grace Hopper") as client:
        made = client.post("/api/v1/certificates", json=submission()).json()

        assert (made["attestation"], made["attested_by"]) == ("self", "")
        assert client.get("/api/v1/progress").status_code == 405  # nobody may see the class


# Nothing can be listed or guessed


@pytest.mark.parametrize("path", ["/api/v1/certificates", "/api/v1/certificates/", "/api/v1"])
def test_there_is_no_list_of_certificates(client: TestClient, path: str) -> None:
    issue(client)

    assert client.get(path).status_code in (404, 405)


def test_an_unknown_id_and_no_id_at_all_get_answers_without_a_hint(client: TestClient) -> None:
    made = str(issue(client)["id"])
    near = made[:-1] + ("0" if made[-1] != "0" else "1")

    for path in (f"/api/v1/certificates/{near}", f"/api/v1/certificates/{near}/pdf"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert near not in answer.text
    assert client.get("/api/v1/certificates/1").status_code == 422
    assert client.get(f"/api/v1/certificates/{made.lower()}").status_code == 422
    page, other = client.get(f"/verify/{near}"), client.get("/verify/hello")
    assert page.status_code == other.status_code == 404
    assert page.text == other.text


# Limits


def test_an_address_that_asks_too_often_is_told_to_wait(serve: Callable[..., TestClient]) -> None:
    with serve(read_limit="3/minute", write_limit="1/minute") as client:
        answers = [client.get("/health") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
        assert answers[-1].json()["what"] == "Too many requests from this address."
        assert [client.post("/api/v1/certificates", json=submission()).status_code for _ in range(2)] == [
            201,
            429,
        ]


def test_a_body_that_is_too_large_is_refused_whatever_it_says_of_itself(client: TestClient) -> None:
    large = b"x" * 300_001
    told = client.post("/api/v1/verifications", content=large)
    untold = client.post("/api/v1/verifications", content=iter([large[:200_000], large[200_000:]]))

    assert told.status_code == untold.status_code == 413
    assert told.json()["evidence"] == "more than 300000 bytes"


def test_only_listed_origins_may_call_from_a_browser(client: TestClient) -> None:
    asked = {
        "access-control-request-method": "POST",
        "access-control-request-headers": "x-class-code,content-type",
    }
    good = client.options("/api/v1/certificates", headers={"origin": "https://class.example.org", **asked})
    bad = client.options("/api/v1/certificates", headers={"origin": "https://evil.example.org", **asked})

    assert good.headers["access-control-allow-origin"] == "https://class.example.org"
    assert "access-control-allow-origin" not in bad.headers
    assert BackendSettings(cors_origins="https://a.org, https://b.org").cors_origins == (
        "https://a.org",
        "https://b.org",
    )  # type: ignore[arg-type]


def test_answers_are_not_framed_sniffed_or_kept(client: TestClient) -> None:
    headers = client.get("/verify").headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


# Verifying


def test_files_are_verified_and_changed_ones_are_not(client: TestClient) -> None:
    made = issue(client)
    pdf = client.get(f"/api/v1/certificates/{made['id']}/pdf").content
    good = [pdf, document.to_json(parse(str(made["token"]))), str(made["token"]).encode()]

    for content in good:
        answer = client.post("/api/v1/verifications", content=content).json()
        assert (answer["is_valid"], answer["certificate"]["id"]) == (True, made["id"])
        at = len(content) // 2
        changed = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
        answer = client.post("/api/v1/verifications", content=changed).json()
        assert (answer["is_valid"], answer["certificate"]) == (False, None)


def test_the_page_of_a_certificate_says_everything_and_escapes_it(client: TestClient) -> None:
    made = issue(client, name="<b>Ada</b> & Co")
    page = client.get(f"/verify/{made['id']}")

    assert page.status_code == 200
    assert "This certificate is genuine" in page.text
    assert "&lt;b&gt;Ada&lt;/b&gt; &amp; Co" in page.text
    assert "<b>Ada" not in page.text
    assert f"/api/v1/certificates/{made['id']}/pdf" in page.text
    assert client.get("/verify", params={"id": f" {made['id']} "}).text == page.text


def test_the_pages_are_made_for_everybody(client: TestClient) -> None:
    for page in (client.get("/verify").text, client.get(f"/verify/{issue(client)['id']}").text):
        assert '<html lang="en">' in page
        assert page.count("<h1>") == 1
        assert "<main>" in page
        assert "<script" not in page
    asked = client.get("/verify").text
    for field in ("id", "file"):
        assert f'<label for="{field}">' in asked
        assert f'id="{field}"' in asked


def test_an_uploaded_file_and_a_scanned_code_get_a_page(client: TestClient) -> None:
    made = issue(client)
    pdf = client.get(f"/api/v1/certificates/{made['id']}/pdf").content

    assert "is genuine" in client.post("/verify", files={"file": ("c.pdf", pdf)}).text
    assert "Not verified" in client.post("/verify", files={"file": ("c.pdf", pdf[:-1])}).text
    assert client.post("/verify").status_code == 422
    assert "is genuine" in client.get(f"/V/{made['token']}").text
    assert "Not verified" in client.get(f"/V/{made['token']}A").text
    unknown = sign(record(), signer(seed=77)).token
    assert "This certificate was not changed" in client.get(f"/V/{unknown}").text


# Progress


def test_progress_is_synced_and_seen_by_the_instructor_alone(client: TestClient) -> None:
    log = events()
    assert (
        client.put("/api/v1/progress", json=submission("progress", log=log[:2]), headers=CODE).json()[
            "phases"
        ]
        == []
    )
    synced = client.put("/api/v1/progress", json=submission("progress", log=log), headers=CODE).json()
    client.put("/api/v1/progress", json=submission("progress", name="Grace", seed=8, log=[]), headers=CODE)
    old = client.put("/api/v1/progress", json=submission("progress", log=log[:1]), headers=CODE).json()

    assert (synced["score"], synced["phases"], synced["events"]) == (10, ["phase-0-setup"], len(log))
    assert old["events"] == len(log)  # an older log changes nothing
    for headers in ({}, CODE, {"x-instructor-code": "wrong"}):
        assert client.get("/api/v1/progress", headers=headers).status_code == 401
    seen = client.get("/api/v1/progress", headers=INSTRUCTOR).json()
    assert [row["name"] for row in seen] == ["Ada 山田", "Grace"]
    assert (
        len(client.get("/api/v1/progress", headers=INSTRUCTOR, params={"limit": 1, "offset": 1}).json()) == 1
    )


def test_a_certificate_of_a_key_that_is_gone_says_so(settings: BackendSettings, client: TestClient) -> None:
    from chaos_lib.backend.app import create_app
    from chaos_lib.certificate.keys import make_private_pem

    made = issue(client)
    KeyStore(settings.folder / "keys").import_instructor(make_private_pem(), replaces=True)
    with TestClient(create_app(settings)) as later:
        assert later.get(f"/api/v1/certificates/{made['id']}").status_code == 200
        assert later.get(f"/api/v1/certificates/{made['id']}/pdf").status_code == 410
        assert "key is not known" in later.get(f"/verify/{made['id']}").text


def test_a_key_that_is_none_signs_nothing(client: TestClient) -> None:
    for key in ("AAAA", base64.b64encode(b"\xff" * 32).decode()):
        assert (
            client.post(
                "/api/v1/certificates", json={**submission(), "public_key": key}, headers=CODE
            ).status_code
            == 403
        )
