from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import psycopg
import pytest
from fastapi.testclient import TestClient
from psycopg.errors import SyntaxError as SqlSyntaxError
from psycopg.rows import dict_row

from mission_control.app import create_app
from mission_control.migrate import Migration, migrate, read_migrations

NAMES = [step.name for step in read_migrations()]


@pytest.fixture
def connect_to_empty(database_url):
    """Opens connections to a database of the same Postgres that holds nothing at all."""
    connections = []

    def connect():
        connections.append(
            psycopg.connect(database_url, dbname="empty", row_factory=dict_row, autocommit=True)
        )
        return connections[-1]

    with psycopg.connect(database_url, autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS empty WITH (FORCE)")
        admin.execute("CREATE DATABASE empty")
        yield connect
        for connection in connections:
            connection.close()
        admin.execute("DROP DATABASE empty WITH (FORCE)")


def tables_of(connection):
    rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return {row["tablename"] for row in rows}


def test_the_steps_are_applied_in_order_and_once(connect_to_empty):
    connection = connect_to_empty()

    assert migrate(connection) == NAMES
    assert migrate(connection) == []
    assert {"missions", "agents"} <= tables_of(connection)


def test_a_later_step_is_added_to_an_older_schema(connect_to_empty):
    connection = connect_to_empty()
    migrate(connection)

    later = Migration("9999_later", "CREATE TABLE later (id int); INSERT INTO later VALUES (1)")

    assert migrate(connection, [*read_migrations(), later]) == ["9999_later"]


def test_a_step_with_an_error_leaves_nothing_behind(connect_to_empty):
    connection = connect_to_empty()
    wrong = Migration("9999_wrong", "CREATE TABLE half (id int); CREATE TABEL typo (id int)")

    with pytest.raises(SqlSyntaxError):
        migrate(connection, [*read_migrations(), wrong])

    assert tables_of(connection) == set()
    assert migrate(connection) == NAMES


def test_replicas_that_start_at_once_apply_each_step_once(connect_to_empty):
    connections = [connect_to_empty() for _ in range(5)]

    with ThreadPoolExecutor(len(connections)) as replicas:
        applied = list(replicas.map(migrate, connections))

    assert sorted(applied) == [[], [], [], [], NAMES]


def test_a_replica_that_dies_half_way_leaves_no_lock_behind(connect_to_empty, database_url):
    dying, next_one = connect_to_empty(), connect_to_empty()
    dying.execute("BEGIN")
    migrate(dying)
    with psycopg.connect(database_url) as admin:
        admin.execute("SELECT pg_terminate_backend(%s)", [dying.info.backend_pid])

    assert migrate(next_one) == NAMES


def test_the_service_brings_an_empty_database_up_to_date_when_it_starts(
    connect_to_empty, make_settings, settings
):
    connect_to_empty()
    url = urlsplit(settings.database_url.get_secret_value())._replace(path="/empty").geturl()

    with TestClient(create_app(make_settings(database_url=url, redis_url=settings.redis_url))) as client:
        assert client.get("/missions").json() == []
