from __future__ import annotations

import pytest

from mission_control.codenames import MAX_LENGTH, make_codename, normalise_codename


def test_the_same_seed_gives_the_same_codename():
    assert make_codename(7) == make_codename(7)


def test_seeds_give_many_different_codenames():
    assert len({make_codename(seed) for seed in range(100)}) > 90


@pytest.mark.parametrize("seed", range(50))
def test_a_made_up_codename_is_in_the_form_that_is_stored(seed):
    assert normalise_codename(make_codename(seed)) == make_codename(seed)


@pytest.mark.parametrize("typed", ["silent-falcon", " Silent  Falcon ", "SILENT_FALCON", "-silent--falcon-"])
def test_different_spellings_mean_the_same_codename(typed):
    assert normalise_codename(typed) == "silent-falcon"


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "cannot be empty"),
        (" - ", "cannot be empty"),
        ("a" * (MAX_LENGTH + 1), "at most 40"),
        ("7-samurai", "starts with a letter"),
        ("drop table;", "only letters"),
        ("mission-é", "only letters"),
    ],
)
def test_a_codename_that_cannot_be_says_why(typed, message):
    with pytest.raises(ValueError, match=message):
        normalise_codename(typed)


def test_the_longest_codename_is_accepted():
    assert normalise_codename("a" * MAX_LENGTH) == "a" * MAX_LENGTH
