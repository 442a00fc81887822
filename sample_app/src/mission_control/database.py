"""The connections to Postgres."""

from __future__ import annotations

from psycopg import Connection, OperationalError
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool, PoolTimeout

from mission_control.errors import DatabaseUnavailable

DatabasePool = ConnectionPool[Connection[DictRow]]

CONNECT_TIMEOUT_S = 2
WAIT_FOR_CONNECTION_S = 2.0


def open_pool(database_url: str, *, startup_timeout_s: float) -> DatabasePool:
    """Connect to Postgres, waiting for one that is still starting.

    Every connection is tried before it is handed out, so that a restart of Postgres costs no request.

    Args:
        database_url: A libpq connection URL.
        startup_timeout_s: Longest wait in seconds.

    Raises:
        DatabaseUnavailable: Postgres did not answer in time.
    """
    pool = DatabasePool(
        database_url,
        connection_class=Connection[DictRow],
        kwargs={"row_factory": dict_row, "connect_timeout": CONNECT_TIMEOUT_S},
        min_size=1,
        max_size=5,
        timeout=WAIT_FOR_CONNECTION_S,
        check=ConnectionPool.check_connection,
        name="mission-control",
        open=False,
    )
    try:
        pool.open(wait=True, timeout=startup_timeout_s)
    except PoolTimeout as error:
        pool.close()
        raise DatabaseUnavailable(
            f"Postgres at {address_of(database_url)} did not answer within {startup_timeout_s:g} s."
        ) from error
    return pool


def is_reachable(pool: DatabasePool) -> bool:
    """Whether Postgres answers a query right now."""
    try:
        with pool.connection() as connection:
            connection.execute("SELECT 1")
    except OperationalError:
        return False
    return True


def address_of(database_url: str) -> str:
    """Host and port of a database URL, for messages: no user, no password."""
    parts = conninfo_to_dict(database_url)
    return f"{parts.get('host')}:{parts.get('port', 5432)}"
