"""Where the matrix is run: a mission of its own beside the participant's, with a lab that is up while it lasts."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from chaos_lib.errors import LabError
from chaos_lib.experiment import Experiment
from chaos_lib.lab.facility import ProgressSink, no_progress
from chaos_lib.lab.lab import Lab
from chaos_lib.matrix.results import alone
from chaos_lib.mission import with_lab_names
from chaos_lib.phases import FINISHED
from chaos_lib.proofs import ProofGround
from chaos_lib.settings import Settings


@contextmanager
def own_ground(
    settings: Settings, progress: ProgressSink = no_progress, *, also: Collection[str] = ()
) -> Iterator[ProofGround]:
    """Give a ground with the finished project and a running lab; afterwards the lab is down again.

    It lies in the mission's folder `matrix/ground`. What a killed run left there is healed and taken down first.

    Args:
        settings: The participant's; their workspace is not touched.
        progress: Told what the lab does.
        also: The facilities on demand (`cluster`) that are needed.

    Raises:
        LabBusy: Another run of the matrix is using it.
        LabError: The lab offers no services on any tier.
    """
    own = settings.model_copy(update={"home": settings.home / "matrix" / "ground"})
    with alone(own.home):
        experiment = Experiment(own)
        experiment.heal()
        shutil.rmtree(own.workspace, ignore_errors=True)
        experiment.workspace.create(FINISHED)
        lab = Lab(own)
        if lab.state() is not None:
            # A run that was killed: its Postgres in the cluster would know another workspace's password.
            lab.down(progress)
        services = lab.up(progress, also=also).facility("services")
        try:
            if services is None or services.tier is None:
                raise LabError(
                    "The lab offers no Postgres and no Redis here.",
                    evidence=services.reason if services else "no services",
                    fix="Run `opchaos doctor`: it says what is missing.",
                )
            yield ProofGround(own, with_lab_names(lab.environment(), own.run_id()), services.tier)
        finally:
            lab.down(progress)
