"""Quizzes and the certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IPython.display import display

from chaos_lib.errors import InvalidInput
from chaos_lib.notebook.session import current, settings_here
from chaos_lib.quiz import paper, sitting
from chaos_lib.ui import live, quiz_cards, quiz_review
from chaos_lib.ui.quiz_panel import QuizPanel

if TYPE_CHECKING:
    from chaos_lib.certificate.view import CertificateView


def take_quiz(name: str, *, seed: int | None = None) -> QuizPanel:
    """Show a quiz: that of a phase, or `final`. Answers are judged at once, and may be given again.

    Args:
        name: The phase's name, or `final`.
        seed: Draws the final's questions and shuffles the options; None goes on with the paper you have begun.
    """
    mission = current()
    if seed is None:
        return QuizPanel(sitting.sit(mission.log, mission.phase.name, name, seed=mission.settings.seed))
    return QuizPanel(sitting.Sitting(mission.log, mission.phase.name, paper.paper(name, seed)))


def answer_quiz(name: str, *, seed: int | None = None, **given: Any) -> None:
    """Answer questions of a quiz in a cell, so that the notebook holds the answers and can be graded anywhere.

    Args:
        name: The phase's name, or `final`.
        seed: The paper's seed; needed for the final, which draws its questions.
        given: For each question its answer: an option's name, a list of them, a line's number, or a short text. The quiz
            shows the cell that holds the answers given in it.

    Raises:
        NotAnsweredYet: No answer was given.
        InvalidInput: There is no such question.
        InvalidAnswer: Something cannot be an answer; then none is counted.
    """
    mission = current()
    if seed is None:
        seed = sitting.latest_seed(mission.log, name, default=mission.settings.seed)
    mine = sitting.Sitting(mission.log, mission.phase.name, paper.paper(name, seed))
    outcomes = mine.answer_all(given)
    display(quiz_cards.answered(mine.result(), outcomes))
    live.refresh_all(QuizPanel)


def review_quiz() -> None:
    """Write the quiz to take home: what you got wrong, and some of the rest, for a week from now."""
    mission = current()
    path = quiz_review.write(mission.log, mission.settings.home)
    display(quiz_cards.review(path))


def certify(name: str, *, paper: str = "a4", instructor: str = "") -> CertificateView:
    """Issue your certificate for what the mission log shows, and show it here.

    Asked again while nothing has happened since, it gives the same certificate.

    Args:
        name: The name that stands on it, in any script.
        paper: `a4` or `letter`.
        instructor: The name of the instructor who vouches for it; needs an instructor's key. Empty: you do.

    Raises:
        CertificateRefused: No phase is finished and no check passed.
        InvalidInput: The name or the paper cannot be right, or there is no instructor's key.
    """
    # Fonts, PDF and cryptography: only the last notebook needs them.
    from chaos_lib.certificate import Attestation, Office, Paper, load

    if paper.lower() not in {size.value for size in Paper}:
        raise InvalidInput(
            f"There is no paper `{paper}`.", evidence="known: a4, letter", fix="Choose one of them."
        )
    settings = settings_here()
    issued = Office(settings).issue(
        name,
        attestation=Attestation.INSTRUCTOR if instructor else Attestation.SELF,
        attested_by=instructor,
        paper=Paper(paper.lower()),
    )
    shown: CertificateView = load("view").CertificateView(issued)
    return shown
