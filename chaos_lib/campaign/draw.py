"""Draws the sequence of an offensive: over all layers, from easy to hard, each attack once."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

from chaos_lib.attacks.base import Attack, Difficulty
from chaos_lib.errors import InvalidInput

# What a pipeline is made of: each of these phases has its turn before a second attack, or one of elsewhere, is drawn.
_LAYERS = ("phase-1-tests", "phase-2-docker", "phase-3-jenkins", "phase-4-k8s")
# With fewer rounds a decoy would take the turn of a layer.
_DECOY_FROM = len(_LAYERS) + 1
_DECOY_CHANCE = 0.5
_RANKS = {Difficulty.BEGINNER: 1, Difficulty.INTERMEDIATE: 2, Difficulty.ADVANCED: 3}


def rank(attack: Attack) -> int:
    """Return how hard an attack is, from 1 to 3."""
    return _RANKS[attack.difficulty]


def draw(attacks: Iterable[Attack], *, seed: int, count: int) -> tuple[Attack, ...]:
    """Draw a sequence of attacks.

    Tests, image, pipeline and cluster have their turn first: four attacks, or more, come from all of them that can be played.
    No phase gets two attacks more than another, unless the other has no more to give. The difficulty never falls. No attack
    comes twice, and at most one is a decoy. The same seed, attacks and count give the same sequence, in whatever order the
    attacks come and on every machine.

    Args:
        attacks: Those that can be played; the phase of an attack is its layer.
        seed: Of every choice.
        count: How many, from 1; fewer are drawn when there are fewer.

    Raises:
        InvalidInput: The count makes no sense, or there is nothing to draw from.
    """
    if count < 1:
        raise InvalidInput(f"{count} attacks make no offensive.", fix="Ask for at least one.")
    # By name: the catalogue's order must not matter.
    pool = sorted({attack.name: attack for attack in attacks}.values(), key=lambda attack: attack.name)
    real = [attack for attack in pool if not attack.is_decoy]
    decoys = [attack for attack in pool if attack.is_decoy]
    if not real:
        raise InvalidInput(
            "There is no attack that this lab can play.",
            evidence=f"{len(decoys)} decoys and nothing else",
            fix="Run `opchaos doctor`: it says what a better tier needs.",
        )
    # A text seeds in the same way in every version of Python.
    dice = random.Random(f"offensive {seed}")  # noqa: S311 - a game, no secret
    has_decoy = bool(decoys) and count >= _DECOY_FROM and dice.random() < _DECOY_CHANCE
    chosen = _by_turns(real, count - has_decoy, dice)
    if has_decoy:
        chosen.append(dice.choice(decoys))
    dice.shuffle(chosen)
    return tuple(sorted(chosen, key=rank))


def _by_turns(attacks: Sequence[Attack], count: int, dice: random.Random) -> list[Attack]:
    """Let the phases give one attack each by turns, until there are enough."""
    layers: dict[str, list[Attack]] = {}
    for attack in attacks:
        layers.setdefault(attack.phase, []).append(attack)
    turns = [layers[phase] for phase in sorted(layers)]
    dice.shuffle(turns)
    turns.sort(key=lambda layer: layer[0].phase not in _LAYERS)
    for layer in turns:
        dice.shuffle(layer)
    chosen: list[Attack] = []
    while len(chosen) < count and any(turns):
        chosen += [layer.pop() for layer in turns if layer][: count - len(chosen)]
    return chosen
