"""Plays an offensive: launch, look, fix or roll back, and the next one.

All that is remembered stands in the mission log: an offensive that was interrupted goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass

from chaos_lib.attacks.base import Attack
from chaos_lib.campaign import timeline
from chaos_lib.campaign.discretion import nameless, without_name
from chaos_lib.campaign.draw import draw
from chaos_lib.campaign.gates import (
    GatesRun,
    OnGate,
    gates_for,
    no_gate,
    require_steady,
    run_gates,
    still_green,
)
from chaos_lib.campaign.scoreboard import Scoreboard, scoreboard
from chaos_lib.campaign.scoring import points
from chaos_lib.campaign.timeline import Asked, Offensive, Round
from chaos_lib.defences.scope import Target
from chaos_lib.errors import AttackRefused, InvalidInput
from chaos_lib.experiment import Healed
from chaos_lib.hints import Hint, HintLadder
from chaos_lib.mission import Mission
from chaos_lib.mission_log import Kind

DEFAULT_COUNT = 6

Lines = Callable[[str], None] | None


@dataclass(frozen=True)
class Alarm:
    """Something was done to the system; what, is for the player to find out.

    Attributes:
        number: Of the round, from 1.
        total: How many rounds there are.
    """

    number: int
    total: int


@dataclass(frozen=True)
class Outcome:
    """A round that has ended: now its name may be told.

    Attributes:
        attack: What it was.
        played: How it went.
        points: What it earned.
        healed: What was brought back; None where nothing was undone.
    """

    attack: Attack
    played: Round
    points: int
    healed: Healed | None = None


@dataclass(frozen=True)
class FixChecked:
    """What the gates say about a fix.

    Attributes:
        run: The gates that were asked: the one that caught the attack, then the attack's own.
        outcome: The round's end; None while a gate is red.
    """

    run: GatesRun
    outcome: Outcome | None


def in_reach(mission: Mission) -> tuple[Attack, ...]:
    """Return the attacks that an offensive can draw: they happen for real here, on a facility of the phase.

    A facility that merely happens to be up does not count: the same seed shall draw the same attacks in the middle of the
    workshop and alone.
    """
    return tuple(
        attack
        for attack in mission.attacks.values()
        if mission.plays(attack) and mission.facility_for(attack) in mission.phase.facilities
    )


class Campaign:
    """One offensive against one mission.

    Args:
        mission: Its lab is up and its workspace exists.

    Attributes:
        mission: The same.
    """

    def __init__(self, mission: Mission) -> None:
        self.mission = mission

    @classmethod
    def begin(
        cls,
        mission: Mission,
        *,
        seed: int,
        count: int = DEFAULT_COUNT,
        player: str = "",
        minutes: float = 0,
        gates: Sequence[str] | None = None,
    ) -> Campaign:
        """Draw the attacks and begin, or go on with the same offensive where it was interrupted.

        Args:
            mission: Its lab is up and its workspace exists.
            seed: Of the draw.
            count: How many attacks.
            player: Who plays.
            minutes: How long it may take; 0 for no limit.
            gates: The pipeline that is attacked, in order; None for the finished one.

        Raises:
            InvalidInput: There is nothing to draw from, or the count makes no sense.
        """
        playable = in_reach(mission)
        sequence = [attack.name for attack in draw(playable, seed=seed, count=count)]
        campaign = cls(mission)
        before = campaign.find()
        if before is not None and before.finished_at is None:
            same = (before.seed, before.sequence, before.player) == (seed, tuple(sequence), player)
            same = same and (gates is None or before.gates == tuple(gates))
            if same and not campaign.is_over:
                campaign.close_what_was_healed()
                return campaign
            campaign.finish()
        mission.log.add(
            mission.phase.name,
            "offensive_started",
            f"seed {seed}",
            seed=seed,
            sequence=sequence,
            gates=[gate.name for gate in gates_for(playable)] if gates is None else list(gates),
            player=player,
            minutes=minutes,
        )
        return campaign

    # What is known

    def find(self) -> Offensive | None:
        """Return what the log tells about the latest offensive; None when there has been none."""
        return timeline.latest(self.mission.log.events(), self.mission.attacks)

    @property
    def story(self) -> Offensive:
        """The offensive so far.

        Raises:
            InvalidInput: None was begun.
        """
        found = self.find()
        if found is None:
            raise InvalidInput(
                "There is no offensive.", fix="Begin one: `chaos.offensive(seed=20)` or `opchaos game`."
            )
        return found

    @property
    def current(self) -> Round | None:
        """The round that is open."""
        return self.story.current

    @property
    def is_over(self) -> bool:
        """Whether every round has been played, or the offensive was ended."""
        story = self.story
        is_played = len(story.rounds) >= len(story.sequence) and story.current is None
        return story.finished_at is not None or is_played

    def scoreboard(self) -> Scoreboard:
        """Return the scoreboard as it stands."""
        return scoreboard(self.story, self.mission.attacks)

    # The moves

    def next(self, *, on_gate: OnGate = no_gate, on_line: Lines = None) -> Alarm:
        """Launch the next attack, and do not say which.

        Raises:
            AttackRefused: A round is open, the offensive is over, something else is broken, or a gate is red already.
        """
        story = self.story
        if story.current is not None:
            raise AttackRefused(
                "The last attack is still in the system.",
                evidence=f"round {len(story.rounds)} of {len(story.sequence)} is open",
                fix="Run the pipeline, then fix it, roll it back, or report that all is healthy.",
            )
        if self.is_over:
            raise AttackRefused(
                "The offensive is over.",
                evidence=self.scoreboard().headline,
                fix="Begin another one with another seed.",
            )
        strangers = [run.attack for run in self.mission.experiment.state().runs]
        if strangers:
            raise AttackRefused(
                "Another attack is open.",
                evidence=", ".join(strangers),
                fix="Undo it first: `opchaos heal` or `chaos.heal()`.",
            )
        require_steady(self.mission, story.gates, on_gate=on_gate, on_line=on_line)
        self.mission.launch(story.sequence[len(story.rounds)], is_hidden=True)
        return Alarm(len(story.rounds) + 1, len(story.sequence))

    def investigate(self, *, on_gate: OnGate = no_gate, on_line: Lines = None) -> GatesRun:
        """Run the pipeline until a gate is red: the first time, that is the detection.

        Raises:
            InvalidInput: No round is open.
        """
        played, attack = self._open_round()
        gates = self.story.gates
        run = run_gates(
            self.mission, gates, standing=self._standing(played, gates), on_gate=on_gate, on_line=on_line
        )
        red = run.red
        if red is not None and attack.symptom.is_shown_by(red.reason, f"{red.summary}\n{red.evidence}"):
            self._log("symptom_seen", played, reason=red.reason)
        self._log(
            "gates_run",
            played,
            passed=list(run.passed),
            red=red.defence if red else "",
            reason=red.reason if red else "",
            asked=[astuple(Asked.of(each, stands=each.defence in run.standing)) for each in run.verdicts],
        )
        return nameless(run, attack)

    def hint(self) -> Hint:
        """Give the next hint for the open round; the ladder is opened anew in each offensive.

        Raises:
            InvalidInput: No round is open.
        """
        played, attack = self._open_round()
        ladder = HintLadder(
            attack.name,
            attack.hints,
            self.mission.log,
            now=self.mission.now,
            since=played.launched_at,
        )
        hint = ladder.take(self.mission.phase.name)
        return Hint(without_name(hint.text, attack), hint.is_new, hint.is_last)

    def check_fix(self, *, on_gate: OnGate = no_gate, on_line: Lines = None) -> FixChecked:
        """Ask the gate that caught the attack, and the attack's own: all green, and the fix holds.

        Raises:
            InvalidInput: No round is open, or no gate has been red yet.
        """
        played, attack = self._open_round()
        if not played.caught_by:
            raise InvalidInput(
                "There is nothing to fix yet: no gate has turned red.",
                evidence="the pipeline was run and is green" if played.is_all_green else "it was not run yet",
                fix="Run the pipeline first. If all of it is green, what does that tell you?",
            )
        names = list(dict.fromkeys((played.caught_by, attack.defence)))
        run = nameless(run_gates(self.mission, names, on_gate=on_gate, on_line=on_line), attack)
        if run.red is not None:
            self._log("attempt", played, reason=run.red.reason)
            return FixChecked(run, None)
        self.mission.experiment.settle(attack.name)
        self._log("attack_caught", played, defence=played.caught_by)
        return FixChecked(run, self._outcome(attack))

    def roll_back(self) -> Outcome:
        """Bring everything back as it was before the attack; the cause stays unknown, so it counts less than a fix.

        Raises:
            InvalidInput: No round is open.
            RollbackFailed: A part could not be brought back.
        """
        played, attack = self._open_round()
        healed = self.mission.experiment.undo(attack.name)
        self._log("attack_undone", played)
        return self._outcome(attack, healed)

    def report_healthy(self) -> Outcome | None:
        """Say that nothing is wrong.

        Right for a decoy that was left alone. Where every gate was green, it ends the round as well: the attack has slipped
        through and is undone. A gate was red: then it is not true, and costs points.

        Returns:
            The round's end; None when the system is not healthy.

        Raises:
            InvalidInput: No round is open, or nobody has looked yet.
        """
        played, attack = self._open_round()
        if not played.is_all_green and not played.caught_by:
            raise InvalidInput(
                "Nobody has looked yet: how do you know?",
                evidence="the pipeline was not run since the alarm",
                fix="Run the pipeline first; a guess is no report.",
            )
        is_edited = self.mission.workspace.digest() != played.digest
        if not attack.is_decoy and not played.caught_by:
            self.mission.experiment.undo(attack.name)
        self._log("healthy_reported", played, is_right=attack.is_decoy, is_edited=is_edited)
        if attack.is_decoy:
            # Nothing of it has to be undone: a kill between the two costs nobody their points.
            self.mission.experiment.settle(attack.name)
        if played.caught_by and not attack.is_decoy:
            return None
        return self._outcome(attack)

    def give_up(self) -> None:
        """End the open round, if there is one: everything is brought back, and it earns nothing."""
        played = self.current
        if played is not None:
            self.mission.experiment.undo(played.attack)
            self._log("attack_undone", played, is_given_up=True)

    def finish(self) -> Scoreboard:
        """End the offensive: what is open is undone, and counts as given up. Finishing twice is finishing once."""
        self.give_up()
        story = self.story
        if story.finished_at is None:
            self.mission.log.add(self.mission.phase.name, "offensive_finished", f"seed {story.seed}")
        return self.scoreboard()

    def close_what_was_healed(self) -> None:
        """Close a round in the log whose attack is not open any more: a kill came between the two."""
        played = self.current
        if played is not None and self.mission.experiment.state().run_of(played.attack) is None:
            self._log("attack_undone", played)

    def _standing(self, played: Round, gates: Sequence[str]) -> frozenset[str]:
        """Return the gates that need not be run again: green when the round began, and blind to all that was touched.

        Once somebody has edited the workspace, every gate is asked.
        """
        if self.mission.workspace.digest() != played.digest:
            return frozenset()
        run = self.mission.experiment.state().run_of(played.attack)
        return still_green(
            gates, [Target(each.kind, each.target) for each in (run.operations if run else ())]
        )

    def _open_round(self) -> tuple[Round, Attack]:
        self.close_what_was_healed()
        played = self.current
        if played is None:
            raise InvalidInput(
                "No attack is at work.",
                evidence=self.scoreboard().headline,
                fix="The offensive is over." if self.is_over else "Launch the next one first.",
            )
        return played, self.mission.attack(played.attack)

    def _outcome(self, attack: Attack, healed: Healed | None = None) -> Outcome:
        played = next(each for each in self.story.rounds if each.attack == attack.name)
        return Outcome(attack, played, points(played, attack), healed)

    def _log(self, kind: Kind, played: Round, **data: object) -> None:
        self.mission.log.add(self.mission.phase.name, kind, played.attack, **data)
