"""Two colours, one public Service: deploy beside, look, switch, and switch back at once when it was a mistake."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chaos_lib.cluster import deploy
from chaos_lib.cluster.api import ClusterApi
from chaos_lib.cluster.manifests import COLOURS, Manifests
from chaos_lib.cluster.objects import Key, name_of
from chaos_lib.cluster.rollout import ProgressOfReplicas, _ignore
from chaos_lib.cluster.smoke import SmokeReport, smoke
from chaos_lib.errors import InvalidInput
from chaos_lib.wait import SYSTEM_CLOCK, Clock

PUBLIC = "mission-control"
_LABEL = "colour"
# After the switch every answer must come from the new colour; so many in a row are believed.
_LOOKS = 5
_SETTLE_S = 15.0
_INTERVAL_S = 0.2


@dataclass(frozen=True)
class SwitchReport:
    """How a switch went.

    Attributes:
        colour: The colour that was to serve.
        before: The colour that served before.
        serves: The colour that serves now.
        deployed: How its deployment went.
        gate: The smoke test before the switch; None when it did not come to that.
        after: The smoke test after it; None likewise.
    """

    colour: str
    before: str
    serves: str
    deployed: deploy.Deployed
    gate: SmokeReport | None = None
    after: SmokeReport | None = None

    @property
    def is_good(self) -> bool:
        """Whether the new colour serves."""
        return self.serves == self.colour and self.deployed.is_good

    @property
    def was_flipped_back(self) -> bool:
        """Whether the switch was made and taken back."""
        return self.after is not None and self.serves == self.before != self.colour

    @property
    def in_words(self) -> str:
        """What happened, in one or two sentences."""
        if self.is_good:
            return f"{self.colour} was deployed beside {self.before or 'nothing'}, answered, and serves now."
        if self.was_flipped_back:
            assert self.after is not None
            return f"{self.colour} was switched to and did not hold: {self.after.in_words} {self.before} serves again."
        if self.gate is not None and not self.gate.is_good:
            return f"{self.colour} runs, but it does not answer as it should: {self.gate.in_words} {self.before} still serves."
        why = self.deployed.refusal.what if self.deployed.refusal else self.deployed.diagnosis.paragraph
        return f"{self.colour} could not be deployed, {self.before or 'nobody'} still serves. {why}"


def serving(api: ClusterApi, service: str = PUBLIC) -> str:
    """Return the colour that the public Service selects; empty when there is no such Service, or it selects none."""
    found = api.read(Key("v1", "Service", service))
    return str(((found or {}).get("spec") or {}).get("selector", {}).get(_LABEL, ""))


def flip(api: ClusterApi, colour: str, service: str = PUBLIC) -> str:
    """Let the public Service select a colour: `kubectl patch service … -p '{"spec":{"selector":{"colour":…}}}'`.

    Returns:
        The colour that it selected before.

    Raises:
        InvalidInput: There is no such colour or no such Service.
    """
    if colour not in COLOURS:
        raise InvalidInput(f"There is no colour `{colour}`.", fix=f"Choose {' or '.join(COLOURS)}.")
    found = api.read(Key("v1", "Service", service))
    if found is None:
        raise InvalidInput(
            f"There is no Service `{service}` in `{api.namespace}`.",
            fix="Apply the manifests first: `kubectl apply -k k8s/switch`.",
        )
    before = str(found["spec"]["selector"].get(_LABEL, ""))
    body: dict[str, Any] = copy.deepcopy(dict(found))
    body.pop("status", None)
    body["metadata"].pop("managedFields", None)
    body["spec"]["selector"][_LABEL] = colour
    api.replace(body)
    return before


def keep_colour(manifests: Manifests, colour: str, service: str = PUBLIC) -> Manifests:
    """Return manifests whose public Service selects a colour: deploying must not switch."""
    changed = []
    for body in manifests:
        copied: dict[str, Any] = copy.deepcopy(dict(body))
        if copied["kind"] == "Service" and name_of(copied) == service:
            copied["spec"]["selector"][_LABEL] = colour
        changed.append(copied)
    return Manifests(tuple(changed))


def switch_over(
    api: ClusterApi,
    colour: str,
    manifests: Manifests,
    *,
    is_gated: bool = True,
    on_progress: ProgressOfReplicas = _ignore,
    on_step: Callable[[str], None] = lambda _: None,
    clock: Clock = SYSTEM_CLOCK,
) -> SwitchReport:
    """Deploy a colour beside the one that serves, look at it, switch to it, and switch back when it does not hold.

    Args:
        api: The cluster.
        colour: The colour that is to serve.
        manifests: Its objects, its own Service included; not the public one.
        is_gated: Whether it has to answer before it is switched to; without the gate the switch comes right after the
            manifests were applied, which is what green_flipped_early shows.
        on_progress: Told of the replicas at every look.
        on_step: Told of each step in words.
        clock: The time source.

    Raises:
        InvalidInput: There is no such colour, or no public Service.
    """
    before = serving(api)
    if not is_gated:
        on_step("applying")
        deploy.apply(api, manifests)
        return _switched(api, colour, before, deploy.Deployed(()), None, on_step, clock)
    on_step(f"deploying {colour} beside {before or 'nothing'}")
    deployed = deploy.deploy(api, manifests, on_progress=on_progress, clock=clock)
    if not deployed.is_good:
        return SwitchReport(colour, before, serving(api), deployed)
    on_step(f"asking {colour}")
    gate = smoke(api, f"{PUBLIC}-{colour}", clock=clock)
    if not gate.is_good:
        return SwitchReport(colour, before, serving(api), deployed, gate)
    return _switched(api, colour, before, deployed, gate, on_step, clock)


def _switched(
    api: ClusterApi,
    colour: str,
    before: str,
    deployed: deploy.Deployed,
    gate: SmokeReport | None,
    on_step: Callable[[str], None],
    clock: Clock,
) -> SwitchReport:
    on_step(f"switching to {colour}")
    try:
        flip(api, colour)
        on_step(f"watching {colour}")
        after = _watch(api, colour, clock)
    except BaseException:
        # Ctrl-C in the middle of a switch: who served before serves.
        if before in COLOURS:
            flip(api, before)
        raise
    if not (after.is_good and after.colour == colour) and before in COLOURS and before != colour:
        on_step(f"switching back to {before}")
        flip(api, before)
        return SwitchReport(colour, before, before, deployed, gate, after)
    return SwitchReport(colour, before, colour, deployed, gate, after)


def _watch(api: ClusterApi, colour: str, clock: Clock) -> SmokeReport:
    """Ask the public Service until the new colour has answered some times in a row, or something is wrong for too long."""
    start, good = clock.monotonic(), 0
    while True:
        report = smoke(api, PUBLIC, clock=clock)
        good = good + 1 if report.is_good and report.colour == colour else 0
        if good >= _LOOKS or (good == 0 and clock.monotonic() - start >= _SETTLE_S):
            return report
        clock.sleep(_INTERVAL_S)
