"""Bring the database schema up to date.

All pending files run in one transaction, under a lock that Postgres itself holds for that transaction. Two
replicas may start at the same moment: the second waits, then finds nothing to do. A replica that is killed
half-way leaves neither half a schema nor a lock behind.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from importlib.resources import files

from psycopg import Connection
from psycopg.rows import DictRow

log = logging.getLogger(__name__)

LOCK_ID = 0x4D495353  # any number will do, as long as all replicas use the same: "MISS"


@dataclass(frozen=True)
class Migration:
    """One step of the schema.

    Attributes:
        name: File name without its suffix, such as `0001_missions`; the order of the names is the order of the steps.
        sql: The statements.
    """

    name: str
    sql: str


def read_migrations() -> list[Migration]:
    """Read the steps that ship with this package, in order."""
    folder = files("mission_control.migrations")
    steps = [
        Migration(file.name.removesuffix(".sql"), file.read_text(encoding="utf-8"))
        for file in folder.iterdir()
        if file.name.endswith(".sql")
    ]
    return sorted(steps, key=lambda step: step.name)


def migrate(connection: Connection[DictRow], migrations: list[Migration] | None = None) -> list[str]:
    """Apply every step that the database has not seen yet.

    Args:
        connection: Not inside a transaction.
        migrations: The steps in order; those of this package by default.

    Returns:
        The names of the steps applied now, in order.
    """
    applied_now = []
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_ID])
        connection.execute(
            "CREATE TABLE IF NOT EXISTS schema_migrations ("
            " name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        applied = {row["name"] for row in connection.execute("SELECT name FROM schema_migrations")}
        for step in read_migrations() if migrations is None else migrations:
            if step.name in applied:
                continue
            connection.execute(step.sql.encode())
            connection.execute("INSERT INTO schema_migrations (name) VALUES (%s)", [step.name])
            applied_now.append(step.name)
    for name in applied_now:
        log.info("applied migration %s", name)
    return applied_now
