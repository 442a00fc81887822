"""The same contract on SQLite and on a real Postgres."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from chaos_lib.backend.database import Database, ProgressRow, open_database
from chaos_lib.errors import InvalidInput, ToolMissing
from chaos_lib.lab.facility import no_progress
from chaos_lib.lab.services import EmbeddedServices
from chaos_lib.settings import Settings

ROW = ProgressRow("aaaa", "Ada 山田", 5, 10, 70, "LIVE", "phase-0-setup", 1.5)


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Postgres, from a wheel."""
    server = EmbeddedServices(Settings(home=tmp_path_factory.mktemp("postgres") / "mission"))
    yield server.start(no_progress).postgres_url
    server.stop()


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'deep' / 'backend.sqlite'}"
    found: str = request.getfixturevalue("postgres")
    return found


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    made = open_database(url)
    yield made
    made._run("DELETE FROM certificate")
    made._run("DELETE FROM progress")
    made.close()


def test_a_certificate_is_kept_once_for_each_request(database: Database) -> None:
    assert database.add_certificate("OC-1", "request", "token", 1.0) == "token"
    assert database.add_certificate("OC-2", "request", "another token", 2.0) == "token"

    assert database.token("OC-1") == "token"
    assert database.token("OC-2") is None
    assert database.token_of_request("request") == "token"
    assert database.token_of_request("other") is None


def test_of_many_who_ask_at_once_all_get_the_same(database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        kept = set(
            pool.map(lambda n: database.add_certificate(f"OC-{n}", "request", f"token {n}", 1.0), range(24))
        )

    assert len(kept) == 1


def test_progress_is_kept_and_never_goes_back(database: Database) -> None:
    assert database.save_progress(ROW) == ROW
    assert database.save_progress(replace(ROW, events=4, score=0)) == ROW
    further = replace(ROW, events=6, score=20, updated_at=2.0)
    assert database.save_progress(further) == further

    other = replace(ROW, participant="bbbb", score=15)
    database.save_progress(other)
    assert database.progress(limit=10, offset=0) == [further, other]
    assert database.progress(limit=1, offset=1) == [other]


def test_what_is_kept_is_there_after_a_restart(url: str, database: Database) -> None:
    database.add_certificate("OC-1", "request", "token", 1.0)

    again = open_database(url)
    assert again.token("OC-1") == "token"
    again.close()


def test_an_address_of_no_database_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no address of a database") as refused:
        open_database("mysql://user:secret@host/name")

    assert refused.value.evidence == "mysql"  # nothing of the password


def test_a_postgres_that_does_not_answer_is_told_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from chaos_lib.backend import database

    monkeypatch.setattr(database, "_BUSY_S", 0.2)
    with pytest.raises(InvalidInput, match="does not answer") as refused:
        open_database("postgresql://user:secret@127.0.0.1:1/name")

    assert "secret" not in refused.value.text


def test_without_the_driver_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg_pool", None)
    with pytest.raises(ToolMissing, match="driver for Postgres") as refused:
        open_database("postgresql://127.0.0.1/name")

    assert "operation-chaos[backend]" in refused.value.fix
