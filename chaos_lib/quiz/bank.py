"""The bank of questions that is given away."""

from __future__ import annotations

import functools
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from chaos_lib.errors import InvalidInput
from chaos_lib.quiz.question import Question

PATH = Path(__file__).with_name("bank.json")
FINAL = "final"
PASS_PERCENT = 80


class Quiz(BaseModel):
    """Questions that belong together.

    Attributes:
        name: The phase's, or `final`.
        title: For people.
        draws: How many questions are asked; 0 asks them all.
        questions: All there are, in the author's order.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    draws: int = 0
    questions: tuple[Question, ...]


class Bank(BaseModel):
    """Every quiz.

    Attributes:
        quizzes: In the order of the workshop.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    quizzes: tuple[Quiz, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the quizzes."""
        return tuple(quiz.name for quiz in self.quizzes)

    def quiz(self, key: str | int) -> Quiz:
        """Return a quiz by its name, its phase's number, or the start of its name (`phase-1`).

        Raises:
            InvalidInput: There is none.
        """
        text = str(key)
        for quiz in self.quizzes:
            start = "-".join(quiz.name.split("-")[:2])
            if text in (quiz.name, start, start.removeprefix("phase-")):
                return quiz
        raise InvalidInput(
            f"There is no quiz `{key}`.",
            evidence=f"known: {', '.join(self.names)}",
            fix="Choose one of the known names.",
        )


@functools.cache
def load(path: Path = PATH) -> Bank:
    """Read the bank.

    Raises:
        InvalidInput: The file is damaged.
    """
    try:
        return Bank.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValidationError) as exc:
        raise InvalidInput(
            "The quiz's bank of questions cannot be read.",
            evidence=f"{path}: {str(exc).splitlines()[0]}",
            fix="Install the kit again; in a checkout, `python tools/seal_quiz.py` writes it anew.",
        ) from exc
