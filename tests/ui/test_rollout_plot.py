"""Replicas over a rollout: what the picture shows is also said in words."""

from __future__ import annotations

import dataclasses
from typing import Any

from chaos_lib.cluster.diagnosis import Cause, Diagnosis
from chaos_lib.cluster.rollout import Rollout, Sample
from chaos_lib.cluster.workload import Counts
from chaos_lib.ui import rollout_plot
from chaos_lib.ui.page import Place, Snapshot

SAMPLES = tuple(
    Sample(at, Counts(wanted=2, updated=1, ready=ready, available=ready, new_ready=new))
    for at, ready, new in ((0.0, 2, 0), (1.0, 3, 1), (2.0, 2, 2))
)


def rollout(cause: Cause) -> Rollout:
    return Rollout("web", 3, Diagnosis(cause, "", "", ""), SAMPLES, 2.0)


def test_a_complete_rollout_is_told_in_words() -> None:
    figure = rollout_plot.of_rollout(rollout(Cause.HEALTHY))

    words = figure.get_label()
    assert "Rollout of web is complete" in words
    assert "2 of 2 replicas are ready" in words
    assert "never fewer than 2" in words
    assert "undone" not in words


def test_a_failed_rollout_names_its_cause_and_when_it_was_undone() -> None:
    words = rollout_plot.of_rollout(rollout(Cause.CRASH_LOOP)).get_label()

    assert "failed: CRASH_LOOP" in words
    assert "It was undone after 2" in words


def test_both_series_are_there_and_can_be_told_apart_without_colour() -> None:
    (axes,) = rollout_plot.replicas_over_time(SAMPLES).axes

    lines = [line for line in axes.lines if line.get_label() in ("ready, all versions", "ready, new version")]
    assert [list(line.get_ydata()) for line in lines] == [[2, 3, 2], [0, 1, 2]]
    assert len({line.get_linestyle() for line in lines}) == 2


class Handle:
    def __init__(self, shown: list[Snapshot]) -> None:
        self.shown = shown

    def update(self, value: Snapshot) -> None:
        self.shown.append(value)


def test_the_live_picture_grows_in_place_and_not_at_every_look() -> None:
    shown: list[Snapshot] = []
    now = iter([0.0, 0.0, 0.1, 0.7, 0.7])

    def show(value: Any, **_: Any) -> Handle:
        shown.append(value)
        return Handle(shown)

    live = rollout_plot.LiveReplicas("Rollout of web", place=Place(show), now=lambda: next(now))
    for sample in SAMPLES:
        live(sample)

    assert live.samples == SAMPLES
    assert len(shown) == 2
    assert shown[-1].html.startswith('<img alt="Rollout of web.')
    assert "2 of 2 replicas are ready" in shown[-1].text


def test_the_time_before_a_late_beginning_is_left_out() -> None:
    early = rollout_plot.replicas_over_time(SAMPLES)
    late = rollout_plot.replicas_over_time(
        [dataclasses.replace(sample, at_s=sample.at_s + 26) for sample in SAMPLES]
    )

    assert early.axes[0].get_xlim()[0] == 0
    assert late.axes[0].get_xlim()[0] == 26
