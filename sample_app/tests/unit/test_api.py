"""The HTTP side alone: what is accepted, what is refused, and in which form."""

from __future__ import annotations

import pytest

from mission_control.codenames import make_codename
from mission_control.dependencies import get_reasons_not_ready


def test_a_planned_mission_is_answered_with_its_address(client):
    answer = client.post("/missions", json={"codename": " Silent Falcon "})

    assert answer.status_code == 201
    assert answer.headers["Location"] == "/missions/1"
    assert answer.json() == {
        "id": 1,
        "codename": "silent-falcon",
        "status": "planned",
        "created_at": "2030-01-07T12:00:00Z",
        "agents": [],
        "deadline": "2030-01-10T12:00:00Z",
        "is_overdue": False,
    }


def test_a_mission_without_a_codename_gets_one_from_the_seed(client):
    assert client.post("/missions", json={}).json()["codename"] == make_codename(7)


@pytest.mark.parametrize(
    "body",
    [{"codename": ""}, {"codename": "no;semicolons"}, {"codename": 7}, {"codenam": "falcon"}, [], "falcon"],
)
def test_a_mission_that_makes_no_sense_is_refused(client, body):
    assert client.post("/missions", json=body).status_code == 422


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "zero\x00byte", "line\nbreak"])
def test_an_agent_without_a_proper_name_is_refused(client, name):
    assert client.post("/missions/1/agents", json={"name": name}).status_code == 422


def test_half_a_character_is_refused(client):
    assert client.post("/missions/1/agents", content=b'{"name": "\\ud800"}').status_code == 422


@pytest.mark.parametrize("mission_id", ["0", "-1", "one", str(2**63)])
def test_a_number_that_no_mission_can_have_is_refused(client, mission_id):
    assert client.get(f"/missions/{mission_id}").status_code == 422


def test_a_mission_that_does_not_exist_is_not_found(client):
    answer = client.get("/missions/42")

    assert answer.status_code == 404
    assert answer.json() == {"detail": "There is no mission 42."}


@pytest.mark.parametrize("status", ["launched", "", None])
def test_an_unknown_status_is_refused(client, status):
    assert client.patch("/missions/1", json={"status": status}).status_code == 422


def test_the_service_is_alive_without_anything_else(client):
    assert client.get("/healthz").json() == {"status": "alive"}


def test_the_service_is_ready_without_a_cache_and_says_so(client):
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "cache": "degraded", "reasons": []}


def test_the_service_is_not_ready_when_there_is_a_reason(app, client):
    app.dependency_overrides[get_reasons_not_ready] = lambda: ["Postgres does not answer."]

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["reasons"] == ["Postgres does not answer."]


def test_the_service_is_not_ready_while_it_shuts_down(app, client):
    del app.dependency_overrides[get_reasons_not_ready]
    app.state.is_draining = True

    assert client.get("/readyz").json()["reasons"] == ["The service is shutting down."]


def test_the_version_says_which_deployment_answers(client):
    assert client.get("/version").json() == {"version": "1.2.3", "colour": "blue", "git_sha": None}


def test_the_status_page_works_without_counters(client):
    page = client.get("/")

    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "This is <strong>blue</strong>, version <strong>1.2.3</strong>." in page.text
    assert "Redis does not answer" in page.text


def test_requests_are_counted_by_route_and_not_by_mission(client):
    client.get("/missions/41")
    client.get("/missions/42")
    client.get("/nowhere")

    numbers = client.get("/metrics").text

    assert (
        'mission_control_requests_total{method="GET",route="/missions/{mission_id}",status="404"} 2.0'
        in numbers
    )
    assert 'mission_control_requests_total{method="GET",route="unmatched",status="404"} 1.0' in numbers
    assert 'mission_control_request_seconds_count{route="/missions/{mission_id}"} 2.0' in numbers


def test_a_cache_that_is_down_is_counted(client):
    assert client.get("/missions").headers["X-Cache"] == "unavailable"

    numbers = client.get("/metrics").text
    assert 'mission_control_cache_lookups_total{result="unavailable"} 1.0' in numbers
    assert "mission_control_cache_failures_total 1.0" in numbers


def test_every_endpoint_is_described(client):
    paths = client.get("/openapi.json").json()["paths"]

    assert set(paths) == {
        "/healthz",
        "/readyz",
        "/version",
        "/metrics",
        "/missions",
        "/missions/{mission_id}",
        "/missions/{mission_id}/agents",
    }
    for path in paths.values():
        for endpoint in path.values():
            assert endpoint["summary"]
            assert endpoint["description"]
