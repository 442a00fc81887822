from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from redis import Redis

from mission_control.app import create_app
from mission_control.cache import LIST_KEY


@pytest.fixture
def redis(redis_url):
    with Redis.from_url(redis_url, socket_timeout=60) as redis:
        yield redis


@pytest.fixture
def client_without_redis(settings):
    """A client of a service whose Redis address leads nowhere."""
    settings = settings.model_copy(update={"redis_url": type(settings.redis_url)("redis://127.0.0.1:1/0")})
    with TestClient(create_app(settings)) as client:
        yield client


def test_the_second_look_at_the_list_comes_from_the_cache(client):
    first, second = client.get("/missions"), client.get("/missions")

    assert [first.headers["X-Cache"], second.headers["X-Cache"]] == ["miss", "hit"]
    assert first.json() == second.json()


def test_the_cached_list_holds_the_agents_too(client):
    client.post("/missions", json={"codename": "falcon"})
    client.post("/missions/1/agents", json={"name": "Ada"})
    fresh, cached = client.get("/missions"), client.get("/missions")

    assert cached.headers["X-Cache"] == "hit"
    assert cached.json() == fresh.json()


def change_nothing(client):
    client.get("/missions/1")


def plan(client):
    client.post("/missions", json={"codename": "otter"})


def launch(client):
    client.patch("/missions/1", json={"status": "active"})


def finish(client):
    launch(client)
    client.get("/missions")
    client.patch("/missions/1", json={"status": "done"})


def send_agent(client):
    client.post("/missions/1/agents", json={"name": "Ada"})


@pytest.mark.parametrize(
    ("act", "expected"),
    [(change_nothing, "hit"), (plan, "miss"), (launch, "miss"), (finish, "miss"), (send_agent, "miss")],
)
def test_every_change_empties_the_cache(client, act, expected):
    client.post("/missions", json={"codename": "falcon"})
    client.get("/missions")

    act(client)

    answer = client.get("/missions")
    assert answer.headers["X-Cache"] == expected
    assert answer.json()[-1] == client.get("/missions/1").json()


def test_a_cached_list_does_not_live_for_ever(client, redis, settings):
    client.get("/missions")

    assert 0 < redis.ttl(LIST_KEY) <= settings.cache_ttl_s


def test_a_cached_list_of_another_release_is_ignored(client, redis):
    redis.set(LIST_KEY, '[{"title": "a mission, but in other words"}]')

    answer = client.get("/missions")

    assert answer.headers["X-Cache"] == "miss"
    assert answer.json() == []


def test_the_status_page_counts_views_and_launches(client):
    client.post("/missions", json={"codename": "falcon"})
    client.patch("/missions/1", json={"status": "active"})
    client.get("/")

    page = client.get("/").text

    assert "<dt>missions launched</dt><dd>1</dd>" in page
    assert "<dt>page views</dt><dd>2</dd>" in page


def test_without_redis_every_request_is_still_answered(client_without_redis):
    client = client_without_redis

    assert client.post("/missions", json={"codename": "falcon"}).status_code == 201
    assert client.patch("/missions/1", json={"status": "active"}).status_code == 200
    assert client.post("/missions/1/agents", json={"name": "Ada"}).status_code == 201
    answer = client.get("/missions")
    assert answer.headers["X-Cache"] == "unavailable"
    assert answer.json()[0]["codename"] == "falcon"
    assert client.get("/").status_code == 200


def test_without_redis_the_service_is_ready_and_says_that_it_is_slower(client_without_redis):
    answer = client_without_redis.get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "cache": "degraded", "reasons": []}


def test_without_redis_the_outage_is_counted(client_without_redis):
    client_without_redis.get("/missions")

    assert 'cache_lookups_total{result="unavailable"} 1.0' in client_without_redis.get("/metrics").text


def test_a_redis_that_hangs_is_given_up_before_it_wakes(settings, redis):
    with TestClient(create_app(settings)) as client:
        client.get("/missions")
        redis.client_pause(1500)  # milliseconds; the entry is there, but nobody hands it out

        assert client.get("/missions").headers["X-Cache"] == "unavailable"
