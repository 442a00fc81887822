"""Where the game is played: a mission of its own beside the participant's, with the finished project."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from filelock import FileLock, Timeout

from chaos_lib.campaign.high_scores import HighScores, score_of
from chaos_lib.campaign.rounds import Campaign
from chaos_lib.errors import LabBusy, LabError
from chaos_lib.lab.facility import ProgressSink, no_progress
from chaos_lib.mission import Mission
from chaos_lib.phases import FINAL, FINISHED
from chaos_lib.settings import Settings


def scores_of(settings: Settings) -> HighScores:
    """Return the high scores of a mission folder."""
    return HighScores(settings.home / "game" / "high-scores.sqlite")


@dataclass(frozen=True)
class GameGround:
    """The game's surroundings.

    Attributes:
        mission: The game's own mission; its lab is up.
        scores: The table that the game is entered into.
        clean: The commit with the finished project.
        cut_off: Points of a game before that was killed, and whose score was entered now; None when there was none.
    """

    mission: Mission
    scores: HighScores
    clean: str
    cut_off: int | None = None

    def put_back(self) -> None:
        """Bring the workspace to the finished project, committed; edits of the round before are kept under `refs/opchaos/`."""
        workspace = self.mission.workspace
        if workspace.changes() or workspace.git.run("diff", self.clean).output:
            workspace.rebuild(self.clean)
            workspace.git.commit("Put back for the next round")

    def enter_score(self, campaign: Campaign, how: str) -> None:
        """Enter a game into the table; entering it twice is entering it once."""
        tier = self.mission.tier_of("services").value
        self.scores.add(score_of(campaign.story, campaign.scoreboard(), tier=tier, how=how))


@contextmanager
def own_ground(
    settings: Settings, progress: ProgressSink = no_progress, *, now: Callable[[], float] = time.time
) -> Iterator[GameGround]:
    """Give a ground with the finished project and a running lab; afterwards all is healed and the lab is down again.

    It lies in the mission's folder `game/ground`. What a killed game left there is healed first, and its score is entered.

    Args:
        settings: The participant's; their workspace is not touched.
        progress: Told what the lab does.
        now: Seconds since the epoch.

    Raises:
        LabBusy: Another game is being played in this mission folder.
        LabError: The lab offers no services on any tier.
    """
    own = settings.model_copy(update={"home": settings.home / "game" / "ground"})
    with _alone(own):
        mission = Mission(own, FINAL, now=now)
        scores = scores_of(settings)
        cut_off = _close_killed_game(mission, scores)
        mission.experiment.heal()
        shutil.rmtree(own.workspace, ignore_errors=True)
        mission.workspace.create(FINISHED)
        clean = mission.workspace.git.run("rev-parse", "HEAD").output.strip()
        try:
            mission.connect(progress)
            services = next((f for f in mission.standing().facilities if f.facility == "services"), None)
            if services is None or services.tier is None:
                raise LabError(
                    "The lab offers no Postgres and no Redis here.",
                    evidence=services.reason if services else "no services",
                    fix="Run `opchaos doctor`: it says what is missing.",
                )
            yield GameGround(mission, scores, clean, cut_off)
        finally:
            mission.experiment.heal()
            mission.lab.down(progress)


def _close_killed_game(mission: Mission, scores: HighScores) -> int | None:
    campaign = Campaign(mission)
    story = campaign.find()
    if story is None or story.finished_at is not None or not mission.workspace.exists:
        return None
    campaign.give_up()
    tiers = [str(event.data.get("tier", "")) for event in mission.log.events(kind="steady_state")]
    board = campaign.scoreboard()
    if board.rows:
        scores.add(score_of(campaign.story, board, tier=tiers[-1] if tiers else "", how="cut off"))
    campaign.finish()
    return board.points if board.rows else None


@contextmanager
def _alone(own: Settings) -> Iterator[None]:
    own.home.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(own.home.with_suffix(".lock"), timeout=0):
            yield
    except Timeout as exc:
        raise LabBusy(
            "Another game is being played in this mission folder.",
            evidence=str(own.home),
            fix="Finish that one, or play in another folder: `opchaos --home DIR game`.",
        ) from exc
