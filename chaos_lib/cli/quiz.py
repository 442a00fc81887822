"""`opchaos quiz`: the quizzes in a terminal."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.text import Text

from chaos_lib.cli import card_view
from chaos_lib.cli.failures import EXIT_FAILED
from chaos_lib.cli.lazy import command
from chaos_lib.cli.missions import open_mission
from chaos_lib.cli.screen import say, table
from chaos_lib.cli.session import Session, begin
from chaos_lib.errors import InvalidAnswer
from chaos_lib.mission import Mission
from chaos_lib.quiz import bank, paper, sitting
from chaos_lib.quiz.question import Kind, Question
from chaos_lib.quiz.sitting import Sitting
from chaos_lib.ui import cards, quiz_cards, quiz_review

app, this_command = command(
    "opchaos quiz", "opchaos quiz phase-1-tests", "opchaos quiz final", "opchaos quiz --review"
)

_HOW = {
    Kind.SINGLE: "a letter",
    Kind.MULTIPLE: "letters, such as ac",
    Kind.ORDER: "all letters in order, such as cab",
    Kind.FAULT: "a line's number",
    Kind.SHORT: "a few characters",
}


@this_command
def quiz(
    ctx: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(metavar="[QUIZ]", help="A phase's quiz, or `final`; without one, list them all."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(metavar="N", help="Draw another final, shuffle the options differently.")
    ] = None,
    is_review: Annotated[
        bool, typer.Option("--review", help="Write the quiz to take home, for a week from now.")
    ] = False,
) -> None:
    """Take a quiz in the terminal: that of a phase, or the final one.

    An empty line passes over a question; what is right already is not asked again. The exit code is 0 when the quiz is
    passed (80 % are right), else 1.
    """
    session = begin(ctx)
    mission = open_mission(session)
    if is_review:
        card_view.show(quiz_cards.review(quiz_review.write(mission.log, mission.settings.home)), session.out)
        return
    if name is None:
        _list(session, mission)
        return
    phase = mission.phase.name
    if seed is None:
        mine = sitting.sit(mission.log, phase, name, seed=mission.settings.seed)
    else:
        mine = Sitting(mission.log, phase, paper.paper(name, seed))
    _ask_all(session, mine)
    result = mine.result()
    card_view.show(quiz_cards.result(result), session.out)
    if mine.cell:
        card_view.show(quiz_cards.keep(mine.cell), session.out)
    if not result.is_passed:
        raise typer.Exit(EXIT_FAILED)


def _list(session: Session, mission: Mission) -> None:
    shown = table("Quiz", "Title", "Questions", "Right", "Passed")
    shown.columns[0].no_wrap = True
    for each in bank.load().quizzes:
        result = sitting.sit(mission.log, mission.phase.name, each.name, seed=mission.settings.seed).result()
        passed = Text("✓ passed", style="green") if result.is_passed else Text("○ open")
        right = str(result.right) if result.answered else ""
        shown.add_row(each.name, each.title, str(result.asked), right, passed)
    session.out.print(shown)
    say(session.out, "`opchaos quiz QUIZ` asks its questions.")


def _ask_all(session: Session, mine: Sitting) -> None:
    questions = mine.paper.questions
    for number, question in enumerate(questions, start=1):
        if mine.is_right(question.id):
            continue
        card_view.show(quiz_cards.question(question, number, len(questions)), session.out)
        while True:
            line = _read_line(session, question)
            if line is None:
                return
            if not line.strip():
                break
            try:
                outcome = mine.answer(question.id, by_letters(question, line))
            except InvalidAnswer as problem:
                card_view.show(cards.error(problem), session.out)
                continue
            card_view.show(quiz_cards.outcome(outcome), session.out)
            if outcome.answer:  # right, or told after some attempts
                break


def _read_line(session: Session, question: Question) -> str | None:
    """Return the line that was typed; None at the end of the input."""
    session.out.print(f"Your answer ({_HOW[question.kind]}): ", end="", style="bold")
    try:
        line = sys.stdin.readline()
    finally:
        if not session.out.is_terminal:
            session.out.print()
    return line.rstrip("\n") if line else None


def by_letters(question: Question, line: str) -> object:
    """Return an answer that was typed as letters as the options' names.

    Raises:
        InvalidAnswer: There is no option with such a letter.
    """
    if not question.options:
        return line
    letters = [letter for letter in line.casefold() if not (letter.isspace() or letter in ",;>)(.")]
    names = dict(zip(quiz_cards.LETTERS, (option.id for option in question.options), strict=False))
    if unknown := [letter for letter in letters if letter not in names]:
        raise InvalidAnswer(
            f"There is no option {', '.join(unknown)}.",
            evidence=f"given {line.strip()!r}; options {', '.join(names)}",
            fix="Type the letter of an option.",
        )
    return [names[letter] for letter in letters]
