"""Pipelines and their credentials."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from IPython.display import display

from chaos_lib.credentials import Credential
from chaos_lib.errors import InvalidInput
from chaos_lib.mission import Mission
from chaos_lib.notebook.session import current, refresh
from chaos_lib.pipeline import declared
from chaos_lib.pipeline.mission_build import has_cluster, run_mission_pipeline
from chaos_lib.pipeline.protocol import StageStatus
from chaos_lib.settings import Tier
from chaos_lib.ui import cards
from chaos_lib.ui.rollout_plot import LiveReplicas
from chaos_lib.ui.stage_view import StageView
from chaos_lib.warzone import Warzone


def run_pipeline() -> StageView:
    """Run your Jenkinsfile in a fresh checkout, and see its stages while it runs.

    Returns:
        The stage view: `log("Tests")` shows what one stage has said, `log()` the whole console.
    """
    mission = current()
    view = StageView()
    display(view)
    context = mission.context(facility="pipeline")
    with _cluster_view(mission):
        record = run_mission_pipeline(context, listener=view.listener, on_start=view.started)
        view.ended(record)
    if mission.tier_of("containers") is not Tier.LIVE:
        display(
            cards.told(
                "There is no Docker engine in this lab: stages that build or run the image fail here, whoever wrote them."
            )
        )
    if not has_cluster(context) and any(stage.status is StageStatus.NOT_EXECUTED for stage in record.stages):
        display(
            cards.told("There is no cluster in this lab: stages that deploy are skipped by their `when`.")
        )
    refresh()
    return view


def add_credential(name: str, kind: str = "token") -> None:
    """Put a credential into the store of your pipelines. Its value is drawn here and shown to nobody.

    Args:
        name: Its id: what the Jenkinsfile asks for.
        kind: `token` for a new random one, `kubeconfig` for the file that leads into the lab's cluster.
    """
    context = current().context(facility="pipeline")
    makers: dict[str, Callable[[], Credential]] = {
        "token": declared.drawn,
        "kubeconfig": lambda: declared.kubeconfig(context.lab),
    }
    if kind not in makers:
        raise InvalidInput(
            f"There is no kind of credential `{kind}`.",
            evidence=f"known: {', '.join(makers)}",
            fix="Choose one of them.",
        )
    declared.store_of(context.settings).put(name, makers[kind]())
    display(cards.told(f"The store holds `{name}` now. Its value is in no file, no notebook and no log."))


def rotate_credential(name: str) -> None:
    """Give a credential of the store a new value: what was seen opens nothing any more."""
    store = declared.store_of(current().settings)
    if store.get(name) is None:
        raise InvalidInput(
            f"The store has no credential `{name}`.",
            evidence=f"known: {', '.join(store.ids()) or 'none'}",
            fix="Choose one of them, or add it by `chaos.add_credential`.",
        )
    store.put(name, declared.drawn())
    display(cards.told(f"`{name}` has a new value. The old one is worth nothing."))


@contextmanager
def _cluster_view(mission: Mission) -> Iterator[None]:
    """Show green's replicas while a pipeline deploys, and who serves in the end; nothing where there is no cluster."""
    if (
        not has_cluster(mission.context())
        or not (mission.workspace.folder / "k8s/base/deployment.yaml").is_file()
    ):
        yield
        return
    zone, plot = Warzone(mission), LiveReplicas("Green in the cluster")
    with zone.watching("green", plot):
        yield
    plot.end(f"; {zone.serving or 'nobody'} serves")
