"""The schema: each mistake of an author is named with its question and field."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from chaos_lib.errors import InvalidInput
from chaos_lib.quiz import source

from . import examples


def problem(data: Any) -> str:
    with pytest.raises(InvalidInput) as refusal:
        source.parse(yaml.safe_dump(data, sort_keys=False))
    assert "The bank of questions has" in refusal.value.what
    assert "tools/seal_quiz.py" in refusal.value.fix
    return refusal.value.evidence


def test_a_right_bank_is_read() -> None:
    read = source.parse(yaml.safe_dump(examples.bank(), sort_keys=False))
    assert [question.kind for question in read.quizzes[0].questions[:5]] == [
        "single", "multiple", "order", "fault", "short",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"single": {"prompt": None}}, "phase-1-tests, one: field `prompt`: Input should be a valid string"),
        ({"single": {"prompt": " "}}, "phase-1-tests, one: field `prompt`: write a sentence here"),
        ({"single": {"hint": "no"}}, "phase-1-tests, one: field `hint`: Extra inputs are not permitted"),
        ({"single": {"kind": "riddle"}}, "phase-1-tests, one: Input tag 'riddle'"),
        ({"single": {"id": "Q 1"}}, "phase-1-tests, Q 1: field `id`: String should match"),
        ({"single": {"snippet": "x = 1"}}, "phase-1-tests, one: `snippet` and `language` go together"),
        ({"single": {"options": [examples.option("a")] * 3}}, "phase-1-tests, one: `options`: a is there twice"),
        (
            {"single": {"options": [examples.option(n) for n in "abc"]}},
            "phase-1-tests, one: `options`: a single choice has exactly one with `right: true`, not 0",
        ),
        (
            {"single": {"options": [examples.option("a"), examples.option("b")]}},
            "phase-1-tests, one: field `options`: Tuple should have at least 3 items",
        ),
        (
            {"single": {"options": [examples.option("b"), {"id": "a", "text": "Some text"}]}},
            "phase-1-tests, one, a: field `why`: Field required",
        ),
        (
            {"multiple": {"options": [examples.option(n, right=True) for n in "abc"]}},
            "phase-1-tests, many: `options`: a multiple choice has at least two right ones and a wrong one, not 3",
        ),
        (
            {"order": {"items": [{"id": n, "text": f"Text {n}"} for n in "abc"]}},
            "phase-1-tests, order: `items`: `b` lacks its `why`",
        ),
        (
            {"order": {"items": [{"id": n, "text": f"Text {n}", "why": "so it is"} for n in "abc"]}},
            "phase-1-tests, order: `items`: `a` is the first and needs no `why`",
        ),
        ({"fault": {"fault": 2}}, "phase-1-tests, fault: `fault`: line 2 of the snippet is empty or not there"),
        ({"fault": {"not_lines": {9: "why not"}}}, "phase-1-tests, fault: `not_lines`: line 9 of the snippet"),
        ({"fault": {"not_lines": {3: "why not"}}}, "phase-1-tests, fault: `not_lines`: line 3 is the fault"),
        ({"short": {"accept": []}}, "phase-1-tests, short: field `accept`: Tuple should have at least 1 item"),
        ({"short": {"accept": ["-- ."]}}, "phase-1-tests, short: `accept`: nothing of it is left"),
        ({"short": {"wrong": {"UNDO.": "why not"}}}, "phase-1-tests, short: `wrong`: undo is accepted, too"),
        ({"short": {"otherwise": None}}, "phase-1-tests, short: field `otherwise`: Input should be a valid string"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_question_is_told_with_question_and_field(changes: dict[str, Any], told: str) -> None:
    assert told in problem(examples.bank(**changes))


def test_a_quiz_that_is_too_small_or_holds_a_question_twice_is_refused() -> None:
    small = examples.quiz()
    small["questions"] = small["questions"][:7]
    assert "phase-1-tests: `questions`: phase-1-tests needs 8 or more, not 7" in problem({"quizzes": [small]})
    twice = examples.quiz()
    twice["questions"].append(examples.single())
    assert "phase-1-tests: `questions`: one is there twice" in problem({"quizzes": [twice]})
    assert "`quizzes`: phase-1-tests is there twice" in problem({"quizzes": [examples.quiz()] * 2})


def test_the_final_is_larger_and_says_what_each_question_is_about() -> None:
    final = {**examples.quiz("final"), "draws": 5}
    assert "final: `questions`: final needs 30 or more, not 8" in problem({"quizzes": [final]})
    final["questions"] = [examples.single(f"f{n}") for n in range(30)]
    assert "final: `about` of f0: needed in the final" in problem({"quizzes": [final]})
    final["draws"] = 31
    assert "final: `draws`: 31 of 30 questions" in problem({"quizzes": [final]})
    elsewhere = examples.bank(single={"about": "phase-0-setup"})
    assert "phase-1-tests: `about` of one" in problem(elsewhere)


def test_several_mistakes_are_told_at_once() -> None:
    told = problem(examples.bank(single={"prompt": ""}, short={"why": ""}))
    assert len(told.splitlines()) == 2


@pytest.mark.parametrize("text", ["quizzes: [", "- a list", "", "quizzes: {a: 1}"])
def test_what_is_no_bank_at_all_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"quiz/bank\.yaml: "):
        source.parse(text)
