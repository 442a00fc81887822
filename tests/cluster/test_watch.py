"""A watch on replicas that somebody else changes, on recordings."""

from __future__ import annotations

import threading

from chaos_lib.cluster.recorded_api import RecordedApi
from chaos_lib.cluster.rollout import Sample
from chaos_lib.cluster.watch import ReplicaWatch
from tests.cluster.recording import NAME, played


def test_it_tells_of_the_replicas_while_its_block_lasts_and_once_more_at_its_end() -> None:
    seen: list[Sample] = []
    several = threading.Event()

    def tell(sample: Sample) -> None:
        seen.append(sample)
        if len(seen) == 3:
            several.set()

    with ReplicaWatch(played("rollout"), NAME, tell, interval_s=0.001):
        assert several.wait(timeout=30)

    assert [sample.at_s for sample in seen] == sorted(sample.at_s for sample in seen)
    assert not [thread for thread in threading.enumerate() if thread.name == "replica-watch"]


def test_a_deployment_that_is_not_there_yet_is_no_error() -> None:
    seen: list[Sample] = []

    with ReplicaWatch(RecordedApi(), NAME, seen.append, interval_s=0.001) as watch:
        watch.look()

    assert seen == []
