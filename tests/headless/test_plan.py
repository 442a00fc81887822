from __future__ import annotations

import pytest

from chaos_lib.errors import InvalidInput, UnknownPhase

from .small_workshop import Workshop, code


def test_notebooks_are_played_in_the_order_of_the_phases_given(workshop: Workshop) -> None:
    for phase in ("wrap-up", "phase-0-setup", "phase-1-tests"):
        workshop.add(phase, [code("1")])
    assert [n.phase for n in workshop.plan().notebooks] == ["phase-0-setup", "phase-1-tests", "wrap-up"]
    given = workshop.plan(phases=["wrap-up", "phase-0-setup"])
    assert [n.phase for n in given.notebooks] == ["wrap-up", "phase-0-setup"]


def test_other_notebooks_in_a_phase_folder_are_left_alone(workshop: Workshop) -> None:
    path = workshop.add("phase-0-setup", [code("1")])
    path.with_name("scratch.ipynb").write_text("{}", encoding="utf-8")
    assert [n.path for n in workshop.plan().notebooks] == [path]


def test_an_unknown_phase_is_refused_with_the_nearest_name(workshop: Workshop) -> None:
    workshop.add("phase-1-tests", [code("1")])
    with pytest.raises(UnknownPhase) as raised:
        workshop.plan(only=["phase-1-test"])
    assert "phase-1-test`" in raised.value.what
    assert "phase-1-tests" in raised.value.evidence
    assert raised.value.fix == "Did you mean `phase-1-tests`?"


def test_a_workshop_without_notebooks_is_refused(workshop: Workshop) -> None:
    with pytest.raises(InvalidInput) as raised:
        workshop.plan()
    assert "no notebook" in raised.value.what
    assert str(workshop.settings.notebooks) in raised.value.evidence
    assert "OPCHAOS_REPOSITORY" in raised.value.fix


@pytest.mark.parametrize("limit_s", [0.0, -1.0, float("nan")])
def test_a_time_limit_that_is_no_positive_number_is_refused(workshop: Workshop, limit_s: float) -> None:
    workshop.add("phase-0-setup", [code("1")])
    with pytest.raises(InvalidInput, match="more than 0 seconds"):
        workshop.plan(cell_timeout_s=limit_s)
