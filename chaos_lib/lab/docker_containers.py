"""Containers by a Docker engine: the one that answers, or as root on Debian one that the lab starts."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Sequence
from pathlib import Path

from chaos_lib.command import Command
from chaos_lib.errors import ChaosError, EngineUnavailable
from chaos_lib.lab import engine_users, sweep
from chaos_lib.lab.builds import mission_images
from chaos_lib.lab.containers import Containers, is_privileged, refusal_of
from chaos_lib.lab.debian import find_program, this_machine
from chaos_lib.lab.engine import (
    Engine,
    EngineSearch,
    candidates,
    default_environment,
    find_engine,
    start_hint,
)
from chaos_lib.lab.engine_places import EnginePlaces
from chaos_lib.lab.engine_users import EngineUser
from chaos_lib.lab.facility import Progress, ProgressSink, Usability
from chaos_lib.lab.image_catalogue import LAB_IMAGES, LOCAL_PREFIX, LabImage
from chaos_lib.lab.image_store import ImageSet, find_images, provide_images
from chaos_lib.lab.own_engine import OwnEngine
from chaos_lib.settings import Settings, Tier
from chaos_lib.wait import Reading, wait_until

_UNIT = "docker.service"
_UNIT_S = 60.0


class DockerContainers:
    """The provider `docker`, tier LIVE."""

    name = "docker"
    tier = Tier.LIVE

    def __init__(
        self,
        settings: Settings,
        *,
        own_engine: OwnEngine | None = None,
        images: Sequence[LabImage] = LAB_IMAGES,
        may_start: bool | None = None,
        looks_elsewhere: bool = True,
    ) -> None:
        """Describe the provider; nothing is started.

        Args:
            settings: Where things are.
            own_engine: The engine to start when none answers; made from the settings when None.
            images: The images to have.
            may_start: Whether this machine lets us start an engine; found out when None.
            looks_elsewhere: Whether to use an engine that is not the lab's own.
        """
        self._settings = settings
        self._own = own_engine or OwnEngine(EnginePlaces.of(settings.engine_folder))
        self._images = images
        self._may_start = may_start
        self._looks_elsewhere = looks_elsewhere

    def search(self) -> EngineSearch:
        """Look for an engine that answers; changes nothing."""
        places = candidates(default_environment(), self._own.places.socket)
        return find_engine(places if self._looks_elsewhere else places[-1:])

    def usability(self) -> Usability:
        """Say whether an engine answers or could be started."""
        search = self.search()
        if search.engine is not None:
            return Usability(True, self._describe(search.engine), "")
        if self._can_start():
            return Usability(True, "No Docker engine answers yet; the lab starts one of its own here.", "")
        try:
            search.require()
        except ChaosError as refusal:
            return refusal_of(refusal)
        raise AssertionError("a search without an engine always refuses")

    def start(self, progress: ProgressSink) -> Containers:
        """Find or start the engine, remove what killed runs left on it, and make the images."""
        engine = self.search().engine or self._start_engine(progress)
        if engine.is_own:
            user = EngineUser(run_id=self._settings.run_id(), state=self._settings.state)
            engine_users.register(self._own.places.folder, user)
        swept = sweep.remove_left_behind(engine)
        if swept.count:
            progress(Progress("Removing what a killed run left", f"{swept.count} things"))
        self._forget_gone_missions(engine, progress)
        images = provide_images(engine, self._images, self._settings, progress)
        return self._containers(engine, images)

    def attach(self) -> Containers | None:
        """Return the engine when it answers with all images on it."""
        engine = self.search().engine
        if engine is None:
            return None
        images = find_images(engine, self._images, self._settings)
        return None if images is None else self._containers(engine, images)

    def stop(self, *, purge: bool, progress: ProgressSink) -> Sequence[str]:
        """Remove this mission's containers, networks and volumes, then the engine if it is ours and free."""
        run_id = self._settings.run_id()
        places = self._own.places
        engine = self.search().engine
        if engine is None and self._can_start() and self._own.is_left_over():
            # Killed: only the engine itself knows its containers, so it is started once more to put them away.
            progress(Progress("Cleaning up after a killed engine"))
            with contextlib.suppress(ChaosError):
                self._own.start(progress)
            engine = self.search().engine
        notes: list[str] = []
        if engine is not None:
            swept = sweep.remove_run(engine, run_id)
            progress(Progress("Removing this mission's containers", f"{swept.count} things"))
            images = mission_images.remove_run(engine, run_id)
            progress(Progress("Removing this mission's images", f"{len(images)} images"))
            self._forget_gone_missions(engine, progress)
        if engine is None or engine.is_own:
            engine_users.unregister(places.folder, run_id)
            reason = self._why_keep(engine, run_id)
            if reason:
                notes.append(reason)
            elif self._can_start() and (engine is not None or self._own.is_left_over()):
                self._own.stop(progress)
                if purge:
                    self._own.purge()
                engine = None
        elif self._unit_mark.exists():
            notes += self._stop_unit(engine, run_id)
        if purge:
            notes += self._purge(engine, run_id)
        return tuple(notes)

    def _forget_gone_missions(self, engine: Engine, progress: ProgressSink) -> None:
        """Put away the labs of missions whose folders somebody deleted; only our own engine knows its missions."""
        if not engine.is_own:
            return
        for user in engine_users.gone(self._own.places.folder):
            swept = sweep.remove_run(engine, user.run_id)
            images = mission_images.remove_run(engine, user.run_id)
            engine_users.unregister(self._own.places.folder, user.run_id)
            progress(
                Progress(
                    "Putting away the lab of a mission whose folder is gone",
                    f"{user.state.parent}: {swept.count + len(images)} things",
                )
            )

    @property
    def _unit_mark(self) -> Path:
        return self._settings.state / "docker-unit-started"

    def _can_start(self) -> bool:
        if self._may_start is not None:
            return self._may_start
        machine = this_machine()
        return is_privileged() and (machine.is_debian or find_program("dockerd") is not None)

    def _start_engine(self, progress: ProgressSink) -> Engine:
        if not self._can_start():
            return self.search().require()
        if this_machine().has_systemd and self._start_unit(progress):
            return self.search().require()
        self._own.start(progress)
        found = self.search().engine
        if found is None:
            raise EngineUnavailable(
                "The engine that was just started does not answer.",
                evidence=str(self._own.places.socket),
                fix=start_hint(),
            )
        return found

    def _start_unit(self, progress: ProgressSink) -> bool:
        """Start the system's own Docker unit; False when there is none."""
        if not Command(("systemctl", "cat", _UNIT)).run(timeout_s=10).is_success:
            return False
        progress(Progress("Starting the Docker engine", f"systemctl start {_UNIT}"))
        Command(("systemctl", "start", _UNIT)).run(timeout_s=_UNIT_S).check(
            fix=f"`journalctl -u {_UNIT}` tells why; then run `opchaos up` again."
        )
        wait_until(
            "the Docker engine answers",
            lambda: Reading(self.search().engine is not None),
            timeout_s=_UNIT_S,
            fix=f"`journalctl -u {_UNIT}` tells why.",
        )
        self._unit_mark.parent.mkdir(parents=True, exist_ok=True)
        self._unit_mark.touch()
        return True

    def _stop_unit(self, engine: Engine, run_id: str) -> Sequence[str]:
        """Stop the unit that this mission started, unless somebody's containers are on it."""
        foreign = sweep.foreign_containers(engine, run_id)
        self._unit_mark.unlink()
        if foreign:
            return (f"The Docker engine stays up: it has other containers ({', '.join(foreign[:5])}).",)
        Command(("systemctl", "stop", "docker.socket", _UNIT)).run(timeout_s=_UNIT_S)
        return ()

    def _why_keep(self, engine: Engine | None, run_id: str) -> str:
        """Return why the lab's engine must stay up, or nothing."""
        users = engine_users.others(self._own.places.folder, run_id)
        if users:
            names = ", ".join(str(user.state.parent) for user in users[:5])
            return f"The lab's Docker engine stays up: other missions use it ({names})."
        foreign = sweep.foreign_containers(engine, run_id) if engine is not None else ()
        if foreign:
            return f"The lab's Docker engine stays up: it has other containers ({', '.join(foreign[:5])})."
        return ""

    def _purge(self, engine: Engine | None, run_id: str) -> Sequence[str]:
        if engine_users.others(self._own.places.folder, run_id):
            return ("The cache stays: other missions use it.",)
        shutil.rmtree(self._settings.cache / "rootfs", ignore_errors=True)
        if engine is None:
            return ()
        kept = []
        from docker.errors import APIError

        with contextlib.closing(engine.connect()) as client:
            for summary in client.api.images():
                for tag in summary.get("RepoTags") or ():
                    if not str(tag).startswith(LOCAL_PREFIX):
                        continue
                    try:
                        client.api.remove_image(tag)
                    except APIError:
                        kept.append(str(tag))
        return (f"These images stay, something uses them: {', '.join(kept)}.",) if kept else ()

    def _containers(self, engine: Engine, images: ImageSet) -> Containers:
        return Containers(engine, images, self.tier, self.name, self._describe(engine))

    @staticmethod
    def _describe(engine: Engine) -> str:
        return f"Docker {engine.version} answers at {engine.url} ({engine.found_by})."
