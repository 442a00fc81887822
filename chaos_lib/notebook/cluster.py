"""The cluster: deployments, rollbacks, colours."""

from __future__ import annotations

from IPython.display import display

from chaos_lib.cluster.blue_green import SwitchReport
from chaos_lib.cluster.deploy import Deployed
from chaos_lib.cluster.diagnosis import Diagnosis
from chaos_lib.notebook.session import current, refresh
from chaos_lib.service import Answer
from chaos_lib.ui import cluster_cards
from chaos_lib.ui.progress import LabProgress
from chaos_lib.ui.rollout_plot import LiveReplicas
from chaos_lib.warzone import Warzone


def deploy() -> Deployed:
    """Build your image, apply your manifests to the cluster, and watch the replicas come.

    What goes wrong stays as it is, so that you can look at it: `diagnose()`, then `roll_back()`.
    """
    plot = LiveReplicas("Your rollout")
    with LabProgress("Deploying", is_transient=True) as progress:
        deployed = Warzone(current()).deploy(on_step=progress.step, on_progress=plot)
    plot.end()
    refresh()
    return deployed


def roll_back(revision: int = 0) -> None:
    """Go back to the version before, as `kubectl rollout undo` does, and watch the replicas.

    Args:
        revision: An earlier one by its number; 0 takes the one before the newest.
    """
    plot = LiveReplicas("Your rollback")
    back = Warzone(current()).roll_back(revision, on_progress=plot)
    plot.end()
    display(cluster_cards.rolled_back(back))


def diagnose(workload: str = "") -> Diagnosis:
    """Say in plain words what is wrong with a Deployment, with the evidence and the command that shows it.

    Args:
        workload: Its name; that of the colour that serves when left out.
    """
    return Warzone(current()).diagnose(workload)


def ask(path: str) -> Answer:
    """Ask your service in the cluster over HTTP, through its public Service."""
    return Warzone(current()).ask(path)


def switch_to(colour: str) -> SwitchReport:
    """Deploy a colour beside the one that serves, ask it, and switch to it; switch back at once when it does not hold.

    Args:
        colour: `blue` or `green`.
    """
    plot = LiveReplicas(f"Rollout of {colour}")
    with LabProgress(f"Switching to {colour}", is_transient=True) as progress:
        report = Warzone(current()).switch_to(colour, on_step=progress.step, on_progress=plot)
    plot.end()
    return report


def flip_to(colour: str) -> None:
    """Let the public Service select the other colour, and nothing else: the way back, in a second.

    Args:
        colour: `blue` or `green`.
    """
    display(cluster_cards.flipped(Warzone(current()).flip_to(colour), colour))
