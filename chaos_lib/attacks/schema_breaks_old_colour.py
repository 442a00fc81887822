"""A migration renames a column that the colour still serving reads: the new version is fine, the old one answers 500."""

from __future__ import annotations

from chaos_lib.attacks.base import Attack, Difficulty, Symptom
from chaos_lib.attacks.hands import Hands, Injector

_STORE = "src/mission_control/missions.py"
_MIGRATION = "src/mission_control/migrations/0003_callsign.sql"
_RENAME = "ALTER TABLE missions RENAME COLUMN codename TO callsign;\n"
# The old column stays and is what everybody writes; the new one follows it.
_EXPAND = "ALTER TABLE missions ADD COLUMN callsign text GENERATED ALWAYS AS (codename) STORED;\n"
_READS = (
    ("SELECT id, codename, status", "SELECT id, callsign AS codename, status"),
    ("RETURNING id, codename, status", "RETURNING id, callsign AS codename, status"),
)
_WRITE = ("INSERT INTO missions (codename,", "INSERT INTO missions (callsign,")


def inject(target: Injector) -> None:
    """Rename the column, and let the new version know of it."""
    target.workspace.add(_MIGRATION, _RENAME)
    for old, new in (*_READS, _WRITE):
        target.workspace.substitute(_STORE, old, new)


def solve(hands: Hands) -> None:
    """Expand instead: both columns are there until the old colour has gone."""
    hands.write(_MIGRATION, _EXPAND)
    hands.edit(_STORE, _WRITE[1], _WRITE[0])


ATTACK = Attack(
    name="schema_breaks_old_colour",
    title="A rose by any other name",
    emoji="🌹",
    phase="phase-5-final",
    difficulty=Difficulty.ADVANCED,
    minutes=8,
    is_core=False,
    story="Codename? How dull. I call it callsign. The new version loves it, all its tests are green! The old one? Who asks the old one?",
    defence="schema-contract",
    symptom=Symptom("OLD_COLOUR_BROKEN", r"old colour: GET /missions: 500", deadline_s=90.0),
    command="psql -f src/mission_control/migrations/0003_callsign.sql && curl -i localhost:8000/missions  # ask the OLD version",
    hints=(
        "All tests are green, and they are right: the new version works. Who else uses this database while you deploy?",
        "In blue/green both colours run against one Postgres. Blue still sends the SQL of yesterday.",
        "A column that somebody reads must not be renamed or dropped in one step. Expand first, contract a release later.",
        "Keep `codename`, and add the new column beside it: "
        "`ADD COLUMN callsign text GENERATED ALWAYS AS (codename) STORED`; write the old one.",
    ),
    debrief=(
        "A database has no colours. From the moment at which green migrates until blue is gone, two versions use one schema, "
        "and a rollback makes that time long. A rename, a drop, a new NOT NULL breaks the one that still serves: 500s from "
        "one colour only, and no test of the new version can see them. The cure is expand and contract: add what is new, "
        "let both versions live with it, move the data, and remove the old part when nobody reads it any more. This class "
        "of incident is the backward incompatible migration; the gate runs the version before against the schema of the next."
    ),
    inject=inject,
    solve=solve,
)
