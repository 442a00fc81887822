"""The quiz in a notebook: one question at a time. No logic: an answer is one call to the sitting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ipywidgets as widgets
from IPython.display import display

from chaos_lib.errors import ChaosError, InvalidInput
from chaos_lib.quiz.sitting import Sitting
from chaos_lib.ui import live, quiz_cards, quiz_style
from chaos_lib.ui.announcer import Announcer
from chaos_lib.ui.card import inline
from chaos_lib.ui.page import Living, Snapshot
from chaos_lib.ui.quiz_question import QuestionView
from chaos_lib.ui.theme import STYLE


class QuizPanel(Living):
    """A quiz for JupyterLab; shows as plain text where there are no widgets.

    Args:
        sitting: Judges and records.

    Attributes:
        widget: The ipywidgets container.
        views: The questions, by id.
        here: The id of the question that is shown.
    """

    def __init__(self, sitting: Sitting) -> None:
        super().__init__()
        self.sitting = sitting
        questions = sitting.paper.questions
        self.views: Mapping[str, QuestionView] = {
            each.id: QuestionView(each, number, len(questions), lambda name=each.id: self._on_answer(name))  # type: ignore[misc]
            for number, each in enumerate(questions, start=1)
        }
        self.here = questions[0].id
        self._errors: dict[str, ChaosError] = {}
        self._known: dict[str, str] = {}
        self._top = widgets.HTML()
        self._end = widgets.HTML()
        self._announcer = Announcer()
        self.back: Any = _button("Back", "Go to the question before")
        self.next: Any = _button("Next", "Go to the next question")
        self.back.on_click(lambda _: self._step(-1))
        self.next.on_click(lambda _: self._step(1))
        moves = widgets.Box((self.back, self.next))
        moves.add_class("oc-buttons")
        shown = [view.widget for view in self.views.values()]
        frame = widgets.VBox((self._top, *shown, moves, self._end))
        frame.add_class("oc-attack")
        self.widget: Any = widgets.VBox((widgets.HTML(STYLE + quiz_style.STYLE), frame, self._announcer))
        self.widget.add_class("oc-panel")
        self.widget.add_class("oc-quiz")
        self.refresh()
        live.watch(self)

    def answer(self, name: str, given: object) -> None:
        """Answer a question as a person does: go there, choose, press the button; then show what came of it.

        Args:
            name: The question's id.
            given: As in `chaos.answer_quiz`.

        Raises:
            InvalidInput: There is no such question.
            InvalidAnswer: It cannot be an answer to it.
        """
        self.sitting.paper.question(name)
        view = self.views[name]
        self.go(name)
        view.choose(given)
        view.form.click()
        if name in self._errors:
            raise self._errors[name]
        display(view.latest)

    def go(self, name: str) -> None:
        """Show a question."""
        self.here = name
        self.refresh()

    def refresh(self) -> None:
        """Show where the person stands."""
        result = self.sitting.result()
        for name in self.sitting.latest():
            self._show_latest(name)
        names = list(self.views)
        for name, view in self.views.items():
            view.widget.layout.display = None if name == self.here else "none"
        self.back.disabled = self.here == names[0]
        self.next.disabled = self.here == names[-1]
        self._top.value = self._overview()
        cell = self.sitting.cell
        kept = (
            f'<div class="oc"><details{" open" * (result.answered == result.asked)}>'
            f"<summary>Your answers as a cell</summary>{quiz_cards.keep(cell).body}</details></div>"
        )
        self._end.value = quiz_cards.result(result).body + kept if cell else ""
        self.renew_snapshot()

    @property
    def snapshot(self) -> Snapshot:
        """Every question, with what the latest answers led to."""
        shown = []
        for view in self.views.values():
            shown.append(view.card)
            if view.latest is not None:
                shown.append(view.latest)
        shown.append(quiz_cards.result(self.sitting.result()))
        how = f"In a terminal: opchaos quiz {self.sitting.paper.quiz}"
        return Snapshot(
            STYLE + "".join(card.body for card in shown), "\n\n".join([*(card.text for card in shown), how])
        )

    def _on_answer(self, name: str) -> None:
        view = self.views[name]
        self._errors.pop(name, None)
        try:
            outcome = self.sitting.answer(name, view.given)
        except ChaosError as exc:
            self._errors[name] = exc
            view.show_error(exc)
            self._say(f"{exc.what} {exc.fix}")
            return
        self._known[name] = self.sitting.latest()[name]
        view.show_outcome(outcome)
        assert view.latest is not None
        self._say(view.latest.text)
        live.refresh_all(QuizPanel)

    def _show_latest(self, name: str) -> None:
        """Show what the mission knows of a question: it may have been answered in a cell or a terminal."""
        answer = self.sitting.latest()[name]
        outcome = self.sitting.outcome(name)
        if outcome is None or answer == self._known.get(name):
            return
        self._known[name] = answer
        self.views[name].choose(answer)
        self.views[name].show_outcome(outcome)

    def _step(self, by: int) -> None:
        names = list(self.views)
        place = names.index(self.here) + by
        if not 0 <= place < len(names):
            raise InvalidInput("There is no further question.", fix="Go the other way.")
        self.go(names[place])
        self._say(self.views[self.here].spoken)

    def _overview(self) -> str:
        dots = []
        for number, name in enumerate(self.views, start=1):
            outcome = self.sitting.outcome(name)
            mark, word, css = ("○", "open", "")
            if outcome is not None:
                mark, word, css = (
                    ("✓", "right", " oc-good") if outcome.is_right else ("✗", "not right", " oc-note")
                )
            here = ' aria-current="step"' if name == self.here else ""
            dots.append(
                f'<li class="oc-dot{css}{" oc-here" * (name == self.here)}"{here} aria-label="Question {number}: {word}">'
                f"{number} {mark}</li>"
            )
        title = _title(self.sitting)
        return (
            f'<div class="oc">{title}<ol class="oc-dots" aria-label="Your answers">{"".join(dots)}</ol></div>'
        )

    def _say(self, message: str) -> None:
        self._announcer.message = message


def _title(sitting: Sitting) -> str:
    result = sitting.result()
    facts = (f"{result.right} of {result.asked} right", f"{result.needed} to pass")
    badges = "".join(f'<span class="oc-badge">{fact}</span>' for fact in facts)
    return (
        f'<div class="oc-head"><span class="oc-name" role="heading" aria-level="3">{inline(result.title)}</span>'
        f'<span class="oc-badges">{badges}</span></div>'
    )


def _button(label: str, tooltip: str) -> Any:
    made = widgets.Button(description=label, tooltip=tooltip)
    made.add_class("oc-btn")
    return made
