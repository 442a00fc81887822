"""A question as it is given away: everything to ask and to judge it, nothing to read its answer from."""

from __future__ import annotations

from enum import Enum

from pydantic import BaseModel, ConfigDict


class Kind(str, Enum):
    """How a question is answered."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    ORDER = "order"
    FAULT = "fault"
    SHORT = "short"

    @property
    def task(self) -> str:
        """What to do, in a few words."""
        return _TASKS[self]


_TASKS = {
    Kind.SINGLE: "Choose one.",
    Kind.MULTIPLE: "Choose all that apply.",
    Kind.ORDER: "Put them in order, the first one first.",
    Kind.FAULT: "Choose the line with the fault.",
    Kind.SHORT: "Type a short answer: a word, a number, a command.",
}


class Option(BaseModel):
    """Something to choose, or to put in order.

    Attributes:
        id: Its name in an answer: one word that stays the same however the options are shuffled.
        text: What it says.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    text: str


class Question(BaseModel):
    """One question.

    Attributes:
        id: Unique in its quiz, such as `q3`.
        about: The phase that teaches it.
        kind: How it is answered.
        prompt: The situation and the question; backticks mark code.
        snippet: Code to look at; lines count from 1.
        language: The snippet's ending, for its colours: `py`, `yaml`.
        options: What to choose from or to put in order.
        salt: Makes its hashes different from those of every other question.
        keys: Hashes of the right answers.
        seal: Answer and explanations, not readable by eye; see `chaos_lib.quiz.seal`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    about: str
    kind: Kind
    prompt: str
    snippet: str = ""
    language: str = ""
    options: tuple[Option, ...] = ()
    salt: str
    keys: tuple[str, ...]
    seal: str

    @property
    def lines(self) -> tuple[tuple[int, str], ...]:
        """The snippet's lines that can be chosen, with their numbers: all but the empty ones."""
        numbered = enumerate(self.snippet.rstrip("\n").splitlines(), start=1)
        return tuple((number, line) for number, line in numbered if line.strip())

    def option(self, name: str) -> Option:
        """Return an option by its id."""
        return next(option for option in self.options if option.id == name)
