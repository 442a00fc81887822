from __future__ import annotations

import re

import pytest

from chaos_lib.attacks import catalogue as attacks
from chaos_lib.defences.catalogue import DEFENCES, find
from chaos_lib.errors import InvalidInput


@pytest.mark.parametrize("defence", DEFENCES.values(), ids=DEFENCES)
def test_every_defence_says_what_it_is(defence):
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", defence.name)
    assert find(defence.name) is defence
    assert defence.title
    assert defence.phase.startswith("phase-")
    assert all(re.fullmatch(r"[A-Z]+(_[A-Z]+)*", code) for code in defence.reasons)
    assert all(sentence.endswith(".") for sentence in defence.reasons.values())
    assert "OK" not in defence.reasons


def test_an_unknown_defence_is_refused_and_the_known_ones_are_listed():
    with pytest.raises(InvalidInput, match="no defence `moat`") as caught:
        find("moat")
    assert "unit-tests" in caught.value.evidence
    assert caught.value.fix


@pytest.mark.parametrize("attack", attacks.load().values(), ids=attacks.load())
def test_every_attack_is_caught_by_a_defence_that_knows_its_reason(attack):
    reasons = find(attack.defence).reasons

    assert attack.symptom.reason == "OK" if attack.is_decoy else attack.symptom.reason in reasons
