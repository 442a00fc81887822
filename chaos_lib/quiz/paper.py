"""A paper: the questions that one person is asked, in the order in which they are asked."""

from __future__ import annotations

from dataclasses import dataclass

from chaos_lib.errors import InvalidInput
from chaos_lib.quiz import bank
from chaos_lib.quiz.draw import draw, shuffled
from chaos_lib.quiz.question import Question
from chaos_lib.quiz.seal import key_of


@dataclass(frozen=True)
class Paper:
    """What is asked.

    Attributes:
        quiz: The quiz's name.
        title: For people.
        seed: What it was drawn and shuffled with.
        questions: In order, their options shuffled.
        is_drawn: Whether another seed gives other questions.
    """

    quiz: str
    title: str
    seed: int
    questions: tuple[Question, ...]
    is_drawn: bool

    def question(self, name: str) -> Question:
        """Return a question by its id.

        Raises:
            InvalidInput: It is not on this paper.
        """
        for question in self.questions:
            if question.id == name:
                return question
        raise InvalidInput(
            f"There is no question `{name}` in {self.title}.",
            evidence=f"questions: {', '.join(question.id for question in self.questions)}",
            fix="Answer the questions that are asked; the final draws them by its seed.",
        )


def paper(key: str | int, seed: int, source: bank.Bank | None = None) -> Paper:
    """Make a paper.

    Args:
        key: The quiz: name, phase number, or start of its name.
        seed: The same seed gives the same paper.
        source: The bank; None takes the kit's own.

    Raises:
        InvalidInput: There is no such quiz.
    """
    quiz = (source or bank.load()).quiz(key)
    chance = f"{seed}/{quiz.name}"
    asked = (
        draw(quiz.questions, quiz.draws, chance, name=lambda q: q.id, stratum=lambda q: q.about)
        if quiz.draws
        else quiz.questions
    )
    return Paper(
        quiz=quiz.name,
        title=quiz.title,
        seed=seed,
        questions=tuple(_with_shuffled_options(question, chance) for question in asked),
        is_drawn=0 < quiz.draws < len(quiz.questions),
    )


def _with_shuffled_options(question: Question, chance: str) -> Question:
    options = shuffled(question.options, f"{chance}/{question.id}", lambda option: option.id)
    # Things to put in order are never shown in the right one.
    if key_of(question.salt, " > ".join(option.id for option in options)) in question.keys:
        options = (*options[1:], options[0])
    return question.model_copy(update={"options": options})
