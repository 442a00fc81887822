"""The last phase: a release, one's own gates, the offensive, attacks of one's own."""

from __future__ import annotations

import atexit

from IPython.display import display

from chaos_lib import live_service, new_version
from chaos_lib.authoring import trial
from chaos_lib.authoring.fault import Fault, write_fault
from chaos_lib.campaign import own_pipeline
from chaos_lib.campaign.coverage import coverage as coverage_of
from chaos_lib.campaign.gates import run_remembered
from chaos_lib.campaign.measured import measure
from chaos_lib.campaign.rounds import DEFAULT_COUNT, Campaign
from chaos_lib.errors import InvalidInput, NotAnsweredYet
from chaos_lib.image_service import ImageService
from chaos_lib.mission import Mission
from chaos_lib.notebook.session import current
from chaos_lib.service import Service
from chaos_lib.ui import campaign_cards, cards, final_cards
from chaos_lib.ui.campaign_panel import OffensivePanel
from chaos_lib.ui.coverage_table import CoverageTable
from chaos_lib.ui.measured_table import MeasuredTable
from chaos_lib.ui.progress import LabProgress


def release_version(version: str) -> None:
    """Give green a new version and commit it: what your pipeline brings live next.

    Args:
        version: Three numbers, such as `2.0.0`.
    """
    before = new_version.release(current(), version)
    display(
        cards.told(f"Committed: green is {version} now, after {before}. It is in git, and nowhere else yet.")
    )


def go_live() -> live_service.ClusterService | ImageService | Service:
    """Return your live service: what your pipeline has deployed; without a cluster it is started here."""
    with LabProgress("Going live"):
        started = live_service.go_live(current())
    atexit.register(started.stop)
    return started


def coverage() -> None:
    """Show every attack with the gate that must catch it: in your own pipeline, in the finished one, and in the offensive."""
    mission = current()
    display(CoverageTable(coverage_of(mission, _own_pipeline(mission))))


def measured() -> None:
    """Show what every gate said about the attacks of your offensive: your own pipeline beside the finished one.

    What was not asked in the offensive is asked now: the attack is launched once more, and undone.
    """
    mission = current()
    with LabProgress("Measuring", is_transient=True) as progress:
        matrix = measure(
            mission,
            _own_pipeline(mission),
            on_gate=lambda name, number, total: progress.step(
                f"{name} ({number} of {total})", (number - 1) / total
            ),
            on_line=progress.line,
        )
    if not matrix.rows:
        raise InvalidInput(
            "There is nothing to measure yet: no round of the offensive is over.",
            fix="Play it first: `chaos.offensive()`.",
        )
    display(MeasuredTable(matrix))


def run_gates() -> None:
    """Run your own pipeline, `pipeline.yaml`: its gates for a commit, in order, until one is red.

    Raises:
        NotAnsweredYet: Your workspace has none.
        InvalidAnswer: It is no list of gates.
    """
    mission = current()
    own = own_pipeline.read(mission.workspace.folder)
    with LabProgress("Running your pipeline") as progress:
        run = run_remembered(
            mission,
            own.commit,
            on_gate=lambda name, number, total: progress.step(
                f"{name} ({number} of {total})", (number - 1) / total
            ),
            on_line=progress.line,
        )
    display(campaign_cards.gates(run))


def offensive(seed: int | None = None, attacks: int = DEFAULT_COUNT) -> OffensivePanel:
    """Begin the Chaos Agent's offensive against your pipeline, or go on with it; shows its panel.

    Attacked are the gates of your `pipeline.yaml`; without one, those of the finished pipeline.

    Each button is a function of what this returns, too: `next()`, `investigate()`, `hint()`, `check_fix()`, `roll_back()`,
    `report_healthy()` and `scoreboard()`.

    Args:
        seed: Of the draw; your mission's own when left out. The same seed draws the same attacks.
        attacks: How many.
    """
    mission = current()
    chosen = mission.settings.seed if seed is None else seed
    return OffensivePanel(
        Campaign.begin(mission, seed=chosen, count=attacks, gates=_own_pipeline(mission).commit or None)
    )


def new_attack(
    name: str,
    *,
    path: str,
    old: str,
    new: str,
    gate: str,
    reason: str,
    story: str = "",
) -> None:
    """Write an attack of your own: in a file of the workspace one text becomes another, and a gate must notice.

    Calling it again under the same name writes it anew. `opchaos attack new` writes one with more freedom.

    Args:
        name: What it does to the system, in snake_case.
        path: The workspace file.
        old: What stands there.
        new: What will stand there.
        gate: The defence that must notice.
        reason: The reason code that it will give.
        story: One line in the Chaos Agent's own voice.
    """
    mission = current()
    fault = Fault(path=path, old=old, new=new, gate=gate, reason=reason, story=story)
    target = write_fault(mission.settings, name, mission.phase.name, fault)
    display(final_cards.new_attack(name, target, target.read_text(encoding="utf-8")))


def prove(name: str) -> None:
    """Prove an attack of your own: clean is green, attacked is red as promised, undone is the same, solved is green."""
    mission = current()
    with LabProgress(f"Proving {name}") as progress:
        proved = trial.prove(mission, mission.attack(name), progress.step)
    display(final_cards.proved(proved))


def run_experiment(name: str) -> None:
    """Export an attack of your own as a Chaos Toolkit experiment, and let Chaos Toolkit run it on your workspace."""
    mission = current()
    with LabProgress("Chaos Toolkit is at work"):
        experimented = trial.run_experiment(mission, mission.attack(name))
    display(final_cards.experimented(experimented))


def _own_pipeline(mission: Mission) -> own_pipeline.OwnPipeline:
    try:
        return own_pipeline.read(mission.workspace.folder)
    except NotAnsweredYet:
        return own_pipeline.OwnPipeline(())
