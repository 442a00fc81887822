"""One question's widgets: native inputs, so that the keyboard and screen readers work as everywhere else."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets as widgets

from chaos_lib.errors import ChaosError
from chaos_lib.quiz.answer import AND, THEN, read
from chaos_lib.quiz.judge import Outcome
from chaos_lib.quiz.question import Kind, Question
from chaos_lib.ui import cards, quiz_cards
from chaos_lib.ui.answer_form import AnswerForm
from chaos_lib.ui.card import Card, inline, paragraphs
from chaos_lib.ui.source_view import coloured

_FORMS = {
    Kind.SINGLE: "radio",
    Kind.MULTIPLE: "checkbox",
    Kind.ORDER: "order",
    Kind.FAULT: "lines",
    Kind.SHORT: "text",
}


class QuestionView:
    """A question, its inputs, its button, and what the answer led to. It decides nothing.

    Args:
        question: What is asked.
        number: Its place on the paper, from 1.
        total: Number of questions on the paper.
        on_answer: Called when the form is sent: by its button, or by Enter.

    Attributes:
        widget: What to put on the page.
        form: The inputs and their button.
        latest: The card shown last; None before the first answer.
    """

    def __init__(self, question: Question, number: int, total: int, on_answer: Callable[[], None]) -> None:
        self.question = question
        self.latest: Card | None = None
        self._number, self._total = number, total
        self.form: Any = self._made_form()
        self.form.add_class("oc-answer")
        self.form.observe(lambda _: on_answer(), "presses")
        self._feedback = widgets.HTML()
        self.widget: Any = widgets.VBox((widgets.HTML(self._head), self.form, self._feedback))

    @property
    def given(self) -> object:
        """What is chosen or typed now."""
        if self.question.kind is Kind.SHORT:
            return self.form.text
        names = [self._names[index] for index in self.form.chosen]
        return "".join(names[:1]) if self.question.kind is Kind.FAULT else names

    def choose(self, given: object) -> None:
        """Set the inputs to an answer, as a person does.

        Raises:
            InvalidAnswer: It cannot be an answer to this question.
        """
        canonical = read(self.question, given)
        if self.question.kind is Kind.SHORT:
            self.form.text = canonical
        else:
            separator = THEN if self.question.kind is Kind.ORDER else AND
            self.form.chosen = [self._names.index(name) for name in canonical.split(separator)]

    @property
    def _names(self) -> Sequence[str]:
        """What can be chosen, as it stands in an answer."""
        if self.question.kind is Kind.FAULT:
            return [str(number) for number, _ in self.question.lines]
        return [option.id for option in self.question.options]

    def show_outcome(self, outcome: Outcome) -> None:
        """Show what an answer led to."""
        self._show(quiz_cards.outcome(outcome))

    def show_error(self, error: ChaosError) -> None:
        """Show why an answer was not counted."""
        self._show(cards.error(error))

    @property
    def card(self) -> Card:
        """The question for pages without widgets."""
        return quiz_cards.question(self.question, self._number, self._total)

    @property
    def spoken(self) -> str:
        """The question for screen readers."""
        return f"Question {self._number} of {self._total}. {self.question.prompt} {self.question.kind.task}"

    def _show(self, card: Card) -> None:
        self.latest = card
        self._feedback.value = card.body

    @property
    def _head(self) -> str:
        question = self.question
        snippet = ""
        if question.snippet and question.kind is not Kind.FAULT:
            code = coloured(f"snippet.{question.language}", question.snippet)
            snippet = f'<div class="highlight"><pre class="oc-pre" tabindex="0" role="region" aria-label="Code">{code}</pre></div>'
        return (
            f'<div class="oc"><div class="oc-head"><span class="oc-name" role="heading" aria-level="4">'
            f"Question {self._number} of {self._total}</span>"
            f'<span class="oc-badges"><span class="oc-badge">{html.escape(question.id)}</span></span></div>'
            f"{paragraphs(question.prompt)}{snippet}</div>"
        )

    def _made_form(self) -> AnswerForm:
        question = self.question
        kind, labels = _FORMS[question.kind], [inline(option.text) for option in question.options]
        if question.kind is Kind.ORDER:
            labels = [option.text.replace("`", "") for option in question.options]  # a list shows no code
        elif question.kind is Kind.FAULT:
            width = len(str(question.lines[-1][0]))
            labels = [html.escape(f"{number:>{width}}  {line}") for number, line in question.lines]
        return AnswerForm(
            kind=kind,
            legend=question.kind.task,
            labels=labels,
            chosen=list(range(len(labels))) if question.kind is Kind.ORDER else [],
            tip=f"Give your answer to question {self._number} of {self._total}",
        )
