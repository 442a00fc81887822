from __future__ import annotations

from pathlib import Path

import pytest

from chaos_lib.errors import InvalidAnswer, InvalidInput
from chaos_lib.mission_log import MissionLog
from chaos_lib.quiz import bank
from chaos_lib.quiz.paper import Paper, paper
from chaos_lib.quiz.question import Kind, Option, Question
from chaos_lib.quiz.sitting import KIND, Sitting
from chaos_lib.ui import quiz_cards
from chaos_lib.ui.quiz_panel import QuizPanel
from tests.quiz.examples import right_answer

from .fake_mission import HOSTILE

QUIZ = "phase-0-setup"
KINDS = {Kind.SINGLE: "q1", Kind.ORDER: "q2", Kind.MULTIPLE: "q4", Kind.SHORT: "q5", Kind.FAULT: "q6"}


@pytest.fixture
def log(tmp_path: Path) -> MissionLog:
    return MissionLog(tmp_path / "mission.sqlite")


@pytest.fixture
def sitting(log: MissionLog) -> Sitting:
    return Sitting(log, QUIZ, paper(QUIZ, 20))


@pytest.fixture
def panel(sitting: Sitting) -> QuizPanel:
    return QuizPanel(sitting)


def test_each_kind_has_its_form(panel: QuizPanel) -> None:
    forms = {kind: panel.views[name].form for kind, name in KINDS.items()}
    assert {kind: form.kind for kind, form in forms.items()} == {
        Kind.SINGLE: "radio", Kind.ORDER: "order", Kind.MULTIPLE: "checkbox", Kind.SHORT: "text", Kind.FAULT: "lines",
    }  # fmt: skip
    assert all(form.legend == kind.task for kind, form in forms.items())
    assert forms[Kind.MULTIPLE].tip == "Give your answer to question 4 of 8"
    assert "<code>docker system prune" in "".join(forms[Kind.MULTIPLE].labels)
    assert forms[Kind.FAULT].labels[0] == "1  set -eu"


@pytest.mark.parametrize("name", KINDS.values(), ids=[kind.value for kind in KINDS])
def test_an_answer_is_chosen_and_sent_and_explained(
    name: str, panel: QuizPanel, sitting: Sitting, log: MissionLog
) -> None:
    panel.answer(name, right_answer(sitting.paper.question(name)))
    assert [event.name for event in log.events(kind=KIND)] == [f"{QUIZ}/{name}"]
    assert sitting.is_right(name)
    latest = panel.views[name].latest
    assert latest is not None
    assert latest.word == "RIGHT"
    assert len(latest.parts) >= 1
    assert panel.here == name
    assert "1 of 8 right" in panel.text


def test_a_wrong_answer_says_why_and_does_not_give_the_right_one_away(panel: QuizPanel) -> None:
    panel.answer("q1", "delete")
    shown = panel.views["q1"].latest
    assert shown is not None
    assert (shown.word, shown.badges) == ("NOT RIGHT", ("attempt 1",))
    assert "You would have removed the one witness." in shown.text
    assert "Only from a green start" not in panel.text
    panel.answer("q1", "repair")
    assert "Only from a green start" in panel.text


def test_the_form_sends_what_is_chosen_in_the_page(panel: QuizPanel, sitting: Sitting) -> None:
    form = panel.views["q1"].form
    names = [option.id for option in sitting.paper.question("q1").options]
    # Value and press arrive together, as the page sends them.
    form.set_state({"chosen": [names.index("repair")], "presses": 1})
    assert sitting.is_right("q1")
    panel.views["q5"].form.set_state({"text": " `Git diff` ", "presses": 1})
    assert sitting.is_right("q5")


@pytest.mark.parametrize("name", ["q1", "q4", "q5", "q6"])
def test_sending_nothing_is_refused_and_not_counted(name: str, panel: QuizPanel, log: MissionLog) -> None:
    panel.views[name].form.click()
    shown = panel.views[name].latest
    assert shown is not None
    assert shown.word == "PROBLEM"
    assert log.events() == []


