from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_lib.attacks import catalogue, codename_scrambled, nothing_is_broken
from chaos_lib.attacks.base import Attack, Difficulty
from chaos_lib.campaign.draw import draw, rank
from chaos_lib.errors import InvalidInput

PHASES = ("phase-1-tests", "phase-2-docker", "phase-3-jenkins", "phase-4-k8s")


def an_attack(name: str, phase: str, difficulty: Difficulty) -> Attack:
    return replace(codename_scrambled.ATTACK, name=name, phase=phase, difficulty=difficulty)


@st.composite
def catalogues(make: st.DrawFn) -> list[Attack]:
    """Catalogues as they may become: up to four layers of any size, with up to two decoys."""
    attacks = []
    for phase in make(st.lists(st.sampled_from(PHASES), min_size=1, unique=True)):
        difficulties = make(st.lists(st.sampled_from(list(Difficulty)), min_size=1, max_size=8))
        attacks += [
            an_attack(f"attack_{phase[6]}_{number}", phase, difficulty)
            for number, difficulty in enumerate(difficulties)
        ]
    decoys = make(st.integers(0, 2))
    return attacks + [replace(nothing_is_broken.ATTACK, name=f"decoy_{number}") for number in range(decoys)]


SEEDS, COUNTS = st.integers(), st.integers(1, 40)


@given(catalogues(), SEEDS, COUNTS)
def test_no_attack_comes_twice_and_the_difficulty_never_falls(attacks, seed, count):
    drawn = draw(attacks, seed=seed, count=count)

    assert len({attack.name for attack in drawn}) == len(drawn)
    ranks = [rank(attack) for attack in drawn]
    assert ranks == sorted(ranks)
    assert set(drawn) <= set(attacks)


@given(catalogues(), SEEDS, COUNTS)
def test_as_many_as_asked_for_are_drawn_or_all_there_are(attacks, seed, count):
    real = [attack for attack in attacks if not attack.is_decoy]
    drawn = draw(attacks, seed=seed, count=count)

    assert min(count, len(real)) <= len(drawn) <= count


@given(catalogues(), SEEDS, COUNTS)
def test_no_layer_gets_two_more_than_another_that_has_some_left(attacks, seed, count):
    drawn = Counter(attack.phase for attack in draw(attacks, seed=seed, count=count) if not attack.is_decoy)
    offered = Counter(attack.phase for attack in attacks if not attack.is_decoy)

    for phase, there_are in offered.items():
        if drawn[phase] < there_are:
            assert max(drawn.values()) - drawn[phase] <= 1


@given(catalogues(), SEEDS, COUNTS)
def test_a_decoy_comes_at_most_once_and_never_in_a_short_game(attacks, seed, count):
    decoys = [attack for attack in draw(attacks, seed=seed, count=count) if attack.is_decoy]

    assert len(decoys) <= (count >= 5)


@given(SEEDS, st.integers(4, 8))
def test_four_attacks_or_more_come_from_tests_image_pipeline_and_cluster(seed, count):
    drawn = draw(catalogue.load().values(), seed=seed, count=count)

    assert set(PHASES) <= {attack.phase for attack in drawn}


@given(catalogues(), SEEDS, COUNTS, st.randoms())
def test_the_same_seed_draws_the_same_in_whatever_order_the_catalogue_comes(attacks, seed, count, chance):
    shuffled = list(attacks)
    chance.shuffle(shuffled)

    assert draw(shuffled, seed=seed, count=count) == draw(attacks, seed=seed, count=count)


def test_the_global_dice_are_neither_used_nor_moved():
    attacks = list(catalogue.load().values())
    random.seed(1)
    expected = random.Random(1).random()

    draw(attacks, seed=20, count=6)

    assert random.random() == expected


def test_seeds_make_different_games_with_and_without_the_decoy():
    attacks = list(catalogue.load().values())
    games = [draw(attacks, seed=seed, count=6) for seed in range(40)]

    assert len(set(games)) > 30
    with_decoy = sum(any(attack.is_decoy for attack in game) for game in games)
    assert 10 <= with_decoy <= 30


def test_a_game_without_attacks_is_refused():
    with pytest.raises(InvalidInput, match="0 attacks make no offensive") as caught:
        draw(catalogue.load().values(), seed=1, count=0)
    assert caught.value.fix

    with pytest.raises(InvalidInput, match="no attack that this lab can play") as caught:
        draw([nothing_is_broken.ATTACK], seed=1, count=1)
    assert caught.value.evidence
    assert "doctor" in caught.value.fix
