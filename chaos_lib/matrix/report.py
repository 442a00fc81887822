"""The matrix as one JSON text, for the notebooks, the site and other programs."""

from __future__ import annotations

import json

from chaos_lib.matrix.grid import CLEAN, Matrix, Outcome


def to_json(matrix: Matrix) -> str:
    """Return the matrix as JSON.

    Its keys: `statement`, `holds`, `problems`, `tier`, `elapsed_s`, `outcomes` (how many cells of each), `attacks`,
    `defences`, and `cells`, one object each with `attack` (null on the clean project), `defence`, `outcome`, `reason`,
    `summary` and `elapsed_s`.
    """
    report = {
        "statement": matrix.statement,
        "holds": not matrix.problems,
        "problems": list(matrix.problems),
        "tier": matrix.tier.value,
        "elapsed_s": round(matrix.elapsed_s, 3),
        "outcomes": {outcome.value: matrix.count(outcome) for outcome in Outcome},
        "attacks": [
            {"name": a.name, "title": a.title, "phase": a.phase, "defence": a.defence} for a in matrix.attacks
        ],
        "defences": [{"name": d.name, "title": d.title, "phase": d.phase} for d in matrix.defences],
        "cells": [
            {
                "attack": None if cell.attack == CLEAN else cell.attack,
                "defence": cell.defence,
                "outcome": matrix.outcome(cell.attack, cell.defence).value,
                "reason": cell.reason,
                "summary": cell.summary,
                "elapsed_s": cell.elapsed_s,
            }
            for cell in matrix.cells
        ],
    }
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"