def test_an_order_as_it_is_shown_at_first_is_an_answer_but_never_right(
    panel: QuizPanel, sitting: Sitting
) -> None:
    panel.views["q2"].form.click()
    assert not sitting.is_right("q2")
    shown = panel.views["q2"].latest
    assert shown is not None
    assert "→" in shown.text


def test_one_question_is_shown_at_a_time_and_the_buttons_lead_to_the_others(panel: QuizPanel) -> None:
    def shown() -> list[str]:
        return [name for name, view in panel.views.items() if view.widget.layout.display != "none"]

    assert shown() == ["q1"]
    assert (panel.back.disabled, panel.next.disabled) == (True, False)
    panel.next.click()
    assert shown() == ["q2"]
    assert panel._announcer.message.startswith("Question 2 of 8. Put the steps of an exercise")
    panel.back.click()
    assert shown() == ["q1"]
    panel.go("q8")
    assert panel.next.disabled


def test_news_are_told_to_screen_readers_in_words(panel: QuizPanel) -> None:
    panel.answer("q5", "git log")
    assert panel._announcer.message.startswith("✗ NOT RIGHT")
    assert "That lists commits." in panel._announcer.message
    assert 'aria-label="Question 5: not right"' in panel._top.value
    assert 'aria-current="step"' in panel._top.value


def test_passing_shows_so_and_the_cell_to_keep(panel: QuizPanel, sitting: Sitting) -> None:
    for question in sitting.paper.questions:
        assert "QUIZ PASSED" not in panel._end.value or sitting.result().is_passed
        panel.answer(question.id, right_answer(question))
    assert "QUIZ PASSED" in panel._end.value
    assert "<details open>" in panel._end.value
    assert "chaos.answer_quiz(" in panel._end.value


def test_answers_from_a_cell_or_a_terminal_are_shown(panel: QuizPanel, log: MissionLog) -> None:
    Sitting(log, QUIZ, paper(QUIZ, 99)).answer("q6", 4)
    panel.refresh()
    view = panel.views["q6"]
    assert view.form.chosen == [3]
    assert view.latest is not None
    assert view.latest.word == "RIGHT"
    again = QuizPanel(panel.sitting)
    assert again.views["q6"].form.chosen == [3]


def test_what_is_no_answer_or_no_question_is_raised(panel: QuizPanel) -> None:
    with pytest.raises(InvalidInput, match="no question `q99`"):
        panel.answer("q99", "a")
    with pytest.raises(InvalidAnswer):
        panel.answer("q1", "omega")


@pytest.mark.parametrize("name", bank.load().names)
def test_every_quiz_can_be_shown_and_answered_to_its_end(name: str, log: MissionLog) -> None:
    sitting = Sitting(log, QUIZ, paper(name, 3))
    panel = QuizPanel(sitting)
    for question in sitting.paper.questions:
        panel.answer(question.id, right_answer(question))
    assert sitting.result().is_passed
    assert f"In a terminal: opchaos quiz {name}" in panel.text


def test_text_of_a_question_is_escaped(log: MissionLog) -> None:
    question = Question(
        id="q1", about=QUIZ, kind=Kind.FAULT, prompt=HOSTILE, snippet=HOSTILE, language="py", salt="s", keys=(), seal="",
    )  # fmt: skip
    choice = question.model_copy(
        update={"id": "q2", "kind": Kind.SINGLE, "options": (Option(id="a", text=HOSTILE),)}
    )
    panel = QuizPanel(Sitting(log, "", Paper("x", HOSTILE, 1, (question, choice), is_drawn=False)))
    html = panel.snapshot.html + panel._top.value
    for view in panel.views.values():
        html += "".join(view.form.labels) + view._head
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_a_card_of_answers_names_each_and_explains_the_wrong_ones(sitting: Sitting) -> None:
    outcomes = sitting.answer_all({"q1": "delete", "q5": "git diff"})
    text = quiz_cards.answered(sitting.result(), outcomes).text
    assert "q1 ✗   q5 ✓" in text
    assert "You would have removed the one witness." in text
    assert "6 more right answers to pass (7 of 8)" in text
