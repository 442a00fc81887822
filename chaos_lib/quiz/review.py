"""Which questions go into the quiz to take home.

It asks what went wrong again, and some of what went right at once, mixed over the phases: recalling something just before it
would be forgotten is what makes it stay. Only questions that were tried are in it, because it holds their answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chaos_lib.mission_log import MissionLog
from chaos_lib.quiz import bank
from chaos_lib.quiz.draw import draw, shuffled
from chaos_lib.quiz.paper import Paper
from chaos_lib.quiz.question import Question
from chaos_lib.quiz.sitting import Attempt, Sitting

_AT_LEAST, _MOST_WRONG = 12, 20


@dataclass(frozen=True)
class Tried:
    """A question that somebody has tried.

    Attributes:
        quiz: The quiz's name.
        question: The question.
        attempts: What was answered, oldest first.
    """

    quiz: str
    question: Question
    attempts: Sequence[Attempt]

    @property
    def name(self) -> str:
        """Unique over all quizzes."""
        return f"{self.quiz}/{self.question.id}"

    @property
    def misses(self) -> int:
        """How many attempts were wrong."""
        return sum(not attempt.is_right for attempt in self.attempts)


def chosen(log: MissionLog) -> Sequence[Tried]:
    """Choose the questions: those with wrong attempts, the hardest first, filled up evenly from the rest; then mixed."""
    tried = [
        Tried(quiz.name, question, attempts)
        for quiz in bank.load().quizzes
        for sitting in (Sitting(log, "", Paper(quiz.name, quiz.title, 0, quiz.questions, is_drawn=False)),)
        for question in quiz.questions
        if (attempts := sitting.attempts(question.id))
    ]
    missed = sorted((each for each in tried if each.misses), key=lambda each: -each.misses)[:_MOST_WRONG]
    rest = [each for each in tried if not each.misses]
    fill = draw(
        rest, max(0, _AT_LEAST - len(missed)), "review",
        name=lambda each: each.name, stratum=lambda each: each.question.about,
    )  # fmt: skip
    return shuffled([*missed, *fill], "review", lambda each: each.name)
