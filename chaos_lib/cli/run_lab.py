"""The lab around a headless run: the engine is warmed up before, the run's own containers are put away after."""

from __future__ import annotations

from pathlib import Path

from chaos_lib.cli.cluster_build import begin_early
from chaos_lib.cli.interrupts import undisturbed
from chaos_lib.cli.lab_progress import LabProgress
from chaos_lib.cli.screen import say
from chaos_lib.cli.session import Session
from chaos_lib.headless import RunReport
from chaos_lib.lab import Lab, Progress
from chaos_lib.lab.containers_facility import ContainersFacility
from chaos_lib.lab.facility import ProgressSink
from chaos_lib.settings import Settings, Tier


def warm_up(session: Session) -> None:
    """Have an engine with its images before the first notebook, where building them can be watched.

    The notebooks start services of their own. The engine stays up afterwards, on behalf of the user's mission.
    """
    settings = session.settings
    if settings.tier not in (None, Tier.LIVE):
        return
    lab = Lab(settings)
    if lab.state() is None:
        engine = ContainersFacility(settings)
        report = engine.report()
        if report.tier is None:
            say(
                session.err,
                f"No containers: {report.reason} Embedded servers are used. For LIVE: {report.remedy}",
            )
            return
        lab = Lab(settings, [engine])
    with LabProgress(session.err) as progress:
        lab.up(progress)
    begin_early(session)


def put_away(settings: Settings, out: Path, report: RunReport | None, progress: ProgressSink) -> None:
    """Take down the labs of the run's missions: this one's, and one that a killed run left behind.

    Ctrl-C does not stop it: what is not put away now, nobody would find later.

    Args:
        settings: The user's; only the home differs.
        out: The run's folder.
        report: Names the mission of the run before; None when the run broke off.
        progress: Told what is going on.
    """
    homes = {out / "mission"}
    if report is not None and report.previous_mission is not None:
        homes.add(report.previous_mission)
    homes |= {path.parent.parent for path in out.glob("mission-*/state/lab.json")}

    def pressed() -> None:
        progress(Progress("Putting the run's containers away", "a moment; Ctrl-C again to leave them"))

    with undisturbed(pressed):
        for home in sorted(homes):
            if (home / "state" / "run-id").is_file():
                Lab(settings.model_copy(update={"home": home})).down(progress)
