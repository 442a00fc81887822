"""A small bank in the authors' form, one question of each kind, padded to a full quiz."""

from __future__ import annotations

from typing import Any

from chaos_lib.quiz.judge import secret_of
from chaos_lib.quiz.question import Question
from chaos_lib.quiz.sealed import sealed
from chaos_lib.quiz.source import SourceBank


def option(name: str, *, right: bool = False) -> dict[str, Any]:
    return {"id": name, "text": f"Text of {name}", "why": f"Why of {name}", "right": right}


def single(name: str = "one") -> dict[str, Any]:
    options = [option("alpha"), option("beta", right=True), option("gamma")]
    return {"id": name, "kind": "single", "prompt": "Which one?", "options": options}


def multiple(name: str = "many") -> dict[str, Any]:
    options = [option("alpha", right=True), option("beta", right=True), option("gamma"), option("delta")]
    return {"id": name, "kind": "multiple", "prompt": "Which ones?", "options": options}


def order(name: str = "order") -> dict[str, Any]:
    items = [
        {"id": "alpha", "text": "Text of alpha"},
        {"id": "beta", "text": "Text of beta", "why": "Why beta is after alpha"},
        {"id": "gamma", "text": "Text of gamma", "why": "Why gamma is after beta"},
    ]
    return {"id": name, "kind": "order", "prompt": "In which order?", "items": items, "why": "Why so."}


def fault(name: str = "fault") -> dict[str, Any]:
    return {
        "id": name, "kind": "fault", "prompt": "Which line?", "language": "py", "snippet": "a = 1\n\nb = a / 0\n",
        "fault": 3, "why": "Nobody divides by zero.", "not_lines": {1: "Line 1 is innocent."}, "otherwise": "Look again.",
    }  # fmt: skip


def short(name: str = "short") -> dict[str, Any]:
    return {
        "id": name, "kind": "short", "prompt": "What is it called?", "accept": ["--Rollout Undo", "undo"],
        "why": "So it is called.", "wrong": {"Rollback": "That is another tool's word."}, "otherwise": "Think.",
    }  # fmt: skip


def quiz(name: str = "phase-1-tests") -> dict[str, Any]:
    questions = [single(), multiple(), order(), fault(), short(), *(single(f"more{n}") for n in range(3))]
    return {"name": name, "title": "A quiz", "questions": questions}


def bank(**changes: Any) -> dict[str, Any]:
    """A bank of one quiz; `changes` replace values of its first question of that kind."""
    made = quiz()
    for kind, values in changes.items():
        for question in made["questions"]:
            if question["kind"] == kind and question["id"] in ("one", "many", "order", "fault", "short"):
                question.update(values)
    return {"quizzes": [made]}


def questions() -> dict[str, Question]:
    """The sealed questions of the small bank, by id."""
    made = sealed(SourceBank.model_validate(bank())).quizzes[0]
    return {question.id: question for question in made.questions}


def right_answer(question: Question) -> str:
    """What a person who knows everything would answer."""
    return secret_of(question).answer
