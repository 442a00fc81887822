"""Where the service keeps things: SQLite by default, Postgres by its address. Two tables, the same SQL for both."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from chaos_lib.errors import InvalidInput, ToolMissing

_BUSY_S = 10.0
_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS certificate (
        id TEXT PRIMARY KEY,
        request TEXT NOT NULL UNIQUE,
        token TEXT NOT NULL,
        issued_at DOUBLE PRECISION NOT NULL
    )""",
    """CREATE TABLE IF NOT EXISTS progress (
        participant TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        events INTEGER NOT NULL,
        score INTEGER NOT NULL,
        possible INTEGER NOT NULL,
        tier TEXT NOT NULL,
        phases TEXT NOT NULL,
        updated_at DOUBLE PRECISION NOT NULL
    )""",
)


@dataclass(frozen=True)
class ProgressRow:
    """How far one participant is.

    Attributes:
        participant: Fingerprint of the participant's key.
        name: As it was sent last.
        events: How many events the log had.
        score: Points.
        possible: Points of the whole workshop.
        tier: The least real tier of the finished phases.
        phases: Names of the finished phases, separated by blanks.
        updated_at: Seconds since the epoch.
    """

    participant: str
    name: str
    events: int
    score: int
    possible: int
    tier: str
    phases: str
    updated_at: float


class Connections(Protocol):
    """Gives connections to one database."""

    def connection(self) -> contextlib.AbstractContextManager[Any]:
        """Return a connection; what is done on it is committed at the end of the block, or rolled back."""

    def close(self) -> None:
        """Let go of everything."""


class Database:
    """The service's two tables.

    Args:
        connections: To the database.
        mark: How the database marks a parameter in SQL.
    """

    def __init__(self, connections: Connections, mark: str) -> None:
        self._connections = connections
        self._mark = mark
        for statement in _SCHEMA:
            self._run(statement)

    def add_certificate(self, certificate_id: str, request: str, token: str, issued_at: float) -> str:
        """Keep a certificate, unless there is one for the same request; returns the token that is kept."""
        self._run(
            "INSERT INTO certificate (id, request, token, issued_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            certificate_id,
            request,
            token,
            issued_at,
        )
        return self.token_of_request(request) or token

    def token_of_request(self, request: str) -> str | None:
        """Return what was issued for a request."""
        rows = self._run("SELECT token FROM certificate WHERE request = ?", request)
        return str(rows[0][0]) if rows else None

    def token(self, certificate_id: str) -> str | None:
        """Return a certificate's token by its ID."""
        rows = self._run("SELECT token FROM certificate WHERE id = ?", certificate_id)
        return str(rows[0][0]) if rows else None

    def save_progress(self, row: ProgressRow) -> ProgressRow:
        """Keep how far somebody is; a log with fewer events than before is an old one and changes nothing."""
        self._run(
            "INSERT INTO progress (participant, name, events, score, possible, tier, phases, updated_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (participant) DO UPDATE SET name = excluded.name,"
            " events = excluded.events, score = excluded.score, possible = excluded.possible, tier = excluded.tier,"
            " phases = excluded.phases, updated_at = excluded.updated_at WHERE excluded.events >= progress.events",
            row.participant,
            row.name,
            row.events,
            row.score,
            row.possible,
            row.tier,
            row.phases,
            row.updated_at,
        )
        rows = self._run(f"SELECT {_COLUMNS} FROM progress WHERE participant = ?", row.participant)  # noqa: S608
        return ProgressRow(*rows[0])

    def progress(self, *, limit: int, offset: int) -> Sequence[ProgressRow]:
        """Return how far the class is, the highest score first."""
        rows = self._run(
            f"SELECT {_COLUMNS} FROM progress ORDER BY score DESC, participant LIMIT ? OFFSET ?",  # noqa: S608
            limit,
            offset,
        )
        return [ProgressRow(*row) for row in rows]

    def close(self) -> None:
        """Let go of the database."""
        self._connections.close()

    def _run(self, statement: str, *values: object) -> Sequence[Sequence[Any]]:
        with self._connections.connection() as connection:
            cursor = connection.execute(statement.replace("?", self._mark), values)
            return cursor.fetchall() if cursor.description else ()


_COLUMNS = "participant, name, events, score, possible, tier, phases, updated_at"


def open_database(url: str) -> Database:
    """Open the database at an address; its tables are made when they are not there.

    Raises:
        InvalidInput: The address is of no database that we know, or nothing answers there.
        ToolMissing: The driver for Postgres is not installed.
    """
    if url.startswith("sqlite:///"):
        return Database(_Sqlite(Path(url.removeprefix("sqlite:///"))), "?")
    if url.startswith(("postgresql://", "postgres://")):
        return Database(_postgres(url), "%s")
    raise InvalidInput(
        "This is no address of a database.",
        evidence=url.split("://")[0][:40],
        fix="Give sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME in OPCHAOS_BACKEND_DATABASE.",
    )


class _Sqlite:
    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)

    @contextlib.contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        # One for each use: opening costs microseconds, and no connection is shared between threads.
        with contextlib.closing(sqlite3.connect(self._path, timeout=_BUSY_S)) as connection, connection:
            connection.execute("PRAGMA journal_mode=WAL")
            yield connection

    def close(self) -> None:
        """Nothing is kept open."""


def _postgres(url: str) -> Connections:
    try:
        from psycopg_pool import ConnectionPool, PoolTimeout
    except ImportError as exc:
        raise ToolMissing(
            "The driver for Postgres is not installed.",
            evidence=str(exc),
            fix="`pip install 'operation-chaos[backend]'`, or use SQLite: leave OPCHAOS_BACKEND_DATABASE out.",
        ) from exc
    pool = ConnectionPool(url, min_size=1, max_size=8, timeout=_BUSY_S, open=False)
    try:
        pool.open(wait=True, timeout=_BUSY_S)
    except PoolTimeout as exc:
        pool.close()
        raise InvalidInput(
            "The database does not answer.",
            evidence=f"{url.rsplit('@', 1)[-1]}: {exc}",
            fix="Correct OPCHAOS_BACKEND_DATABASE, or start the database.",
        ) from exc
    return pool
