"""The workshop's own questions."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from chaos_lib.checks.quiz import QUIZZES
from chaos_lib.errors import InvalidInput
from chaos_lib.quiz import bank, source
from chaos_lib.quiz.answer import normalise, read
from chaos_lib.quiz.judge import is_right, judge, secret_of
from chaos_lib.quiz.question import Kind, Option, Question
from chaos_lib.quiz.sealed import sealed, written

from .examples import right_answer

ROOT = Path(__file__).resolve().parents[2]
BANK = bank.load()
SOURCE = source.load(ROOT / "quiz" / "bank.yaml")
ALL = [(quiz.name, question) for quiz in BANK.quizzes for question in quiz.questions]
EVERY_QUESTION = pytest.mark.parametrize(
    "question", [question for _, question in ALL], ids=[f"{quiz}/{question.id}" for quiz, question in ALL]
)


def test_the_sealed_bank_is_that_of_the_source() -> None:
    assert bank.PATH.read_text(encoding="utf-8") == written(sealed(SOURCE)), "run `python tools/seal_quiz.py`"


def test_there_are_eight_questions_a_phase_and_a_pool_of_thirty_for_the_final() -> None:
    assert BANK.names == QUIZZES
    for quiz in BANK.quizzes[:-1]:
        assert len(quiz.questions) >= 8
        assert {question.about for question in quiz.questions} == {quiz.name}
    final = BANK.quizzes[-1]
    assert (final.name, final.draws) == (bank.FINAL, 5)
    assert len(final.questions) >= 30
    assert set(Counter(question.about for question in final.questions).values()) == {5}
    assert {question.about for question in final.questions} == set(QUIZZES[:-1])


@pytest.mark.parametrize("quiz", BANK.quizzes, ids=lambda quiz: quiz.name)
def test_every_quiz_has_every_kind_of_question(quiz: bank.Quiz) -> None:
    assert {question.kind for question in quiz.questions} == set(Kind)


@EVERY_QUESTION
def test_the_right_answer_is_right_and_explained(question: Question) -> None:
    answer = read(question, right_answer(question))
    outcome = judge(question, answer, attempt=1)
    assert outcome.is_right
    assert outcome.answer
    assert outcome.why or outcome.notes
    assert outcome.others


@EVERY_QUESTION
def test_every_wrong_answer_is_wrong_and_explained_without_giving_the_answer_away(question: Question) -> None:
    right = read(question, right_answer(question))
    for wrong in wrong_answers(question, right):
        outcome = judge(question, wrong, attempt=1)
        assert not outcome.is_right
        assert all(len(note.text) > 15 for note in outcome.notes)
        assert outcome.notes
        assert (outcome.answer, outcome.why, outcome.others) == ("", "", ())
        told = judge(question, wrong, attempt=3)
        assert not told.is_right
        assert told.answer


def wrong_answers(question: Question, right: str) -> list[str]:
    names = [option.id for option in question.options]
    if question.kind is Kind.SINGLE:
        found = names
    elif question.kind is Kind.MULTIPLE:
        found = [
            read(question, c) for n in range(1, len(names) + 1) for c in itertools.combinations(names, n)
        ]
    elif question.kind is Kind.ORDER:
        found = [read(question, each) for each in itertools.permutations(names)]
    elif question.kind is Kind.FAULT:
        found = [str(number) for number, _ in question.lines]
    else:
        return [*(normalise(name) for name in secret_of(question).notes), "something else"]
    assert right in found
    return [each for each in found if each != right]


def test_the_place_of_the_right_option_tells_nothing() -> None:
    singles = [question for _, question in ALL if question.kind is Kind.SINGLE]
    places = Counter([o.id for o in q.options].index(right_answer(q)) for q in singles)
    assert len(singles) > 30
    assert set(places) == {0, 1, 2, 3}
    assert max(places.values()) < len(singles) / 2


@pytest.mark.parametrize("extreme", [max, min])
def test_the_length_of_an_option_tells_nothing(extreme: Callable[..., Option]) -> None:
    singles = [question for _, question in ALL if question.kind is Kind.SINGLE]
    hits = [extreme(q.options, key=lambda o: len(o.text)).id == right_answer(q) for q in singles]
    assert 0.05 * len(hits) <= sum(hits) <= 0.4 * len(hits)


def test_no_short_answer_stands_in_its_own_question() -> None:
    for quiz in SOURCE.quizzes:
        for question in quiz.questions:
            if isinstance(question, source.Short):
                words = f" {normalise(question.prompt)} "
                assert not [a for a in question.accept if f" {normalise(a)} " in words], question.id


@pytest.mark.parametrize(
    ("key", "name"),
    [("1", "phase-1-tests"), (1, "phase-1-tests"), ("phase-5", "phase-5-final"), ("final", "final")],
)
def test_a_quiz_is_found_by_name_number_or_start(key: str | int, name: str) -> None:
    assert BANK.quiz(key).name == name


@pytest.mark.parametrize("key", ["", "phase", "phase-9", "p", 7, "final-"])
def test_an_unknown_quiz_is_refused_with_those_that_there_are(key: str | int) -> None:
    with pytest.raises(InvalidInput) as refusal:
        BANK.quiz(key)
    assert f"`{key}`" in refusal.value.what
    assert "phase-1-tests, " in refusal.value.evidence


def test_a_damaged_bank_is_told(tmp_path: Path) -> None:
    path = tmp_path / "bank.json"
    path.write_text('{"quizzes": [{"name": 1', encoding="utf-8")
    with pytest.raises(InvalidInput) as refusal:
        bank.load(path)
    assert str(path) in refusal.value.evidence
    assert "seal_quiz" in refusal.value.fix


def test_a_hash_belongs_to_one_question() -> None:
    keys = [key for _, question in ALL for key in question.keys]
    assert len(keys) == len(set(keys))
    assert not is_right(ALL[0][1], "beta")
