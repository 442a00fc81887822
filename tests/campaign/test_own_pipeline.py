"""A pipeline of one's own: read, ordered, and held against the attacks."""

from __future__ import annotations

import pytest

from chaos_lib.attacks import env_var_missing, nothing_is_broken, three_at_once
from chaos_lib.attacks import test_races_database as races_database
from chaos_lib.campaign.coverage import coverage
from chaos_lib.campaign.draw import draw
from chaos_lib.campaign.own_pipeline import FILE, OwnPipeline, Stage, read
from chaos_lib.campaign.rounds import Campaign, in_reach
from chaos_lib.errors import InvalidAnswer, NotAnsweredYet
from chaos_lib.ui.coverage_table import CoverageTable

OWN = OwnPipeline(("settings-gate", "unit-tests"), ("flake-detector",))


def written(folder, text):
    (folder / FILE).write_text(text, encoding="utf-8")
    return folder


def test_it_is_read_in_order(tmp_path):
    text = "commit:\n  - settings-gate\n  - unit-tests\nnightly:\n  - flake-detector\n"
    assert read(written(tmp_path, text)) == OWN


def test_one_that_is_not_there_is_asked_for(tmp_path):
    with pytest.raises(NotAnsweredYet) as caught:
        read(tmp_path)
    assert FILE in caught.value.what
    assert "%%answer pipeline.yaml" in caught.value.fix


@pytest.mark.parametrize(
    ("text", "what", "hint"),
    [
        ("commit: [setings-gate]\n", "There is no gate `setings-gate`.", "`settings-gate`"),
        ("commit: [triage]\n", "There is no gate `triage`.", ""),
        ("commit: [unit-tests]\nnightly: [unit-tests]\n", "names a gate twice", "once"),
        ("commit: []\n", "has no gate for a commit", ""),
        ("- unit-tests\n", "is no pipeline", "commit:"),
        ("commit: [unit-tests]\nweekly: []\n", "is no pipeline", "nightly:"),
        ("commit: [\n", "is no pipeline", ""),
    ],
)
def test_what_is_no_pipeline_is_refused_with_the_reason(tmp_path, text, what, hint):
    with pytest.raises(InvalidAnswer) as caught:
        read(written(tmp_path, text))
    assert what in caught.value.what
    assert hint in caught.value.fix


def test_a_cheap_gate_after_a_dear_one_is_out_of_order():
    assert OWN.first_out_of_order() is None
    assert OwnPipeline(("unit-tests", "settings-gate")).first_out_of_order() == (
        "unit-tests",
        "settings-gate",
    )
    wrong = OwnPipeline(("settings-gate", "image-build", "unit-tests"))
    assert wrong.first_out_of_order() == ("image-build", "unit-tests")


def test_an_attack_is_covered_by_the_earliest_gate_that_must_catch_it():
    assert OWN.stage_of(env_var_missing.ATTACK) is Stage.COMMIT
    assert OWN.stage_of(races_database.ATTACK) is Stage.NIGHTLY
    # Three faults: one of their gates is enough to turn red.
    assert OWN.stage_of(three_at_once.ATTACK) is Stage.COMMIT
    assert OwnPipeline(()).stage_of(three_at_once.ATTACK) is Stage.NEVER
    assert OWN.uncovered([env_var_missing.ATTACK, nothing_is_broken.ATTACK]) == ()


def test_the_offensive_attacks_the_gates_that_it_is_given_and_the_matrix_tells_what_slipped_through(mission):
    draws = {seed: draw(in_reach(mission), seed=seed, count=1)[0] for seed in range(1, 40)}
    seed, drawn = next((n, each.name) for n, each in draws.items() if each.defence == "frozen-clock")
    other = "degraded-mode"
    campaign = Campaign.begin(mission, seed=seed, count=1, gates=[other])
    assert campaign.story.gates == (other,)
    campaign.next()
    hidden = {row.attack.name: row.seen for row in coverage(mission, OwnPipeline((other,)))}
    assert hidden[drawn] == ""
    campaign.investigate()
    campaign.report_healthy()

    rows = coverage(mission, OwnPipeline((other,)))

    row = next(row for row in rows if row.attack.name == drawn)
    assert (row.stage, row.seen) == (Stage.NEVER, "slipped through")
    assert "nothing_is_broken" not in {row.attack.name for row in rows}
    table = CoverageTable(rows)
    for shown in (table.text, table.html):
        assert "slipped through" in shown
        assert "✗ never" in shown


def test_what_needs_a_facility_that_the_phase_does_not_have_is_out_of_reach(mission):
    assert {mission.facility_for(attack) for attack in in_reach(mission)} <= set(mission.phase.facilities)
