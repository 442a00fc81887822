from __future__ import annotations

from dataclasses import dataclass

import pytest

from chaos_lib.attacks.three_at_once import ATTACK, PARTS
from chaos_lib.defences.base import GREEN, Verdict
from chaos_lib.defences.triage import LAYERS, Triage
from chaos_lib.errors import ToolMissing


@dataclass
class Layer:
    name: str
    reason: str = GREEN
    is_broken: bool = False

    def run(self, context):
        if self.is_broken:
            raise ToolMissing("The tool is gone.", evidence="not on PATH", fix="Install it.")
        return Verdict(self.name, self.reason, f"{self.name} speaks.", "seen", "do this", f"run {self.name}")


def judged(project, *layers):
    return Triage(layers).run(project())


def test_all_green_is_green_and_says_how_many_were_asked(project):
    verdict = judged(project, Layer("settings"), Layer("services"), Layer("tests"))

    assert verdict.is_green
    assert verdict.summary == "All 3 gates are green, from settings to tests."
    assert verdict.command == "run settings && run services && run tests"


def test_the_first_red_layer_is_told_and_those_behind_it_only_counted(project):
    verdict = judged(
        project, Layer("settings"), Layer("services", "GONE"), Layer("tests", "BLIND"), Layer("image", "FAT")
    )

    assert verdict.reason == "SEVERAL_LAYERS_RED"
    assert "first red gate is services (GONE); 2 more are red behind it" in verdict.summary
    assert "seen" in verdict.evidence
    assert "fix one, the next shows" in verdict.remedy
    for hidden in ("tests", "BLIND", "image", "FAT"):
        assert hidden not in verdict.summary + verdict.evidence + verdict.remedy
    assert dict(verdict.numbers) == {"layers": 4, "red": 3, "behind": 2}


def test_the_last_red_layer_hides_nothing(project):
    verdict = judged(project, Layer("settings"), Layer("tests", "BLIND"))

    assert verdict.reason == "ONE_LAYER_RED"
    assert "no other is red" in verdict.summary
    assert verdict.remedy == "do this"


def test_one_hidden_layer_is_counted_in_good_english(project):
    assert "1 more is red behind it" in judged(project, Layer("a", "X"), Layer("b", "Y")).summary


def test_a_gate_that_cannot_work_is_red_and_the_others_are_asked_all_the_same(project):
    verdict = judged(project, Layer("settings", is_broken=True), Layer("tests", "BLIND"))

    assert "settings (DEFENCE_BROKEN); 1 more" in verdict.summary
    assert "not on PATH" in verdict.evidence
    assert "Install it." in verdict.remedy


def test_each_part_of_the_triple_attack_has_its_layer_in_the_same_order():
    assert [part.defence for part in PARTS] == [gate.name for gate in LAYERS]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_the_triple_attack_happens_wherever_each_of_its_parts_does(part):
    assert set(ATTACK.tiers) <= set(part.tiers)
