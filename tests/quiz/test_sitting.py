from __future__ import annotations

from pathlib import Path

import pytest

from chaos_lib import phases
from chaos_lib.checks.catalogue import CHECKS, judge
from chaos_lib.errors import CheckFailed, InvalidAnswer, InvalidInput, NotAnsweredYet
from chaos_lib.mission import Mission
from chaos_lib.mission_log import MissionLog
from chaos_lib.quiz import bank
from chaos_lib.quiz.paper import paper
from chaos_lib.quiz.question import Kind
from chaos_lib.quiz.sitting import KIND, Sitting, latest_seed, sit
from chaos_lib.settings import Settings

from .examples import right_answer

QUIZ = "phase-1-tests"


@pytest.fixture
def log(tmp_path: Path) -> MissionLog:
    return MissionLog(tmp_path / "mission.sqlite", now=lambda: 1000.0)


@pytest.fixture
def sitting(log: MissionLog) -> Sitting:
    return Sitting(log, QUIZ, paper(QUIZ, 20))


def answer_right(sitting: Sitting, number: int | None = None) -> None:
    for question in sitting.paper.questions[:number]:
        sitting.answer(question.id, right_answer(question))


def test_answers_are_recorded_and_judged(sitting: Sitting, log: MissionLog) -> None:
    assert not sitting.answer("q1", "refuses").is_right
    outcome = sitting.answer("q1", "silent")
    assert (outcome.is_right, outcome.attempt) == (True, 2)
    first, second = log.events(kind=KIND)
    assert (first.name, first.phase) == (f"{QUIZ}/q1", QUIZ)
    assert first.data == {"answer": "refuses", "right": False, "seed": 20, "attempt": 1}
    assert second.data["right"] is True
    result = sitting.result()
    assert (result.answered, result.right, result.right_at_once, result.attempts) == (1, 1, 0, 2)


def test_the_same_answer_again_is_no_new_attempt(sitting: Sitting, log: MissionLog) -> None:
    for _ in range(5):
        assert sitting.answer("q1", "refuses").answer == ""
    assert len(log.events(kind=KIND)) == 1


def test_the_answer_is_told_after_three_wrong_attempts(sitting: Sitting) -> None:
    told = [sitting.answer("q1", wrong).answer for wrong in ("refuses", "retry", "tests")]
    assert told == ["", "", "It starts, and looks for its database in the wrong place."]


def test_80_percent_pass_and_less_do_not(sitting: Sitting) -> None:
    assert (sitting.result().asked, sitting.result().needed) == (9, 8)
    answer_right(sitting, 7)
    assert not sitting.result().is_passed
    answer_right(sitting, 8)
    assert sitting.result().is_passed
    sitting.answer("q1", "refuses")
    assert not sitting.result().is_passed


def test_what_the_log_says_of_right_and_wrong_is_not_believed(sitting: Sitting, log: MissionLog) -> None:
    for question in sitting.paper.questions:
        log.add(QUIZ, KIND, f"{QUIZ}/{question.id}", answer="nonsense", right=True, seed=20)
    # Only a short answer can be nonsense; for the others it is no answer at all.
    assert (sitting.result().answered, sitting.result().right) == (1, 0)


def test_an_unknown_question_and_an_impossible_answer_record_nothing(
    sitting: Sitting, log: MissionLog
) -> None:
    with pytest.raises(InvalidInput, match="no question `q99`"):
        sitting.answer("q99", "a")
    with pytest.raises(InvalidAnswer):
        sitting.answer_all({"q1": "silent", "q2": "line 99"})
    with pytest.raises(NotAnsweredYet) as refusal:
        sitting.answer_all({})
    assert QUIZ in refusal.value.what
    assert log.events() == []


@pytest.mark.parametrize("name", bank.load().names)
def test_the_cell_gives_the_same_answers_in_another_mission(
    name: str, log: MissionLog, tmp_path: Path
) -> None:
    first = Sitting(log, QUIZ, paper(name, 7))
    assert first.cell == ""
    answer_right(first)
    other = MissionLog(tmp_path / "other.sqlite")
    calls: list[Sitting] = []

    class Chaos:
        """Stands for `chaos_lib` in the cell."""

        @staticmethod
        def answer_quiz(quiz: str, *, seed: int = 99, **given: object) -> None:
            calls.append(Sitting(other, QUIZ, paper(quiz, seed)))
            calls[-1].answer_all(given)

    exec(first.cell, {"chaos": Chaos})
    assert calls[0].result().right == calls[0].result().asked == len(first.paper.questions)
    assert ("seed=7" in first.cell) == (name == bank.FINAL)


def test_one_goes_on_with_the_paper_that_one_has_begun(log: MissionLog) -> None:
    final = Sitting(log, QUIZ, paper(bank.FINAL, 7))
    assert latest_seed(log, bank.FINAL, default=20) == 20
    answer_right(final, 1)
    assert sit(log, QUIZ, "final", seed=20).paper.seed == 7
    assert sit(log, QUIZ, 1, seed=20).paper.seed == 20


@pytest.mark.parametrize("name", bank.load().names)
def test_a_check_judges_the_recorded_answers(name: str, settings: Settings) -> None:
    mission = Mission(settings, phases.phase(0))
    mine = sit(mission.log, mission.phase.name, name, seed=settings.seed)
    with pytest.raises(CheckFailed) as untouched:
        judge(f"quiz.{name}", mission)
    asked, needed = mine.result().asked, mine.result().needed
    assert untouched.value.found == f"0 of {asked} right; {asked} not answered"
    assert untouched.value.expected == f"{needed} of {asked} or more: 80 %"
    assert f'chaos.take_quiz("{name}")' in untouched.value.next_step
    answer_right(mine, needed)
    assert judge(f"quiz.{name}", mission) is CHECKS[f"quiz.{name}"]


def test_a_check_names_what_is_not_right(settings: Settings) -> None:
    mission = Mission(settings, phases.phase(0))
    mine = sit(mission.log, mission.phase.name, QUIZ, seed=settings.seed)
    mine.answer("q3", "secure")
    with pytest.raises(CheckFailed) as refusal:
        judge(f"quiz.{QUIZ}", mission)
    assert refusal.value.found == "0 of 9 right; not right: q3; 8 not answered"
    assert mine.paper.question("q3").kind is Kind.SINGLE
