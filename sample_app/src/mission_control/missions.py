"""Missions and agents in Postgres: all of the service's SQL is here."""

from __future__ import annotations

from datetime import datetime

from psycopg import Connection
from psycopg.errors import UniqueViolation
from psycopg.rows import DictRow

from mission_control.database import DatabasePool
from mission_control.errors import Conflict, NotFound
from mission_control.models import Agent, Mission, Status

LIST_LIMIT = 100

_SELECT = """
    SELECT id, codename, status, created_at,
           coalesce((SELECT json_agg(json_build_object('id', agents.id, 'name', agents.name) ORDER BY agents.id)
                     FROM agents WHERE agents.mission_id = missions.id), '[]') AS agents
    FROM missions
"""
_INSERT = """
    INSERT INTO missions (codename, status, created_at) VALUES (%s, 'planned', %s)
    RETURNING id, codename, status, created_at
"""
_INSERT_AGENT = "INSERT INTO agents (mission_id, name) VALUES (%s, %s) RETURNING id, name"


class MissionStore:
    """Reads and writes missions. Safe to use from several threads."""

    def __init__(self, pool: DatabasePool) -> None:
        self._pool = pool

    def newest(self) -> list[Mission]:
        """The missions, newest first, at most `LIST_LIMIT`."""
        with self._pool.connection() as connection:
            rows = connection.execute(_SELECT + "ORDER BY id DESC LIMIT %s", [LIST_LIMIT])
            return [Mission.model_validate(row) for row in rows]

    def get(self, mission_id: int) -> Mission:
        """One mission.

        Raises:
            NotFound: There is none with this id.
        """
        with self._pool.connection() as connection:
            row = connection.execute(_SELECT + "WHERE id = %s", [mission_id]).fetchone()
        if row is None:
            raise _no_mission(mission_id)
        return Mission.model_validate(row)

    def add(self, codename: str, created_at: datetime) -> Mission:
        """Plan a mission.

        Raises:
            Conflict: The codename is taken.
        """
        try:
            with self._pool.connection() as connection:
                row = connection.execute(_INSERT, [codename, created_at]).fetchone()
        except UniqueViolation as error:
            raise Conflict(f"The codename {codename} is taken.") from error
        return Mission.model_validate(row)

    def change_status(self, mission_id: int, status: Status) -> Mission:
        """Move a mission on.

        Raises:
            NotFound: There is none with this id.
            Conflict: It cannot go from its state to this one.
        """
        with self._pool.connection() as connection:
            current = _lock_status(connection, mission_id)
            if not current.can_become(status):
                raise Conflict(f"A mission that is {current.value} cannot become {status.value}.")
            connection.execute("UPDATE missions SET status = %s WHERE id = %s", [status.value, mission_id])
        return self.get(mission_id)

    def add_agent(self, mission_id: int, name: str) -> Agent:
        """Send an agent on a mission.

        Raises:
            NotFound: There is no mission with this id.
            Conflict: The mission is done, or has an agent of this name.
        """
        try:
            with self._pool.connection() as connection:
                if _lock_status(connection, mission_id) is Status.DONE:
                    raise Conflict("The mission is done: it takes no more agents.")
                row = connection.execute(_INSERT_AGENT, [mission_id, name]).fetchone()
        except UniqueViolation as error:
            raise Conflict(f"Mission {mission_id} has an agent {name} already.") from error
        return Agent.model_validate(row)


def _lock_status(connection: Connection[DictRow], mission_id: int) -> Status:
    """Read the status and keep it from changing until the transaction ends."""
    row = connection.execute("SELECT status FROM missions WHERE id = %s FOR UPDATE", [mission_id]).fetchone()
    if row is None:
        raise _no_mission(mission_id)
    return Status(row["status"])


def _no_mission(mission_id: int) -> NotFound:
    return NotFound(f"There is no mission {mission_id}.")
