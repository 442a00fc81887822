"""The append-only events of a mission, in SQLite."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from chaos_lib import sqlite_file

_WHAT = "mission log"

Kind = Literal[
    "phase_started",
    "phase_finished",
    "tier",
    "attack_launched",
    "symptom_seen",
    "attack_caught",
    "attack_undone",
    "attempt",
    "hint_taken",
    "check_passed",
    "check_failed",
    "guard_refused",
    "quiz_answered",
    "offensive_started",
    "offensive_finished",
    "steady_state",
    "gates_run",
    "healthy_reported",
    "attack_proved",
    "experiment_run",
]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS event (
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    phase TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    data TEXT NOT NULL
)
"""


@dataclass(frozen=True)
class Event:
    """Something that happened.

    Attributes:
        at: Seconds since the epoch.
        phase: The phase it belongs to; empty outside one.
        kind: What sort of event.
        name: Of what: an attack, a check, a facility, a hint.
        data: Details, JSON values.
    """

    at: float
    phase: str
    kind: str
    name: str
    data: Mapping[str, Any] = field(default_factory=dict)


class MissionLog:
    """The log of one mission.

    Args:
        path: The SQLite file; made at first use.
        now: Returns seconds since the epoch.
    """

    def __init__(self, path: Path, *, now: Callable[[], float] = time.time) -> None:
        self.path = path
        self._now = now

    def add(self, phase: str, kind: Kind, name: str, **data: Any) -> None:
        """Append an event; it is on the disk when the call returns.

        Raises:
            DiskFull: There is no room for it.
            LabBusy: Another process held the log for ten seconds.
            JournalDamaged: The file is no mission log.
        """
        with self._connection() as connection:
            connection.execute(
                "INSERT INTO event (at, phase, kind, name, data) VALUES (?, ?, ?, ?, ?)",
                (self._now(), phase, kind, name, json.dumps(data)),
            )

    def events(self, *, phase: str | None = None, kind: Kind | None = None) -> Sequence[Event]:
        """Return the events, oldest first, of one phase or kind when named.

        Raises:
            JournalDamaged: The file is no mission log.
        """
        if not self.path.exists():
            return []
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT at, phase, kind, name, data FROM event"
                " WHERE (?1 IS NULL OR phase = ?1) AND (?2 IS NULL OR kind = ?2) ORDER BY id",
                (phase, kind),
            ).fetchall()
        try:
            return [
                Event(at, in_phase, what, name, json.loads(data)) for at, in_phase, what, name, data in rows
            ]
        except ValueError as exc:
            raise sqlite_file.told(self.path, exc, what=_WHAT) from exc

    def _connection(self) -> AbstractContextManager[sqlite3.Connection]:
        return sqlite_file.transaction(self.path, _SCHEMA, what=_WHAT)
