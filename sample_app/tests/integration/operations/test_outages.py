"""The service and a Postgres that goes away."""

from __future__ import annotations

import psycopg
import pytest
from fastapi.testclient import TestClient

from mission_control.app import create_app
from mission_control.errors import DatabaseUnavailable


@pytest.fixture
def cut_connections(database_url):
    """Ends the service's connections to Postgres, as a restart of Postgres would."""

    def cut():
        with psycopg.connect(database_url, autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    return cut


def test_the_service_is_ready_when_all_is_there(client):
    assert client.get("/readyz").json() == {"status": "ready", "cache": "ok", "reasons": []}


def test_a_restart_of_postgres_costs_no_request(client, cut_connections):
    client.get("/missions/1")

    cut_connections()

    assert client.get("/missions/1").status_code == 404
    assert client.get("/readyz").status_code == 200


def test_without_postgres_the_service_is_alive_but_not_ready(client):
    client.app.state.pool.close()

    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["reasons"] == ["Postgres does not answer."]


def test_without_postgres_a_request_is_told_to_try_again(client):
    client.app.state.pool.close()

    answer = client.get("/missions/1")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "1"


def test_the_service_does_not_start_without_postgres(make_settings, redis_url):
    settings = make_settings(redis_url=redis_url, startup_timeout_s=0.2)

    with (
        pytest.raises(DatabaseUnavailable, match=r"127\.0\.0\.1:1 did not answer within 0\.2 s"),
        TestClient(create_app(settings)),
    ):
        pass
