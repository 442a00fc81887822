"""One function for each thing that is shown as a card."""

from __future__ import annotations

import json
from collections.abc import Sequence

from chaos_lib.attacks.base import Attack
from chaos_lib.cluster.target import NAMESPACE
from chaos_lib.defences.base import Verdict
from chaos_lib.defences.flake_detector import RepeatedRuns
from chaos_lib.doctor.report import Finding, Report, Status
from chaos_lib.errors import ChaosError, CheckFailed, NotAnsweredYet
from chaos_lib.experiment import Healed
from chaos_lib.hints import Hint
from chaos_lib.service import Answer
from chaos_lib.ui.card import Card, Part, PartKind, Tone
from chaos_lib.ui.marks import seconds, tier_mark

PRACTITIONER = "What a practitioner types"
NEXT_STEP = "Next step"


def practitioner(command: str) -> Part:
    """Show a command to type; one for the lab's cluster says how a terminal gets to know that."""
    label = PRACTITIONER
    if NAMESPACE in command:
        label += ' (once in each terminal: eval "$(opchaos env)")'
    return Part(command, label, PartKind.COMMAND)


def verdict(value: Verdict) -> Card:
    """Show what a defence said."""
    heading = value.defence if value.is_green else f"{value.defence}: {value.reason}"
    badges = [tier_mark(value.tier)]
    if value.elapsed_s > 0:
        badges.append(seconds(value.elapsed_s))
    return Card(
        Tone.GOOD if value.is_green else Tone.BAD,
        "✓" if value.is_green else "✗",
        "GREEN" if value.is_green else "RED",
        heading,
        tuple(badges),
        (
            Part(value.summary),
            Part(value.evidence, "Evidence", PartKind.OUTPUT),
            Part(value.remedy, NEXT_STEP, PartKind.NEXT),
            practitioner(value.command),
        ),
    )


def error(value: ChaosError) -> Card:
    """Show an error: what, evidence, fix. A failed check shows what was found and what was expected."""
    if isinstance(value, CheckFailed):
        return Card(
            Tone.NOTE, "✗", "NOT YET", _without_not_yet(value.what), (), (
                Part(value.found, "Found", PartKind.OUTPUT),
                Part(value.expected, "Expected"),
                Part(value.next_step, NEXT_STEP, PartKind.NEXT),
            ),
        )  # fmt: skip
    if isinstance(value, NotAnsweredYet):
        return Card(Tone.NOTE, "…", "YOUR TURN", value.what, (), (Part(value.fix, NEXT_STEP, PartKind.NEXT),))
    return Card(
        Tone.BAD, "!", "PROBLEM", value.what, (), (
            Part(value.evidence, "Evidence", PartKind.OUTPUT),
            Part(value.fix, "Fix", PartKind.NEXT),
        ),
    )  # fmt: skip


def _without_not_yet(what: str) -> str:
    rest = what.removeprefix("Not yet: ")  # the card's own word says it
    return rest[:1].upper() + rest[1:]


def unexpected(exc: Exception) -> Card:
    """Show an error that nobody foresaw; it is never hidden, and never a traceback."""
    return error(
        ChaosError(
            "Something went wrong that this workshop did not foresee.",
            evidence=f"{type(exc).__name__}: {exc}",
            fix="Run `opchaos heal --all`, restart the kernel and try again; `opchaos doctor` looks for a cause.",
        )
    )


def hint(value: Hint) -> Card:
    """Show a hint."""
    badges = [] if value.is_new else ["seen before"]
    if value.is_last:
        badges.append("last hint")
    return Card(Tone.NOTE, "?", "HINT", "", tuple(badges), (Part(value.text),))


def story(attack: Attack) -> Card:
    """Tell an attack: who it is for, what the Chaos Agent says, and which defence it plays against."""
    badges = (
        attack.difficulty.value,
        f"{attack.minutes} min",
        "core" if attack.is_core else "bonus",
        " or ".join(tier_mark(tier) for tier in attack.tiers),
    )
    return Card(
        Tone.VILLAIN, attack.emoji, "ATTACK", attack.title, badges, (
            Part(attack.story, "The Chaos Agent says"),
            Part(f"`{attack.defence}`", "Caught by the defence"),
            Part(attack.easier, "Easier variant"),
        ),
    )  # fmt: skip


def command(attack: Attack) -> Card:
    """Show the command with which a practitioner would look at the symptom."""
    return Card(Tone.INFO, "›", "COMMAND", attack.title, (), (
        practitioner(attack.command),
    ))  # fmt: skip


def at_work(attack: Attack, next_step: str) -> Card:
    """Say that an attack is at work.

    Args:
        attack: The attack.
        next_step: How to see what it did.
    """
    return Card(Tone.BAD, "✗", "BROKEN", f"“{attack.title}” is at work.", (), (
        Part(next_step, NEXT_STEP, PartKind.NEXT),
    ))  # fmt: skip


def debrief(attack: Attack) -> Card:
    """Say why an attack happens in real life, and what prevents it."""
    return Card(Tone.INFO, "★", "DEBRIEF", attack.title, (), (Part(attack.debrief),))


