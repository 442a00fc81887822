from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from fastapi.testclient import TestClient

from mission_control.app import create_app
from mission_control.codenames import make_codename

COUNT_OF_WAITING = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


@pytest.fixture
def mission(client):
    """A planned mission."""
    return client.post("/missions", json={"codename": "silent-falcon"}).json()


def move(client, mission, status):
    return client.patch(f"/missions/{mission['id']}", json={"status": status})


def test_a_mission_can_be_found_where_it_was_said_to_be(client):
    created = client.post("/missions", json={"codename": "silent-falcon"})

    found = client.get(created.headers["Location"])

    assert found.status_code == 200
    assert found.json() == created.json()


def test_missions_are_listed_newest_first(client):
    for codename in ["first", "second", "third"]:
        client.post("/missions", json={"codename": codename})

    assert [mission["codename"] for mission in client.get("/missions").json()] == ["third", "second", "first"]


def test_a_codename_is_used_once_however_it_is_spelt(client, mission):
    answer = client.post("/missions", json={"codename": "Silent Falcon"})

    assert answer.status_code == 409
    assert answer.json() == {"detail": "The codename silent-falcon is taken."}


def test_a_made_up_codename_that_is_taken_is_replaced_by_another(settings):
    seeds = iter([1, 1, 1, 2])
    with TestClient(create_app(settings, new_seed=lambda: next(seeds))) as client:
        codenames = [client.post("/missions", json={}).json()["codename"] for _ in range(2)]

    assert codenames == [make_codename(1), make_codename(2)]


def test_when_no_made_up_codename_is_free_the_request_is_refused(settings):
    with TestClient(create_app(settings, new_seed=lambda: 1)) as client:
        client.post("/missions", json={})

        assert client.post("/missions", json={}).status_code == 409


def test_of_several_requests_for_the_same_codename_one_wins(client):
    with ThreadPoolExecutor() as threads:
        answers = threads.map(
            lambda _: client.post("/missions", json={"codename": "falcon"}).status_code, range(4)
        )

    assert sorted(answers) == [201, 409, 409, 409]


def test_a_mission_is_launched_and_finished(client, mission):
    assert move(client, mission, "active").json()["status"] == "active"
    assert move(client, mission, "done").json()["status"] == "done"


def test_a_mission_does_not_go_back(client, mission):
    move(client, mission, "active")

    answer = move(client, mission, "planned")

    assert answer.status_code == 409
    assert answer.json() == {"detail": "A mission that is active cannot become planned."}


def test_of_two_launches_at_the_same_moment_one_counts(client, mission, database_url, wait_until):
    with psycopg.connect(database_url) as blocker, psycopg.connect(database_url, autocommit=True) as observer:
        blocker.execute("SELECT 1 FROM missions FOR UPDATE")
        with ThreadPoolExecutor() as threads:
            launches = [threads.submit(move, client, mission, "active") for _ in range(2)]
            wait_until(lambda: observer.execute(COUNT_OF_WAITING).fetchone() == (2,))
            blocker.rollback()

    assert sorted(launch.result().status_code for launch in launches) == [200, 409]
    assert "<dt>missions launched</dt><dd>1</dd>" in client.get("/").text


def test_a_mission_that_does_not_exist_cannot_be_changed(client):
    assert move(client, {"id": 42}, "active").status_code == 404
    assert client.post("/missions/42/agents", json={"name": "Ada"}).status_code == 404


def test_agents_are_listed_with_their_mission(client, mission):
    for name in ["Ada", "Grace"]:
        answer = client.post(f"/missions/{mission['id']}/agents", json={"name": name})
        assert answer.status_code == 201
        assert answer.headers["Location"] == f"/missions/{mission['id']}"

    agents = client.get(f"/missions/{mission['id']}").json()["agents"]
    assert [agent["name"] for agent in agents] == ["Ada", "Grace"]


def test_an_agent_is_on_a_mission_once(client, mission):
    client.post(f"/missions/{mission['id']}/agents", json={"name": "Ada"})

    assert client.post(f"/missions/{mission['id']}/agents", json={"name": "Ada"}).status_code == 409


def test_an_agent_can_be_on_two_missions(client, mission):
    other = client.post("/missions", json={"codename": "bold-otter"}).json()

    for one in [mission, other]:
        assert client.post(f"/missions/{one['id']}/agents", json={"name": "Ada"}).status_code == 201


def test_a_mission_that_is_done_takes_no_more_agents(client, mission):
    move(client, mission, "active")
    move(client, mission, "done")

    assert client.post(f"/missions/{mission['id']}/agents", json={"name": "Ada"}).status_code == 409


@pytest.mark.parametrize("codename", ["first-test", "second-test"])
def test_each_test_starts_with_no_missions(client, codename):
    assert client.get("/missions").json() == []

    assert client.post("/missions", json={"codename": codename}).json()["id"] == 1
