"""The quiz through the functions that notebooks call."""

from __future__ import annotations

import pytest

import chaos_lib as chaos
from chaos_lib import phases
from chaos_lib.errors import CheckFailed, InvalidAnswer, InvalidInput, NotAnsweredYet
from chaos_lib.mission import Mission
from chaos_lib.notebook import session
from chaos_lib.quiz.paper import paper
from chaos_lib.settings import Settings

from .examples import right_answer


@pytest.fixture(autouse=True)
def mission(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Mission:
    opened = Mission(settings, phases.phase(0))
    monkeypatch.setattr(session, "_current", [opened])
    return opened


def test_a_quiz_is_taken_answered_checked_and_taken_home(
    mission: Mission, capsys: pytest.CaptureFixture[str]
) -> None:
    panel = chaos.take_quiz("phase-2")
    with pytest.raises(CheckFailed):
        chaos.check("quiz.phase-2-docker")
    right = {question.id: right_answer(question) for question in paper("phase-2", 20).questions}
    chaos.answer_quiz("phase-2-docker", **right)
    assert "9 of 9 right" in panel.text
    chaos.check("quiz.phase-2-docker")
    chaos.review_quiz()
    assert (mission.settings.home / "quiz-review.html").is_file()
    shown = capsys.readouterr()
    assert shown.err == ""
    assert "quiz-review.html" in shown.out


def test_a_final_of_another_seed_is_another_one_and_goes_on_with_the_one_begun() -> None:
    first = chaos.take_quiz("final", seed=3)
    name = first.here
    first.answer(name, right_answer(first.sitting.paper.question(name)))
    assert list(chaos.take_quiz("final").views) == list(first.views)
    assert list(chaos.take_quiz("final", seed=4).views) != list(first.views)
    chaos.answer_quiz("final", **{name: right_answer(first.sitting.paper.question(name))})


def test_an_answer_that_cannot_be_ends_the_cell_and_counts_nothing(mission: Mission) -> None:
    with pytest.raises(NotAnsweredYet):
        chaos.answer_quiz("phase-1-tests")
    with pytest.raises(InvalidAnswer):
        chaos.answer_quiz("phase-1-tests", q1="omega")
    with pytest.raises(InvalidInput, match="no question `q77`"):
        chaos.answer_quiz("phase-1-tests", q77="a")
    with pytest.raises(InvalidInput, match="no quiz"):
        chaos.take_quiz("phase-8")
    assert mission.log.events() == []
