from __future__ import annotations

import hashlib

import pytest

from chaos_lib.certificate.evidence import Evidence, result, worth_of_checks
from chaos_lib.certificate.record import Kind
from chaos_lib.checks.catalogue import CHECKS
from chaos_lib.errors import InvalidInput
from chaos_lib.mission_log import Event
from chaos_lib.phases import Phase
from chaos_lib.settings import Tier

PHASES = (
    Phase("one", 0, "One", 10, "", 10, facilities=("services",)),
    Phase("two", 1, "Two", 10, "", 30, facilities=("services", "containers")),
)
WORTH = {"one.a": ("one", 10), "two.a": ("two", 20), "two.b": ("two", 10)}


def passed(name: str, points: int = 999) -> Event:
    return Event(1.0, name.split(".")[0], "check_passed", name, {"points": points})


def finished(name: str) -> Event:
    return Event(2.0, name, "phase_finished", name)


def tier(phase: str, facility: str, value: str) -> Event:
    return Event(0.0, phase, "tier", facility, {"tier": value})


def test_all_phases_with_enough_points_are_a_completion() -> None:
    reached = result(
        [passed("one.a"), passed("two.a"), passed("two.b"), finished("one"), finished("two")],
        worth=WORTH,
        phases=PHASES,
    )

    assert (reached.kind, reached.score, reached.possible) == (Kind.COMPLETION, 40, 40)
    assert [(phase.title, phase.points, phase.possible) for phase in reached.phases] == [
        ("One", 10, 10),
        ("Two", 30, 30),
    ]


def test_a_phase_with_all_its_points_is_finished_and_one_without_points_need_not_be() -> None:
    wrap_up = Phase("wrap-up", 2, "Wrap-up", 10, "", 0)
    reached = result(
        [passed("one.a"), passed("two.a"), passed("two.b")], worth=WORTH, phases=(*PHASES, wrap_up)
    )

    assert (reached.kind, [phase.name for phase in reached.phases]) == (Kind.COMPLETION, ["one", "two"])


def test_a_check_counts_once_and_what_the_kit_says_not_what_the_event_says() -> None:
    reached = result([passed("one.a"), passed("one.a"), passed("made.up")], worth=WORTH, phases=PHASES)

    assert (reached.score, len(reached.phases), reached.kind) == (10, 1, Kind.PARTICIPATION)


@pytest.mark.parametrize(
    "events",
    [
        [passed("one.a"), passed("two.a"), finished("one")],  # a phase is not finished
        [passed("two.a"), finished("one"), finished("two")],  # half of the points
    ],
)
def test_less_is_a_participation(events: list[Event]) -> None:
    assert result(events, worth=WORTH, phases=PHASES).kind is Kind.PARTICIPATION


def test_the_tier_is_the_least_real_one_of_the_finished_phases() -> None:
    events = [
        tier("one", "services", "LIVE"),
        tier("two", "services", "LIVE"),
        tier("two", "containers", ""),  # not there at all: it was not played on
        finished("one"),
        finished("two"),
    ]
    assert result(events, worth=WORTH, phases=PHASES).tier is Tier.LIVE

    events.append(tier("two", "services", "EMBEDDED"))  # the last word counts
    reached = result(events, worth=WORTH, phases=PHASES)
    assert [phase.tier for phase in reached.phases] == [Tier.LIVE, Tier.EMBEDDED]
    assert reached.tier is Tier.EMBEDDED


def test_without_a_word_on_the_tier_nothing_better_than_simulated_is_claimed() -> None:
    assert result([finished("one")], worth=WORTH, phases=PHASES).tier is Tier.SIMULATED


def test_events_survive_being_text_and_the_digest_is_of_that_text() -> None:
    events = [passed("one.a", 7), Event(3.1234567, "two", "hint_taken", "Ünïcödé\n", {"b": 1, "a": [None]})]
    evidence = Evidence.of(events)

    again = Evidence(evidence.text).events()
    assert [(e.phase, e.kind, e.name, dict(e.data)) for e in again] == [
        (e.phase, e.kind, e.name, dict(e.data)) for e in events
    ]
    assert Evidence.of(again) == evidence
    assert evidence.digest == hashlib.sha256(evidence.text.encode()).hexdigest()


@pytest.mark.parametrize(
    "text", ["hello", "[1]", '[1,"a","b","c",3]', '[1e999,"a","b","c",{}]', "[1,2,3,4,{}]", "[" * 9999]
)
def test_text_that_is_no_mission_log_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="no mission log") as refused:
        Evidence(text).events()

    assert refused.value.evidence.startswith("line 1: ")


def test_every_check_of_the_kit_has_its_worth() -> None:
    assert worth_of_checks() == {check.name: (check.phase, check.points) for check in CHECKS.values()}
