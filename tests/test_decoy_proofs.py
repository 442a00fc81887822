"""A decoy is proved, too: it must be quiet and touch nothing, and no other attack gets off so lightly."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from chaos_lib.attacks import catalogue, codename_scrambled, nothing_is_broken
from chaos_lib.defences import catalogue as defences
from chaos_lib.defences.base import GREEN, Verdict
from chaos_lib.errors import SymptomMissing
from chaos_lib.proofs import DECOY_STATES, STATES, Proof, ProofFailed, ProofGround, states_of
from chaos_lib.settings import Tier

DECOY = nothing_is_broken.ATTACK


@dataclass
class Saying:
    """A gate that says what it is told."""

    reason: str = GREEN
    phase: str = "phase-5-final"
    asked: list[str] = field(default_factory=list)

    def run(self, context):
        self.asked.append("run")
        return Verdict(
            "triage", self.reason, "All 3 gates are green." if self.reason == GREEN else "One is not."
        )


@pytest.fixture
def triage(monkeypatch):
    saying = Saying()
    monkeypatch.setitem(defences.DEFENCES, "triage", saying)
    return saying


@pytest.fixture
def ground(settings):
    return ProofGround(settings, {}, Tier.EMBEDDED)


def test_every_attack_but_a_decoy_is_proved_in_four_states():
    for attack in catalogue.load().values():
        assert states_of(attack) == (DECOY_STATES if attack.is_decoy else STATES)
    assert len(STATES) == 4


def test_a_decoy_that_is_quiet_and_touches_nothing_passes(ground, triage):
    assert Proof(DECOY, ground).launched_is_green().is_green
    assert triage.asked == ["run"]
    assert ground.experiment.state().runs == ()


def test_a_decoy_that_writes_is_none(ground, triage):
    writing = replace(DECOY, inject=codename_scrambled.inject)

    with pytest.raises(ProofFailed, match="touches something") as caught:
        Proof(writing, ground).launched_is_green()
    assert "codenames.py" in caught.value.evidence
    assert caught.value.fix
    assert ground.experiment.state().runs == ()


def test_a_gate_that_barks_at_a_decoy_is_named(ground, triage):
    triage.reason = "ONE_LAYER_RED"

    with pytest.raises(SymptomMissing, match="`triage` is not quiet") as caught:
        Proof(DECOY, ground).launched_is_green()
    assert "ONE_LAYER_RED" in caught.value.evidence
    assert "OK" in caught.value.fix


def test_an_attack_that_does_nothing_still_fails_its_proof(ground, triage):
    idle = replace(codename_scrambled.ATTACK, inject=nothing_is_broken.inject)

    with pytest.raises(ProofFailed, match="changes nothing"):
        Proof(idle, ground).undone_is_identical()
