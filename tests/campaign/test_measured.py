"""What the gates really said: one's own pipeline beside the finished one."""

from __future__ import annotations

import pytest

from chaos_lib.campaign.measured import measure
from chaos_lib.campaign.own_pipeline import OwnPipeline, finished
from chaos_lib.campaign.rounds import in_reach
from chaos_lib.errors import AttackRefused
from chaos_lib.ui.measured_table import MeasuredTable

OWN = OwnPipeline(("settings-gate", "unit-tests", "integration-tests", "flake-detector"))


def played(against, *names):
    campaign = against(*names)
    for _ in names:
        campaign.next()
        campaign.investigate()
        campaign.roll_back()
    return campaign


@pytest.fixture(autouse=True)
def only_quick_gates(mission, gates, monkeypatch):
    """The finished pipeline of what these gates catch."""
    names = tuple(gate for gate in gates if gate != "must-fail-run")
    monkeypatch.setattr(
        "chaos_lib.campaign.measured.finished", lambda _: OwnPipeline(names, ("must-fail-run",))
    )


def test_what_was_asked_in_the_round_is_not_asked_again(mission, gates, against):
    played(against, "env_var_missing")
    before = {name: gate.runs for name, gate in gates.items()}

    matrix = measure(mission, OWN)

    assert {name: gate.runs for name, gate in gates.items()} == before
    (row,) = matrix.rows
    assert row.own.red is not None
    assert (row.own.red.gate, row.own.red.reason) == ("settings-gate", "SETTING_MISSING")
    assert row.finished == row.own
    assert matrix.gates == ("settings-gate",)


def test_what_one_s_own_pipeline_lets_through_is_asked_of_the_finished_one_and_undone(
    mission, gates, against
):
    played(against, "assertion_removed")
    before = mission.workspace.fingerprint()

    (row,) = measure(mission, OWN).rows

    assert row.own.red is None
    assert row.finished.red is not None
    assert row.finished.red.gate == "must-fail-run"
    assert gates["must-fail-run"].runs == 1
    assert gates["degraded-mode"].runs == 1
    assert mission.workspace.fingerprint() == before
    assert mission.experiment.state().runs == ()


def test_at_night_one_s_own_pipeline_is_asked_too(mission, against):
    played(against, "assertion_removed")

    (row,) = measure(mission, OwnPipeline(OWN.commit, ("must-fail-run",))).rows

    assert row.own.red is not None
    assert row.own.red.gate == "must-fail-run"


def test_a_round_that_is_open_has_no_row_and_keeps_others_from_being_measured(mission, against):
    campaign = against("assertion_removed", "codename_scrambled")
    campaign.next()
    campaign.investigate()
    assert measure(mission, OWN).rows == ()
    campaign.roll_back()
    campaign.next()
    with pytest.raises(AttackRefused) as caught:
        measure(mission, OWN)
    assert "open" in caught.value.what
    assert "chaos.heal()" in caught.value.fix


def test_the_table_says_it_in_words_and_marks(mission, against):
    played(against, "env_var_missing", "assertion_removed")

    table = MeasuredTable(measure(mission, OWN))

    assert "of 2 attacks yours caught 1, the finished one 2" in table.text
    assert "yours:    0 green, settings-gate: SETTING_MISSING" in table.text
    assert "nothing stopped it" in table.text
    assert table.html.count("✗") >= 3
    assert 'title="must-fail-run: BLIND_TESTS' in table.html
    assert 'title="must-fail-run: no such gate"' in table.html


def test_the_finished_pipeline_keeps_what_takes_minutes_for_the_night(mission):
    pipeline = finished(in_reach(mission))
    assert pipeline.commit[0] == "settings-gate"
    assert {"flake-detector", "must-fail-run"} <= set(pipeline.nightly)
    assert pipeline.uncovered(in_reach(mission)) == ()
    assert pipeline.first_out_of_order() is None
