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
from chaos_lib.ui.card import Card, inline, paragraphs
from chaos_lib.ui.source_view import coloured

_PLACES = ("1st", "2nd", "3rd", "4th", "5th", "6th")


class QuestionView:
    """A question, its inputs, its button, and what the answer led to. It decides nothing.

    Args:
        question: What is asked.
        number: Its place on the paper, from 1.
        total: Number of questions on the paper.
        on_answer: Called when the button is pressed, or Enter in a text field.

    Attributes:
        widget: What to put on the page.
        button: The real button.
        latest: The card shown last; None before the first answer.
    """

    def __init__(self, question: Question, number: int, total: int, on_answer: Callable[[], None]) -> None:
        self.question = question
        self.latest: Card | None = None
        self._number, self._total = number, total
        self._inputs: Sequence[Any] = self._made_inputs(on_answer)
        self._is_swapping = False
        self.button: Any = widgets.Button(
            description="Answer", tooltip=f"Give your answer to question {number} of {total}"
        )
        self.button.add_class("oc-btn")
        self.button.add_class("oc-main")
        self.button.on_click(lambda _: on_answer())
        self._feedback = widgets.HTML()
        answer = widgets.VBox(tuple(self._inputs))
        answer.add_class("oc-answer")
        if question.kind is Kind.FAULT:
            answer.add_class("oc-lines")
        row = widgets.Box((self.button,))
        row.add_class("oc-buttons")
        self.widget: Any = widgets.VBox((widgets.HTML(self._head), answer, row, self._feedback))

    @property
    def given(self) -> object:
        """What is chosen or typed now."""
        kind, inputs = self.question.kind, self._inputs
        if kind is Kind.MULTIPLE:
            return [option.id for option, box in zip(self.question.options, inputs, strict=True) if box.value]
        if kind is Kind.ORDER:
            return [dropdown.value for dropdown in inputs]
        return inputs[0].value if inputs[0].value is not None else ""

    def choose(self, given: object) -> None:
        """Set the inputs to an answer, as a person does.

        Raises:
            InvalidAnswer: It cannot be an answer to this question.
        """
        canonical = read(self.question, given)
        if self.question.kind is Kind.MULTIPLE:
            chosen = canonical.split(AND)
            for option, box in zip(self.question.options, self._inputs, strict=True):
                box.value = option.id in chosen
        elif self.question.kind is Kind.ORDER:
            for dropdown, name in zip(self._inputs, canonical.split(THEN), strict=True):
                dropdown.value = name
        elif self.question.kind is Kind.FAULT:
            self._inputs[0].value = int(canonical)
        else:
            self._inputs[0].value = canonical

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
            f'{paragraphs(question.prompt)}{snippet}<div class="oc-label">{html.escape(question.kind.task)}</div></div>'
        )

    def _made_inputs(self, on_answer: Callable[[], None]) -> Sequence[Any]:
        question = self.question
        if question.kind is Kind.MULTIPLE:
            return [
                widgets.Checkbox(description=inline(option.text), description_allow_html=True, indent=False)
                for option in question.options
            ]
        if question.kind is Kind.ORDER:
            return self._made_dropdowns()
        if question.kind is Kind.SHORT:
            text = widgets.Text(description="Your answer", style={"description_width": "initial"})
            text.on_msg(lambda _, content, __: on_answer() if content.get("event") == "submit" else None)
            return [text]
        if question.kind is Kind.FAULT:
            width = len(str(question.lines[-1][0]))
            lines = [(f"{number:>{width}}  {line}", number) for number, line in question.lines]
            return [widgets.RadioButtons(options=lines, value=None)]
        return [
            widgets.RadioButtons(
                options=[(_plain(option.text), option.id) for option in question.options], value=None
            )
        ]

    def _made_dropdowns(self) -> Sequence[Any]:
        options = [(_plain(option.text), option.id) for option in self.question.options]
        made = [
            widgets.Dropdown(options=options, value=name, description=place)
            for place, (_, name) in zip(_PLACES, options, strict=False)
        ]
        for dropdown in made:
            dropdown.observe(self._swap, "value")
        return made

    def _swap(self, change: Any) -> None:
        """Give what stood here to the place that held what is here now: each item stays there exactly once."""
        if self._is_swapping:
            return
        self._is_swapping = True
        try:
            for dropdown in self._inputs:
                if dropdown is not change["owner"] and dropdown.value == change["new"]:
                    dropdown.value = change["old"]
        finally:
            self._is_swapping = False


def _plain(text: str) -> str:
    """Return text for inputs that show no code."""
    return text.replace("`", "")
