"""Two colours, one public Service: nothing switches before it answers, and a switch that was a mistake is taken back."""

from __future__ import annotations

import pytest

from chaos_lib.cluster import blue_green
from chaos_lib.cluster.api import HttpAnswer
from chaos_lib.cluster.manifests import Manifests
from chaos_lib.cluster.objects import Key
from chaos_lib.cluster.recorded_api import RecordedApi
from chaos_lib.errors import InvalidInput
from tests.cluster.recording import NAME, frames

PUBLIC = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "mission-control"},
    "spec": {"selector": {"app": "mission-control", "colour": "green"}, "ports": [{"port": 80}]},
}
OWN = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": NAME}, "spec": {"replicas": 2}}
BLUE = Manifests((OWN,))


def answers(public: str, *, gate: int = 200) -> dict[str, HttpAnswer]:
    return {
        f"{NAME} /readyz": HttpAnswer(gate, "not ready" if gate != 200 else ""),
        f"{NAME} /version": HttpAnswer(200, '{"colour": "blue"}'),
        "mission-control /version": HttpAnswer(200, f'{{"colour": "{public}"}}'),
    }


def selector(api: RecordedApi) -> str:
    return api.read(Key("v1", "Service", "mission-control"))["spec"]["selector"]["colour"]


def test_a_colour_that_answers_serves(clock) -> None:
    api = RecordedApi([PUBLIC], frames("healthy"), answers=answers("blue"))
    steps: list[str] = []

    report = blue_green.switch_over(api, "blue", BLUE, on_step=steps.append, clock=clock)

    assert report.is_good
    assert (report.before, report.serves, selector(api)) == ("green", "blue", "blue")
    assert steps == ["deploying blue beside green", "asking blue", "switching to blue", "watching blue"]
    assert "serves now" in report.in_words


def test_a_colour_that_does_not_come_up_is_never_switched_to(clock) -> None:
    api = RecordedApi([PUBLIC], frames("crash_loop"), answers=answers("green"))

    report = blue_green.switch_over(api, "blue", BLUE, clock=clock)

    assert not report.is_good
    assert selector(api) == "green"
    assert "could not be deployed, green still serves" in report.in_words


def test_a_colour_that_runs_and_answers_wrongly_is_never_switched_to(clock) -> None:
    api = RecordedApi([PUBLIC], frames("healthy"), answers=answers("green", gate=503))

    report = blue_green.switch_over(api, "blue", BLUE, clock=clock)

    assert report.gate is not None
    assert selector(api) == "green"
    assert "answers /readyz with 503" in report.in_words
    assert "GET /readyz: 503 not ready" in report.gate.evidence


def test_a_switch_that_does_not_hold_is_taken_back(clock) -> None:
    # The public Service goes on answering in green, whatever was patched.
    api = RecordedApi([PUBLIC], frames("healthy"), answers=answers("green"))

    report = blue_green.switch_over(api, "blue", BLUE, clock=clock)

    assert report.was_flipped_back
    assert (report.serves, selector(api)) == ("green", "green")
    assert "did not hold" in report.in_words


def test_without_the_gate_it_is_switched_blindly_and_the_watch_brings_it_back(clock) -> None:
    api = RecordedApi(
        [PUBLIC], frames("healthy"), answers={"mission-control /healthz": HttpAnswer(503, "no pods")}
    )

    report = blue_green.switch_over(api, "blue", BLUE, is_gated=False, clock=clock)

    assert report.was_flipped_back
    assert selector(api) == "green"


def test_ctrl_c_while_it_is_watched_brings_the_old_colour_back(clock) -> None:
    api = RecordedApi([PUBLIC], frames("healthy"), answers=answers("blue"))

    def interrupt(step: str) -> None:
        if step.startswith("watching"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        blue_green.switch_over(api, "blue", BLUE, on_step=interrupt, clock=clock)
    assert selector(api) == "green"


def test_deploying_does_not_switch() -> None:
    kept = blue_green.keep_colour(Manifests((PUBLIC, OWN)), "blue")

    assert kept.find("Service", "mission-control")["spec"]["selector"]["colour"] == "blue"
    assert PUBLIC["spec"]["selector"]["colour"] == "green"


def test_only_known_colours_and_a_service_that_is_there_can_be_flipped() -> None:
    with pytest.raises(InvalidInput, match="no colour `pink`"):
        blue_green.flip(RecordedApi([PUBLIC]), "pink")
    with pytest.raises(InvalidInput, match="no Service `mission-control`") as caught:
        blue_green.flip(RecordedApi(), "blue")
    assert "k8s/switch" in caught.value.fix
    assert blue_green.serving(RecordedApi()) == ""
