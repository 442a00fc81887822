"""Cards of the cluster: how a deployment went, what is wrong with it, and who serves."""

from __future__ import annotations

from chaos_lib.cluster.blue_green import SwitchReport
from chaos_lib.cluster.deploy import Deployed
from chaos_lib.cluster.diagnosis import Diagnosis
from chaos_lib.cluster.kubectl import KUBECTL
from chaos_lib.cluster.rollout import Rollout
from chaos_lib.cluster.smoke import SmokeReport
from chaos_lib.ui.card import Card, Part, PartKind, Tone
from chaos_lib.ui.cards import NEXT_STEP, practitioner
from chaos_lib.ui.marks import seconds

_ELSEWHERE = (
    "`kubectl apply -k k8s/overlays/{colour}`. The files name the namespace `mission-control` and the image that a registry has; "
    "the kit fills in this mission's namespace, and the image that you have just built."
)


def diagnosis(value: Diagnosis) -> Card:
    """Show what is wrong with a workload, what the cluster itself says of it, and the command that shows it."""
    if value.is_healthy:
        return Card(Tone.GOOD, "✓", "HEALTHY", "", (), _parts(value))
    return Card(Tone.BAD, "✗", "DIAGNOSIS", value.cause.value, (), _parts(value))


def deployed(value: Deployed) -> Card:
    """Show how a deployment went: complete, or why not."""
    if value.refusal is not None:
        return Card(
            Tone.BAD, "✗", "REFUSED", "The API server took nothing.", (), (
                Part(value.refusal.what),
                Part(value.refusal.evidence, "Evidence", PartKind.OUTPUT),
                Part(value.refusal.fix, NEXT_STEP, PartKind.NEXT),
            ),
        )  # fmt: skip
    if value.failed is not None:
        return rollout(value.failed)
    lines = [
        f"{each.workload}: {each.samples[-1].counts.in_words}, revision {each.revision}, {seconds(each.elapsed_s)}"
        for each in value.rollouts
    ]
    last = value.rollouts[-1]
    colour = last.workload.rpartition("-")[2]
    return Card(Tone.GOOD, "✓", "DEPLOYED", last.workload, (seconds(sum(each.elapsed_s for each in value.rollouts)),), (
        Part("\n".join(lines), "Replicas", PartKind.OUTPUT),
        practitioner(f"{KUBECTL} rollout status deployment/{last.workload}; {KUBECTL} get pods -l colour={colour}"),
        Part(_ELSEWHERE.format(colour=colour), "The same by hand"),
    ))  # fmt: skip


def rollout(value: Rollout) -> Card:
    """Show how one rollout went."""
    badges = (f"revision {value.revision}", seconds(value.elapsed_s))
    if value.is_complete:
        return Card(Tone.GOOD, "✓", "ROLLED OUT", value.workload, badges, _parts(value.diagnosis))
    counts = Part(value.samples[-1].counts.in_words, "Replicas", PartKind.OUTPUT)
    look = Part(f'`chaos.diagnose("{value.workload}")` says why.', NEXT_STEP, PartKind.NEXT)
    heading = f"{value.workload}: {value.diagnosis.cause.value}"
    command = practitioner(f"{KUBECTL} rollout status deployment/{value.workload}; {KUBECTL} get pods")
    return Card(Tone.BAD, "✗", "NOT ROLLED OUT", heading, badges, (counts, look, command))


def rolled_back(value: Rollout) -> Card:
    """Show how going back went."""
    if not value.is_complete:
        return rollout(value)
    return Card(
        Tone.GOOD, "↺", "ROLLED BACK", value.workload, (f"revision {value.revision}", seconds(value.elapsed_s)), (
            Part("The version before runs again. Your files have not changed: the next deployment brings the same fault."),
            practitioner(f"{KUBECTL} rollout undo deployment/{value.workload}"),
        ),
    )  # fmt: skip


def switched(value: SwitchReport) -> Card:
    """Show how a switch from one colour to the other went: what each gate said, and who serves now."""
    good, badges = value.is_good, (f"{value.serves or 'nobody'} serves",)
    gates = [
        f"{when}: {_smoke(report)}"
        for when, report in (("before the switch", value.gate), ("after the switch", value.after))
        if report is not None
    ]
    parts = [Part(value.in_words), Part("\n".join(gates), "Smoke gate", PartKind.OUTPUT)]
    if not value.deployed.is_good and value.deployed.refusal is None:
        parts += _parts(value.deployed.diagnosis)[1:]
    else:
        parts.append(practitioner(flip_command(value.colour)))
    if good:
        return Card(
            Tone.GOOD, "⇄", "SWITCHED", f"{value.before or 'nothing'} → {value.colour}", badges, tuple(parts)
        )
    word = "FLIPPED BACK" if value.was_flipped_back else "NOT SWITCHED"
    return Card(Tone.BAD, "✗", word, value.colour, badges, tuple(parts))


def flipped(before: str, colour: str) -> Card:
    """Show that the public Service selects another colour."""
    return Card(Tone.GOOD, "⇄", "SWITCHED", f"{before or 'nothing'} → {colour}", (f"{colour} serves",), (
        practitioner(flip_command(colour)),
    ))  # fmt: skip


def flip_command(colour: str) -> str:
    """Return the command that lets the public Service select a colour."""
    return f'{KUBECTL} patch service mission-control -p \'{{"spec":{{"selector":{{"colour":"{colour}"}}}}}}\''


def _smoke(report: SmokeReport) -> str:
    return f"{report.in_words}\n{report.evidence}".replace("`", "")


def _parts(value: Diagnosis) -> tuple[Part, ...]:
    return (
        Part(value.paragraph),
        Part(value.evidence, "Evidence", PartKind.OUTPUT),
        practitioner(value.command),
    )
