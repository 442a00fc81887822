"""One person at one paper: answers go to the mission log, and are judged anew from there whenever somebody asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from chaos_lib.errors import InvalidAnswer, NotAnsweredYet
from chaos_lib.mission_log import Event, MissionLog
from chaos_lib.quiz import bank
from chaos_lib.quiz.answer import read, value_of
from chaos_lib.quiz.judge import Outcome, is_right, judge
from chaos_lib.quiz.paper import Paper, paper
from chaos_lib.quiz.question import Question

KIND: Final = "quiz_answered"


@dataclass(frozen=True)
class Attempt:
    """One answer to one question.

    Attributes:
        question: The question's id.
        answer: In canonical form.
        is_right: Whether it was.
        at: Seconds since the epoch.
    """

    question: str
    answer: str
    is_right: bool
    at: float


@dataclass(frozen=True)
class QuizResult:
    """Where a person stands in a quiz.

    Attributes:
        quiz: Its name.
        title: For people.
        asked: Number of questions.
        answered: Of how many there is an answer.
        right: Of how many the latest answer is right.
        right_at_once: Of how many the first answer was right.
        attempts: Number of answers given.
    """

    quiz: str
    title: str
    asked: int
    answered: int
    right: int
    right_at_once: int
    attempts: int

    @property
    def needed(self) -> int:
        """How many must be right to pass: 80 %, rounded up."""
        return -(-self.asked * bank.PASS_PERCENT // 100)

    @property
    def is_passed(self) -> bool:
        """Whether enough answers are right."""
        return self.right >= self.needed


class Sitting:
    """A person, a paper, and the answers so far.

    Args:
        log: The mission's log.
        phase: The phase that is played, for the log.
        paper: What is asked.
    """

    def __init__(self, log: MissionLog, phase: str, paper: Paper) -> None:
        self._log = log
        self._phase = phase
        self.paper = paper

    def answer(self, name: str, given: object) -> Outcome:
        """Judge an answer and record it; the answer before, given again, is no new attempt.

        Args:
            name: The question's id.
            given: As `chaos_lib.quiz.answer.read` takes it.

        Raises:
            InvalidInput: There is no such question on this paper.
            InvalidAnswer: It cannot be an answer to it; nothing is recorded.
        """
        question = self.paper.question(name)
        canonical = read(question, given)
        before = self.attempts(name)
        if before and before[-1].answer == canonical:
            return judge(question, canonical, len(before))
        right = is_right(question, canonical)
        self._log.add(
            self._phase, KIND, f"{self.paper.quiz}/{name}",
            answer=canonical, right=right, seed=self.paper.seed, attempt=len(before) + 1,
        )  # fmt: skip
        return judge(question, canonical, len(before) + 1)

    def answer_all(self, given: Mapping[str, object]) -> Sequence[Outcome]:
        """Judge and record several answers, question to answer; none is recorded when one of them cannot be.

        Raises:
            NotAnsweredYet: There is none.
            InvalidInput: A question is not on this paper.
            InvalidAnswer: Something cannot be an answer.
        """
        if not given:
            raise NotAnsweredYet(
                f"The quiz `{self.paper.quiz}` is not answered yet.",
                evidence="the cell gives no answers",
                fix="Answer the quiz above; it shows the cell that holds your answers.",
            )
        for name, one in given.items():
            read(self.paper.question(name), one)
        return [self.answer(name, one) for name, one in given.items()]

    def attempts(self, name: str) -> Sequence[Attempt]:
        """Return all answers to a question, oldest first."""
        return [attempt for attempt in self._attempts() if attempt.question == name]

    def latest(self) -> Mapping[str, str]:
        """Return the latest answer of each question that has one, in the paper's order."""
        found = {attempt.question: attempt.answer for attempt in self._attempts()}
        return {q.id: found[q.id] for q in self.paper.questions if q.id in found}

    def is_right(self, name: str) -> bool:
        """Tell whether the latest answer to a question is right."""
        attempts = self.attempts(name)
        return bool(attempts) and attempts[-1].is_right

    def outcome(self, name: str) -> Outcome | None:
        """Return what the latest answer to a question led to; None without one."""
        attempts = self.attempts(name)
        return judge(self.paper.question(name), attempts[-1].answer, len(attempts)) if attempts else None

    def result(self) -> QuizResult:
        """Return where the person stands."""
        by_question: dict[str, list[Attempt]] = {}
        for attempt in self._attempts():
            by_question.setdefault(attempt.question, []).append(attempt)
        return QuizResult(
            quiz=self.paper.quiz,
            title=self.paper.title,
            asked=len(self.paper.questions),
            answered=len(by_question),
            right=sum(each[-1].is_right for each in by_question.values()),
            right_at_once=sum(each[0].is_right for each in by_question.values()),
            attempts=sum(map(len, by_question.values())),
        )

    @property
    def cell(self) -> str:
        """The answers so far as the text of a notebook cell, so that a submission holds them."""
        given = self.latest()
        seed = [f"    seed={self.paper.seed},"] if self.paper.is_drawn else []
        values = {name: value_of(self.paper.question(name), answer) for name, answer in given.items()}
        lines = [f'    "{self.paper.quiz}",', *seed, *(f"    {n}={_literal(v)}," for n, v in values.items())]
        return "\n".join(["chaos.answer_quiz(", *lines, ")"]) if given else ""

    def _attempts(self) -> Sequence[Attempt]:
        """Return the answers to this paper's questions; whether they are right is judged now, not believed."""
        questions = {f"{self.paper.quiz}/{question.id}": question for question in self.paper.questions}
        found = (
            _attempt(questions[event.name], event)
            for event in self._log.events(kind=KIND)
            if event.name in questions
        )
        return [attempt for attempt in found if attempt is not None]


def sit(log: MissionLog, phase: str, key: str | int, *, seed: int) -> Sitting:
    """Return a sitting at a quiz: at the paper that was answered before, else at a new one.

    Args:
        log: The mission's log.
        phase: The phase that is played.
        key: The quiz.
        seed: For a new paper.

    Raises:
        InvalidInput: There is no such quiz.
    """
    name = bank.load().quiz(key).name
    return Sitting(log, phase, paper(name, latest_seed(log, name, default=seed)))


def latest_seed(log: MissionLog, quiz: str, *, default: int) -> int:
    """Return the seed of the paper that was answered last."""
    events = [event for event in log.events(kind=KIND) if event.name.startswith(f"{quiz}/")]
    seed = events[-1].data.get("seed") if events else None
    return seed if isinstance(seed, int) else default


def _attempt(question: Question, event: Event) -> Attempt | None:
    """Read an answer from the log; None when the question has changed so much that it is no answer any more."""
    try:
        answer = read(question, event.data.get("answer", ""))
    except InvalidAnswer:
        return None
    return Attempt(question.id, answer, is_right(question, answer), event.at)


def _literal(value: str | int | list[str]) -> str:
    """Return a value as Python, in the quotes that the notebooks use."""
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, int):
        return str(value)
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
