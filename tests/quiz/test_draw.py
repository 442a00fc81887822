from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from chaos_lib.quiz.bank import FINAL, load
from chaos_lib.quiz.draw import draw, shuffled
from chaos_lib.quiz.judge import is_right
from chaos_lib.quiz.paper import paper

POOLS = st.lists(st.integers(0, 999), unique=True, max_size=40)
SEEDS = st.text(max_size=8)


def drawn(pool: list[int], number: int, seed: str) -> tuple[int, ...]:
    return draw(pool, number, seed, name=str, stratum=lambda item: str(item % 6))


@given(POOLS, SEEDS)
def test_shuffling_keeps_everything_and_forgets_the_order_before(pool: list[int], seed: str) -> None:
    assert sorted(shuffled(pool, seed, str)) == sorted(pool)
    assert shuffled(pool, seed, str) == shuffled(pool[::-1], seed, str)


@given(POOLS, st.integers(0, 50), SEEDS)
def test_a_draw_is_even_over_the_strata_and_can_be_repeated(pool: list[int], number: int, seed: str) -> None:
    result = drawn(pool, number, seed)
    assert len(result) == len(set(result)) == min(number, len(pool))
    assert set(result) <= set(pool)
    assert result == drawn(pool[::-1], number, seed)
    there = Counter(item % 6 for item in pool)
    taken = Counter(item % 6 for item in result)
    most = max(taken.values(), default=0)
    # Nobody has two more than another who still had some to give.
    assert all(taken[each] >= most - 1 for each in there if there[each] > taken[each])


def test_the_order_of_a_seed_never_changes() -> None:
    # Notebooks hold answers to a paper by its seed: another order in another version would be another paper.
    assert shuffled("abcdef", "20", str) == ("e", "f", "b", "d", "a", "c")


@given(st.integers(-5, 10_000))
def test_the_final_draws_five_questions_on_five_phases(seed: int) -> None:
    final = paper(FINAL, seed)
    assert final.is_drawn
    assert len(final.questions) == len({question.about for question in final.questions}) == 5
    assert final == paper(FINAL, seed)


def test_every_question_of_the_pool_is_drawn_by_some_seed() -> None:
    seen = Counter(question.id for seed in range(300) for question in paper(FINAL, seed).questions)
    assert set(seen) == {question.id for question in load().quiz(FINAL).questions}
    assert max(seen.values()) < 3 * min(seen.values())


def test_options_are_shuffled_by_the_seed_and_the_questions_of_a_phase_stay() -> None:
    papers = [paper(1, seed) for seed in range(20)]
    assert len({tuple(q.id for q in each.questions) for each in papers}) == 1
    assert not papers[0].is_drawn
    orders = {tuple(option.id for option in each.questions[0].options) for each in papers}
    assert len(orders) > 5


def test_things_to_put_in_order_are_never_shown_in_the_right_one() -> None:
    for quiz in load().quizzes:
        for seed in range(40):
            for question in paper(quiz.name, seed).questions:
                if question.kind.value == "order":
                    assert not is_right(question, " > ".join(option.id for option in question.options))
