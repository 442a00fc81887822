"""A small matrix: two attacks, and defences that only read files, so that a cell takes no time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest

from chaos_lib.attacks import codename_scrambled, env_var_missing
from chaos_lib.attacks.base import Symptom
from chaos_lib.defences.base import GREEN, DefenceContext, Verdict
from chaos_lib.defences.scope import EVERYTHING, Scope
from chaos_lib.proofs import ProofGround
from chaos_lib.settings import Tier

SPELLING = "MISSION_DATABASE_URL="
CODENAMES = "!!!"


@dataclass
class FileReader:
    """A defence that wants a text to be in a file, or not to be in it."""

    name: str
    path: str
    text: str
    is_wanted: bool = True
    title: str = "Reads a file"
    phase: str = "phase-1-tests"
    reasons: Mapping[str, str] = field(
        default_factory=lambda: {"TEXT_WRONG": "The file is not as it should be."}
    )
    looks_at: Scope = EVERYTHING
    runs: list[str] = field(default_factory=list)

    def run(self, context: DefenceContext) -> Verdict:
        self.runs.append(self.name)
        is_there = self.text in (context.workspace / self.path).read_text(encoding="utf-8")
        if is_there is self.is_wanted:
            return Verdict(self.name, GREEN, "All is well.")
        return Verdict(self.name, "TEXT_WRONG", "The file is not as it should be.", evidence=self.path)


@pytest.fixture
def variables() -> FileReader:
    return FileReader("variables", "ci.env", SPELLING)


@pytest.fixture
def codenames() -> FileReader:
    return FileReader("codenames", "src/mission_control/codenames.py", CODENAMES, is_wanted=False)


@pytest.fixture
def attacks():
    return [
        replace(
            env_var_missing.ATTACK,
            defence="variables",
            symptom=Symptom("TEXT_WRONG", r"ci\.env", deadline_s=5),
        ),
        replace(
            codename_scrambled.ATTACK,
            defence="codenames",
            symptom=Symptom("TEXT_WRONG", r"codenames", deadline_s=5),
        ),
    ]


@pytest.fixture
def ground(settings) -> ProofGround:
    return ProofGround(settings, {}, Tier.EMBEDDED)


@pytest.fixture
def results_file(tmp_path):
    return tmp_path / "results" / "cells.json"
