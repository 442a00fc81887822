"""The matrix as one JSON text, for the notebooks, the site and other programs."""

from __future__ import annotations

import json

from chaos_lib.matrix.grid import CLEAN, Cell, Matrix, Outcome, Source


def to_json(matrix: Matrix) -> str:
    """Return the matrix as JSON; each attack, defence and cell is a line.

    Its keys: `statement`, `holds`, `problems`, `tier`, `elapsed_s`, `outcomes` (how many cells of each), `sources` (how many
    were measured, derived and audited), `attacks`, `defences`, and `cells`, one object each with `attack` (null on the clean
    project), `defence`, `outcome`, `source`, `reason`, `summary` and `elapsed_s`; the last two only where it was run.
    """
    head = {
        "statement": matrix.statement,
        "holds": not matrix.problems,
        "problems": list(matrix.problems),
        "tier": matrix.tier.value,
        "elapsed_s": round(matrix.elapsed_s, 3),
        "outcomes": {outcome.value: matrix.count(outcome) for outcome in Outcome},
        "sources": {source.value: matrix.count_source(source) for source in Source},
    }
    attacks: list[dict[str, object]] = [
        {"name": a.name, "title": a.title, "phase": a.phase, "defence": a.defence, "is_decoy": a.is_decoy}
        for a in matrix.attacks
    ]
    defences: list[dict[str, object]] = [
        {"name": d.name, "title": d.title, "phase": d.phase} for d in matrix.defences
    ]
    lists: dict[str, list[dict[str, object]]] = {
        "attacks": attacks,
        "defences": defences,
        "cells": [_cell(matrix, cell) for cell in matrix.cells],
    }
    parts = [f" {_text(name)}: {_text(value)}" for name, value in head.items()]
    for name, rows in lists.items():
        lines = ",\n".join(f"  {_text(row)}" for row in rows)
        parts.append(f" {_text(name)}: [\n{lines}\n ]")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _cell(matrix: Matrix, cell: Cell) -> dict[str, object]:
    found: dict[str, object] = {
        "attack": None if cell.attack == CLEAN else cell.attack,
        "defence": cell.defence,
        "outcome": matrix.outcome(cell.attack, cell.defence).value,
        "source": cell.source.value,
        "reason": cell.reason,
    }
    if cell.source is not Source.DERIVED:
        found |= {"summary": cell.summary, "elapsed_s": cell.elapsed_s}
    return found


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
