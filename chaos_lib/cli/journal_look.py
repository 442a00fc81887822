"""Looks at the journal when a command starts: what was killed half-way is healed at once."""

from __future__ import annotations

from dataclasses import dataclass

from chaos_lib.errors import ChaosError
from chaos_lib.journal import Journal
from chaos_lib.settings import Settings


@dataclass(frozen=True)
class Look:
    """What was found in the journal, and done about it.

    Attributes:
        healed: Attacks that had been cut off half-way and are healed now.
        half_done: Attacks that were cut off half-way and are still there.
        damaged_lines: Lines that cannot be read.
        trouble: Why healing failed; empty when it did not.
    """

    healed: tuple[str, ...] = ()
    half_done: tuple[str, ...] = ()
    damaged_lines: int = 0
    trouble: str = ""

    @property
    def text(self) -> str:
        """All of it for people; empty when there is nothing to say."""
        lines = []
        if self.healed:
            lines.append(
                f"{_names(self.healed)} was cut off half-way. That is healed: nothing of it is left."
            )
        if self.half_done:
            lines.append(
                f"{_names(self.half_done)} was cut off half-way and is not healed yet: `opchaos heal`."
            )
        if self.damaged_lines:
            plural = "lines" if self.damaged_lines > 1 else "line"
            lines.append(
                f"The journal has {self.damaged_lines} {plural} that cannot be read; the others count. "
                "`opchaos heal` undoes what they tell, `opchaos workspace restore` rebuilds the workspace from git."
            )
        return "\n".join([*lines, *([self.trouble] if self.trouble else [])])


def look(settings: Settings, *, heals: bool) -> Look:
    """Look at the journal, and heal what is half done.

    An attack that was launched completely stays: the learner is in the middle of it. A heal that fails is told, not
    raised: the command that was typed may be the cure.

    Args:
        settings: Where the mission is.
        heals: Whether to heal; False only looks.
    """
    try:
        state = Journal(settings.state).state()
    except ChaosError as trouble:
        return Look(trouble=trouble.text)
    half_done = tuple(run.attack for run in state.runs if not run.is_launched)
    if not half_done or not heals:
        return Look(half_done=half_done, damaged_lines=state.damaged_lines)
    # Takes half a second to import: only when there is something to heal.
    from chaos_lib.experiment import Experiment

    try:
        healed = Experiment(settings).heal(only_half_done=True)
    except ChaosError as trouble:
        return Look(half_done=half_done, damaged_lines=state.damaged_lines, trouble=trouble.text)
    return Look(healed=healed.attacks, damaged_lines=state.damaged_lines)


def _names(attacks: tuple[str, ...]) -> str:
    return "The attack " + ", ".join(f"`{name}`" for name in attacks)
