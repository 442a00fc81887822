from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_lib.errors import InvalidAnswer
from chaos_lib.quiz.answer import normalise, read, value_of

from . import examples

QUESTIONS = examples.questions()


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("  Git   Diff ", "git diff"),
        ("`git diff`", "git diff"),
        ("“SIGKILL”.", "sigkill"),
        ("$ kubectl logs --previous", "kubectl logs previous"),
        ("--previous", "previous"),
        ("the readiness probe!", "readiness probe"),
        ("wait-strategy", "wait strategy"),
        ("wait_strategy", "wait strategy"),
        ("wait\u2011strategy", "wait strategy"),
        (".dockerignore", "dockerignore"),
        ("0.0.0.0", "0.0.0.0"),
        ("[::]", "[::]"),
        ("\uff11\uff13\uff17", "137"),
        ("a", "a"),
        ("  ", ""),
        ("-- .", ""),
    ],
)
def test_what_does_not_matter_is_taken_away(typed: str, normal: str) -> None:
    assert normalise(typed) == normal


@given(st.text(max_size=40))
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.text(alphabet="abcXYZ0123 -_", min_size=1, max_size=20))
def test_case_and_blanks_around_do_not_matter(text: str) -> None:
    assert normalise(f"  {text.upper()} \n") == normalise(text)


@pytest.mark.parametrize(
    ("name", "given_forms", "canonical"),
    [
        ("one", ["beta", " beta ", ["beta"]], "beta"),
        ("many", ["beta, alpha", ["alpha", "beta"], ("beta", "alpha", "beta"), {"alpha", "beta"}], "alpha, beta"),
        ("order", ["gamma, alpha, beta", "gamma > alpha > beta", ["gamma", "alpha", "beta"]], "gamma > alpha > beta"),
        ("fault", [3, "3", " line 3 ", "03"], "3"),
        ("short", ["UNDO.", "`undo`", "an undo"], "undo"),
    ],
)  # fmt: skip
def test_every_form_of_an_answer_is_read_as_the_same(
    name: str, given_forms: list[object], canonical: str
) -> None:
    question = QUESTIONS[name]
    assert {read(question, form) for form in given_forms} == {canonical}
    assert read(question, value_of(question, canonical)) == canonical


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("one", ""), ("one", "omega"), ("one", ["alpha", "beta"]), ("one", None), ("one", 3),
        ("many", []), ("many", "alpha, omega"),
        ("order", "alpha, beta"), ("order", ["alpha", "alpha", "beta"]),
        ("fault", 0), ("fault", 2), ("fault", 4), ("fault", "three"), ("fault", ""), ("fault", "99999"),
        ("short", ""), ("short", " . "), ("short", None), ("short", ["undo"]),
    ],
)  # fmt: skip
def test_what_cannot_be_an_answer_is_refused(name: str, typed: object) -> None:
    with pytest.raises(InvalidAnswer) as refusal:
        read(QUESTIONS[name], typed)
    assert name in refusal.value.what
    assert "wanted: " in refusal.value.evidence
    assert refusal.value.fix