def healed(value: Healed) -> Card:
    """Show what a heal brought back."""
    if not value.attacks and not value.damaged_lines:
        return Card(Tone.GOOD, "✓", "HEALTHY", "Nothing was broken.")
    kept = f"`git show {value.saved_as}` shows them." if value.saved_as else ""
    damaged = f"{value.damaged_lines} of its lines" if value.damaged_lines != 1 else "One of its lines"
    return Card(
        Tone.GOOD, "↺", "HEALED", ", ".join(value.attacks) or "The journal was mended.", (), (
            Part("\n".join(value.targets), "Brought back", PartKind.OUTPUT),
            Part(kept, "Your own edits were kept"),
            Part(f"{damaged} could not be read; the others were enough." if value.damaged_lines else "", "Journal"),
        ),
    )  # fmt: skip


def repeated_runs(value: RepeatedRuns) -> Card:
    """Show how often the same tests passed, and each run."""
    total = len(value.reports)
    green = sum(report.is_green for report in value.reports)
    red = value.first_red
    runs = "\n".join(
        f"run {number}: {'✓ passed' if report.is_green else f'✗ {report.reason}'}  {seconds(report.elapsed_s)}"
        for number, report in enumerate(value.reports, start=1)
    )
    return Card(
        Tone.GOOD if green == total else Tone.BAD,
        "✓" if green == total else "✗",
        "GREEN" if green == total else "RED" if green == 0 else "FLAKY",
        f"{green} of {total} runs passed ({value.pass_rate:.0%})",
        (seconds(value.elapsed_s),),
        (
            Part(runs, "Runs", PartKind.OUTPUT),
            Part("" if red is None else red.evidence, "Evidence of the first red run", PartKind.OUTPUT),
        ),
    )


def passed(title: str, points: int) -> Card:
    """Show a check that passed.

    Args:
        title: What is true now.
        points: What it is worth.
    """
    return Card(Tone.GOOD, "✓", "CHECK PASSED", title, (f"{points} point{'' if points == 1 else 's'}",))


def answered(path: str, *, was_kept: bool) -> Card:
    """Show that an answer was written into the workspace.

    Args:
        path: Relative to the workspace.
        was_kept: Whether an earlier version with other content was kept.
    """
    kept = f"The version before is kept: `git log -- {path}` finds it." if was_kept else ""
    return Card(Tone.GOOD, "✓", "WRITTEN", f"`{path}`", (), (Part(kept),))


def told(text: str) -> Card:
    """Show a short piece of news."""
    return Card(Tone.INFO, "ℹ", "NEWS", text)


def service_answer(value: Answer) -> Card:
    """Show what the service answered to a request."""
    is_well = 200 <= value.status < 300
    return Card(
        Tone.GOOD if is_well else Tone.BAD,
        "✓" if is_well else "✗",
        f"HTTP {value.status}" if value.status else "NO ANSWER",
        "The service answers" if value.status else "",
        (),
        (Part(_readable(value.body), "Body", PartKind.OUTPUT),),
    )


def _readable(body: str) -> str:
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except json.JSONDecodeError:
        return body


def continue_or_restore(names: Sequence[str]) -> Card:
    """Say that attacks are still open, and how to go on or to go back.

    Args:
        names: The open attacks; at least one.
    """
    return Card(
        Tone.NOTE, "✗", "STILL BROKEN", ", ".join(names), (), (
            Part("You were in the middle of this when the notebook was closed."),
            Part(f'`chaos.symptom("{names[0]}")` shows where you were.', "Continue", PartKind.NEXT),
            Part("`chaos.heal()` brings everything back as it was.", "Restore", PartKind.NEXT),
        ),
    )  # fmt: skip


def offensive_goes_on() -> Card:
    """Say that a round of the offensive is open, without naming its attack."""
    return Card(
        Tone.NOTE, "✗", "STILL BROKEN", "A round of the offensive is open.", (), (
            Part("Run the cell with `chaos.offensive(...)` again: it goes on where you were.", "Continue", PartKind.NEXT),
            Part("`chaos.heal()` brings everything back as it was.", "Restore", PartKind.NEXT),
        ),
    )  # fmt: skip


def doctor(report: Report) -> Card:
    """Show what the doctor found; what is not OK comes with its remedy."""
    is_playable = report.tier is not None
    trouble = [finding for finding in report.findings if finding.status is not Status.OK]
    checks = "\n".join(f"{_STATUS[f.status]} {f.status.value:7} {f.name}: {f.found}" for f in report.findings)
    facilities = "\n".join(
        f"{tier_mark(f.tier)}  {f.facility}{f' ({f.provider})' if f.provider else ''}: {f.reason}"
        for f in report.facilities
    )
    return Card(
        Tone.GOOD if is_playable else Tone.BAD,
        "✓" if is_playable else "✗",
        "READY" if is_playable else "NOT READY",
        report.verdict,
        (report.system,),
        (
            Part(checks, "Checks", PartKind.OUTPUT),
            Part(facilities, "The lab would use", PartKind.OUTPUT),
            *(Part(_remedy(finding, report), finding.name, PartKind.NEXT) for finding in trouble),
        ),
    )


_STATUS = {Status.OK: "✓", Status.WARN: "!", Status.MISSING: "✗"}


def _remedy(finding: Finding, report: Report) -> str:
    if finding.remedy is None:
        return ""
    return finding.remedy.starting_with(report.family)[0][1]
