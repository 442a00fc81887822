"""The quiz as cards: a question, what an answer led to, where one stands."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from chaos_lib.quiz.judge import Note, Outcome
from chaos_lib.quiz.question import Kind, Question
from chaos_lib.quiz.sitting import QuizResult
from chaos_lib.ui.card import Card, Part, PartKind, Tone

LETTERS = "abcdef"


def question(value: Question, number: int, total: int) -> Card:
    """Ask a question in full: situation, snippet, options with letters, and what to do.

    Args:
        value: The question.
        number: Its place on the paper, from 1.
        total: Number of questions on the paper.
    """
    options = "\n".join(
        f"{letter}) {option.text}" for letter, option in zip(LETTERS, value.options, strict=False)
    )
    snippet = numbered(value) if value.kind is Kind.FAULT else value.snippet
    return Card(
        Tone.INFO, "?", f"QUESTION {number} of {total}", "", (value.id,), (
            Part(value.prompt),
            Part(snippet, "Code", PartKind.OUTPUT),
            Part(f"{value.kind.task}\n{options}".rstrip()),
        ),
    )  # fmt: skip


def numbered(value: Question) -> str:
    """Return a question's snippet with the numbers of its lines."""
    lines = value.snippet.splitlines()
    width = len(str(len(lines)))
    return "\n".join(f"{number:>{width}}  {line}" for number, line in enumerate(lines, start=1))


def outcome(value: Outcome) -> Card:
    """Say whether an answer is right, and why."""
    notes = [_part(note) for note in value.notes]
    if value.answer and not value.is_right:
        notes.append(Part(value.answer, "The right answer"))
    elif value.answer and value.question.kind in (Kind.ORDER, Kind.FAULT, Kind.SHORT):
        notes.append(Part(value.answer, "Your answer"))
    if value.why:
        notes.append(Part(value.why, "Why"))
    if value.others:
        notes.append(Part(_listed(value.others), _others_label(value.question.kind)))
    if value.is_right:
        return Card(Tone.GOOD, "✓", "RIGHT", "", (), tuple(notes))
    if not value.answer:
        notes.append(Part("Answer once more.", "Next step", PartKind.NEXT))
    return Card(Tone.NOTE, "✗", "NOT RIGHT", "", (f"attempt {value.attempt}",), tuple(notes))


def result(value: QuizResult) -> Card:
    """Say where one stands, and what it takes to pass."""
    right = f"{value.right} of {value.asked} right"
    badges = (right, f"{value.answered} answered", f"{value.right_at_once} right at once")
    if value.is_passed:
        rest = value.asked - value.right
        more = f"{rest} not right yet: have another look, for yourself." if rest else ""
        return Card(Tone.GOOD, "✓", "QUIZ PASSED", value.title, badges, (Part(more),))
    missing = value.needed - value.right
    return Card(
        Tone.NOTE, "…", "QUIZ OPEN", value.title, badges, (
            Part(f"{missing} more right answer{'s' * (missing != 1)} to pass ({value.needed} of {value.asked}).", "Next step",
                 PartKind.NEXT),
        ),
    )  # fmt: skip


def keep(cell: str) -> Card:
    """Show the cell to keep: with it a notebook holds its answers, and is graded anywhere."""
    return Card(
        Tone.INFO, "›", "KEEP", "Your answers as a cell", (), (
            Part("If you hand this notebook in, put these lines into the answer cell of the quiz. They are in your mission already."),
            Part(cell, "Answer cell", PartKind.OUTPUT),
        ),
    )  # fmt: skip


def review(path: Path) -> Card:
    """Say where the quiz to take home is."""
    return Card(Tone.GOOD, "✓", "WRITTEN", "Your quiz for a week from now", (), (
        Part(f"{path}", "File", PartKind.OUTPUT),
        Part("Download it (right click in the file browser), and open it in a week: what one recalls late, one keeps.", "Next step", PartKind.NEXT),
    ))  # fmt: skip


def answered(result_now: QuizResult, outcomes: Sequence[Outcome]) -> Card:
    """Show what a cell of answers led to: a line for each, and more on those that are not right."""
    marks = "   ".join(f"{each.question.id} {'✓' if each.is_right else '✗'}" for each in outcomes)
    wrong = [each for each in outcomes if not each.is_right]
    parts = [Part(marks)]
    for each in wrong:
        told = each.notes or (Note("", "Not right yet."),)
        parts.append(Part("\n".join(_sentence(note) for note in told), each.question.id))
    standing = result(result_now)
    return Card(
        standing.tone, standing.symbol, standing.word, standing.heading, standing.badges,
        (*parts, *standing.parts),
    )  # fmt: skip


def _others_label(kind: Kind) -> str:
    return {Kind.ORDER: "Step by step", Kind.FAULT: "The other lines", Kind.SHORT: "Often mixed up"}.get(
        kind, "The others"
    )


def _part(note: Note) -> Part:
    return Part(note.text, f"“{note.about.replace('`', '')}”" if note.about else "")


def _listed(notes: Sequence[Note]) -> str:
    return "\n\n".join(_sentence(note) for note in notes)


def _sentence(note: Note) -> str:
    return f"{note.about.rstrip('.')}: {note.text}" if note.about else note.text
