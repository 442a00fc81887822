"""The cards of an offensive: what each move of the player brought."""

from __future__ import annotations

from chaos_lib.campaign.gates import GatesRun
from chaos_lib.campaign.roll_backs import practitioner
from chaos_lib.campaign.rounds import Alarm, FixChecked, Outcome
from chaos_lib.campaign.timeline import Ending
from chaos_lib.ui import cards
from chaos_lib.ui.card import Card, Part, PartKind, Tone
from chaos_lib.ui.marks import seconds

_WORDS = {
    Ending.FIXED: (Tone.GOOD, "Fixed: the gates are green again, and your fix stays."),
    Ending.ROLLED_BACK: (
        Tone.INFO,
        "Rolled back: everything works, and the cause is as unknown as before. It counts half of a fix.",
    ),
    Ending.SEEN_THROUGH: (Tone.GOOD, "You looked, saw that all is well, and kept your hands still."),
    Ending.SLIPPED: (
        Tone.BAD,
        "It slipped through: it was in the system, and no gate of the pipeline noticed. It is undone now.",
    ),
    Ending.FOOLED: (
        Tone.BAD,
        "There was nothing to repair, and you repaired it all the same. It was a decoy.",
    ),
    Ending.GIVEN_UP: (Tone.NOTE, "Undone before it was found or mended."),
}


def alarm(value: Alarm) -> Card:
    """Say that something was done, and not what."""
    return Card(
        Tone.VILLAIN, "⚡", "ALARM", f"Round {value.number} of {value.total}", (), (
            Part("I have been here. What did I do? Did I do anything at all?", "The Chaos Agent says"),
            Part("Run the pipeline: which gate turns red?", cards.NEXT_STEP, PartKind.NEXT),
        ),
    )  # fmt: skip


def gates(value: GatesRun) -> Card:
    """Show how far the pipeline came, and what stopped it."""
    lines = [
        f"≡ {verdict.defence}  as before"
        if verdict.defence in value.standing
        else f"{'✓' if verdict.is_green else '✗'} {verdict.defence}  {seconds(verdict.elapsed_s)}"
        for verdict in value.verdicts
    ]
    left = value.total - len(value.verdicts)
    if left:
        lines.append(f"· {left} more {'was' if left == 1 else 'were'} not run")
    stages = Part("\n".join(lines), "Gates", PartKind.OUTPUT)
    red = value.red
    if red is None:
        return Card(
            Tone.GOOD, "✓", "GREEN", f"All {value.total} gates are green", (seconds(value.elapsed_s),), (
                stages,
                Part("Every gate said yes: all is well, or the pipeline has no gate for what is wrong."),
            ),
        )  # fmt: skip
    return Card(
        Tone.BAD, "✗", "CAUGHT", f"{red.defence}: {red.reason}", (seconds(value.elapsed_s),), (
            stages,
            Part(red.summary),
            Part(red.evidence, "Evidence", PartKind.OUTPUT),
            Part(red.remedy, cards.NEXT_STEP, PartKind.NEXT),
            cards.practitioner(red.command),
        ),
    )  # fmt: skip


def fix(value: FixChecked) -> Card:
    """Show whether a fix holds."""
    if value.outcome is not None:
        return outcome(value.outcome)
    red = value.run.red
    assert red is not None
    return Card(
        Tone.NOTE, "✗", "NOT YET", f"{red.defence}: {red.reason}", (), (
            Part(red.summary),
            Part(red.evidence, "Evidence", PartKind.OUTPUT),
            Part(red.remedy, cards.NEXT_STEP, PartKind.NEXT),
        ),
    )  # fmt: skip


def outcome(value: Outcome) -> Card:
    """End a round: what it was, how it went, what it earned, and why it happens in real life."""
    attack, played = value.attack, value.played
    tone, words = _WORDS[played.ending]
    times = []
    if played.detect_s is not None:
        times.append(f"detected after {seconds(played.detect_s)}")
    if played.recover_s is not None:
        times.append(f"recovered after {seconds(played.recover_s)}")
    is_undone = played.ending in (Ending.ROLLED_BACK, Ending.SLIPPED)
    kept = value.healed.saved_as if value.healed is not None else ""
    return Card(
        tone,
        played.ending.symbol,
        played.ending.value.upper(),
        f"{attack.emoji} {attack.title}",
        (*times, f"{value.points} points"),
        (
            Part(words),
            Part(f"`{attack.name}`, caught by `{played.caught_by or 'no gate'}`", "It was"),
            cards.practitioner(practitioner(attack) if is_undone else ""),
            Part(f"`git show {kept}` shows them." if kept else "", "Your own edits were kept"),
            Part(attack.debrief, "Debrief"),
        ),
    )


def not_healthy() -> Card:
    """Say that a system was called healthy although a gate is red."""
    return Card(
        Tone.BAD, "✗", "NOT HEALTHY", "A gate has turned red in this round.", (), (
            Part("Calling a broken system healthy costs a quarter of the round's worth."),
            Part("Find the cause and fix it, or roll back.", cards.NEXT_STEP, PartKind.NEXT),
        ),
    )  # fmt: skip
