"""Judges an answer, and opens as much of the explanations as the attempt has earned."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from chaos_lib.quiz.answer import AND, THEN, normalise
from chaos_lib.quiz.question import Kind, Question
from chaos_lib.quiz.seal import key_of, unseal

# After so many wrong attempts one learns more from the answer than from guessing on.
ATTEMPTS_BEFORE_ANSWER = 3


class Secret(BaseModel):
    """What the seal holds.

    Attributes:
        answer: The right one in its canonical form; of a short answer, as the author writes it.
        why: Why it is right.
        notes: Why something is wrong, or right: by option, line, or wrong short answer as the author writes it; for an order, why each item comes
            after the one before, by `first > then`.
        otherwise: What to think about, for an answer that has no note of its own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    answer: str
    why: str = ""
    notes: dict[str, str] = {}
    otherwise: str = ""


@dataclass(frozen=True)
class Note:
    """An explanation.

    Attributes:
        about: What it explains, as the question shows it; may be empty.
        text: The explanation.
    """

    about: str
    text: str


@dataclass(frozen=True)
class Outcome:
    """What a person learns from an attempt.

    Attributes:
        question: What was asked.
        is_right: Whether the answer is right.
        attempt: Its number, from 1.
        notes: On what was answered.
        answer: The right answer as people read it; empty while it is still to be found.
        why: Why that is right; empty like `answer`.
        others: On what was not chosen; empty like `answer`.
    """

    question: Question
    is_right: bool
    attempt: int
    notes: tuple[Note, ...]
    answer: str = ""
    why: str = ""
    others: tuple[Note, ...] = ()


def is_right(question: Question, canonical: str) -> bool:
    """Tell whether an answer is right; nothing is unsealed."""
    return key_of(question.salt, canonical) in question.keys


def judge(question: Question, canonical: str, attempt: int) -> Outcome:
    """Judge an answer.

    Args:
        question: What was asked.
        canonical: From `chaos_lib.quiz.answer.read`.
        attempt: The how manieth of this person at this question, from 1.
    """
    secret = secret_of(question)
    right = is_right(question, canonical)
    notes = _notes(question, secret, canonical, right)
    if not right and attempt < ATTEMPTS_BEFORE_ANSWER:
        return Outcome(question, right, attempt, notes)
    told = {note.about for note in notes}
    others = tuple(note for note in _all_notes(question, secret) if note.about not in told)
    return Outcome(question, right, attempt, notes, readable(question, secret.answer), secret.why, others)


def secret_of(question: Question) -> Secret:
    """Open a question's seal: for somebody who has tried."""
    return Secret.model_validate(unseal(question.salt, question.seal))


def readable(question: Question, canonical: str) -> str:
    """Return an answer as people read it; several parts on lines of their own."""
    if question.kind is Kind.SINGLE:
        return question.option(canonical).text
    if question.kind is Kind.MULTIPLE:
        return "\n".join(f"• {question.option(name).text}" for name in canonical.split(AND))
    if question.kind is Kind.ORDER:
        names = enumerate(canonical.split(THEN), start=1)
        return "\n".join(f"{number}. {question.option(name).text}" for number, name in names)
    if question.kind is Kind.FAULT:
        return f"line {canonical}: `{dict(question.lines)[int(canonical)].strip()}`"
    return f"`{canonical}`"


def _notes(question: Question, secret: Secret, canonical: str, right: bool) -> tuple[Note, ...]:
    """Explain what was answered: of a wrong answer the wrong parts only, or it would give the right ones away."""
    if question.kind is Kind.ORDER:
        return () if right else _on_order(question, secret, canonical.split(THEN))
    if question.kind is Kind.MULTIPLE:
        wanted, chosen = set(secret.answer.split(AND)), canonical.split(AND)
        explained = chosen if right else [name for name in chosen if name not in wanted]
        notes = [Note(question.option(name).text, secret.notes[name]) for name in explained]
        missing = len(wanted - set(chosen))
        if missing and not explained:
            notes.append(Note("", f"What you chose is right, but not all of it: {missing} more."))
        elif missing:
            notes.append(Note("", "And something is missing."))
        return tuple(notes)
    if question.kind is Kind.SINGLE:
        return (Note(question.option(canonical).text, secret.notes[canonical]),)
    told = {normalise(name): why for name, why in secret.notes.items()}
    return () if right else (Note("", told.get(canonical, secret.otherwise)),)


def _on_order(question: Question, secret: Secret, chosen: list[str]) -> tuple[Note, ...]:
    """Explain the first pair that stands the wrong way round: one step at a time."""
    for pair, why in secret.notes.items():
        first, then = pair.split(THEN)
        if chosen.index(first) > chosen.index(then):
            return (Note(f"{question.option(first).text} → {question.option(then).text}", why),)
    raise AssertionError("an order in which no neighbours are swapped is the right one")


def _all_notes(question: Question, secret: Secret) -> tuple[Note, ...]:
    if question.kind is Kind.ORDER:
        return tuple(
            Note(" → ".join(question.option(name).text for name in pair.split(THEN)), why)
            for pair, why in secret.notes.items()
        )
    if question.kind in (Kind.SINGLE, Kind.MULTIPLE):
        return tuple(Note(option.text, secret.notes[option.id]) for option in question.options)
    about = "line {}" if question.kind is Kind.FAULT else "`{}`"
    return tuple(Note(about.format(name), why) for name, why in secret.notes.items())
