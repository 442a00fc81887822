"""The provider `offline`: a one-node cluster built from Debian's source package, on the lab's own engine."""

from __future__ import annotations

from collections.abc import Sequence

from chaos_lib.errors import ClusterUnavailable
from chaos_lib.lab import engine_users
from chaos_lib.lab.cluster.base import Cluster, namespace_of
from chaos_lib.lab.cluster.build.job import BuildJob
from chaos_lib.lab.cluster.hand_over import same_engine
from chaos_lib.lab.cluster.offline.offline_cluster import OfflineCluster
from chaos_lib.lab.cluster.offline.places import CONTEXT, VERSION, ClusterPlaces
from chaos_lib.lab.containers import is_privileged
from chaos_lib.lab.debian import this_machine
from chaos_lib.lab.docker_containers import DockerContainers
from chaos_lib.lab.engine_places import EnginePlaces
from chaos_lib.lab.engine_users import EngineUser
from chaos_lib.lab.facility import ProgressSink, Usability
from chaos_lib.lab.own_engine import OwnEngine
from chaos_lib.settings import Settings, Tier


class OfflineProvider:
    """The provider `offline`, tier LIVE.

    All missions on the lab's own engine share one cluster, as they share the engine; each has its own namespace.
    """

    name = "offline"
    tier = Tier.LIVE

    def __init__(self, settings: Settings, *, cluster: OfflineCluster | None = None) -> None:
        """Describe the provider; nothing is started.

        Args:
            settings: Where things are.
            cluster: The cluster; the one beside the lab's own engine when None.
        """
        self._settings = settings
        self.build = BuildJob(settings.cache)
        engine = EnginePlaces.of(settings.engine_folder)
        self.cluster = cluster or OfflineCluster(ClusterPlaces(engine, self.build.programs))

    def usability(self) -> Usability:
        """Say whether this machine can have it: root on Debian, and no other engine than the lab's own."""
        if not (this_machine().is_debian and is_privileged()):
            return Usability(
                False,
                "The offline cluster needs root on Debian.",
                "Install kind or minikube, or name a cluster of yours: OPCHAOS_CONTEXT and `opchaos allow-context`.",
            )
        engine = DockerContainers(self._settings).search().engine
        if engine is not None and not engine.is_own:
            return Usability(
                False,
                "The offline cluster runs on the lab's own Docker engine only, and another one answers here.",
                "Install kind or minikube, or stop that engine.",
            )
        return Usability(True, f"Kubernetes {VERSION} on this machine, {self._build_in_words()}.", "")

    def start(self, progress: ProgressSink) -> Cluster:
        """Build it once, start the engine when it is down, start or heal the cluster."""
        self.build.follow(progress)
        engine = OwnEngine(self.cluster.places.engine)
        engine.start(progress)
        user = EngineUser(run_id=self._settings.run_id(), state=self._settings.state)
        # The cluster's pods are on the engine: it stays as long as one of them has a user.
        engine_users.register(engine.places.folder, user)
        engine_users.register(self.cluster.places.folder, user)
        self.cluster.start(progress)
        return self._cluster()

    def attach(self) -> Cluster | None:
        """Return the cluster when this mission uses it and it is ready."""
        return self._cluster() if self._is_user() and self.cluster.is_ready() else None

    def outlives_mission(self) -> bool:
        """Whether other missions use it."""
        return bool(engine_users.others(self.cluster.places.folder, self._settings.run_id()))

    def stop(self, *, purge: bool, progress: ProgressSink) -> Sequence[str]:
        """Leave the cluster; the last one stops it, and all of it goes."""
        notes: list[str] = []
        others = engine_users.others(self.cluster.places.folder, self._settings.run_id())
        was_user = self._is_user()
        engine_users.unregister(self.cluster.places.folder, self._settings.run_id())
        if others and was_user:
            names = ", ".join(str(user.state.parent) for user in others[:5])
            notes.append(f"The offline cluster stays up: other missions use it ({names}).")
        elif not others and is_privileged() and self.cluster.is_left_over():
            self._stop(progress)
        if purge and others:
            notes.append("The cluster's programs stay: other missions use them.")
        elif purge:
            self.build.purge()
        return tuple(notes)

    def hand_over(self, image: str, progress: ProgressSink) -> str:
        """Do nothing: the cluster runs on the engine that has the image."""
        return same_engine(image, progress)

    def _stop(self, progress: ProgressSink) -> None:
        engine = OwnEngine(self.cluster.places.engine)
        if engine.answer() is None and engine.is_left_over():
            # Killed: only the engine itself knows the pods' containers, so it is started once more to put them away.
            engine.start(progress)
        self.cluster.stop(progress)

    def _is_user(self) -> bool:
        return engine_users.is_registered(self.cluster.places.folder, self._settings.run_id())

    def _build_in_words(self) -> str:
        if self.build.is_done:
            return "built already"
        state = self.build.state()
        if state is not None and self.build.is_running:
            return f"being built ({state.fraction:.0%}: {state.detail})"
        return "built at first use, in about five minutes"

    def _cluster(self) -> Cluster:
        places = self.cluster.places
        if not places.kubeconfig.exists():
            raise ClusterUnavailable(
                "The offline cluster has no kubeconfig.",
                evidence=str(places.kubeconfig),
                fix="`opchaos up --cluster` writes it again.",
            )
        how = f"Kubernetes {VERSION} on this machine, one node on the lab's own Docker engine."
        namespace = namespace_of(self._settings)
        return Cluster(
            places.kubeconfig, CONTEXT, namespace, self.tier, self.name, how, programs=places.programs
        )
