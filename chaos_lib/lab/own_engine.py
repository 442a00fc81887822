"""The Docker engine that the lab starts itself: its own data, socket, bridge and configuration."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import psutil
from pydantic import ValidationError

from chaos_lib.command import Command
from chaos_lib.errors import ChaosError, EngineUnavailable, WaitTimeout
from chaos_lib.lab import firewall
from chaos_lib.lab.debian import disk_full, find_program, install, says_disk_full
from chaos_lib.lab.engine_ping import Address, EngineVersion, ask_version
from chaos_lib.lab.engine_places import EnginePlaces
from chaos_lib.lab.facility import Progress, ProgressSink
from chaos_lib.lab.lock import exclusive
from chaos_lib.processes import naming
from chaos_lib.wait import Reading, wait_until

__all__ = ["EnginePlaces", "OwnEngine"]

PACKAGES = ("docker.io", "iptables", "iproute2", "ca-certificates")
PROGRAMS = ("dockerd", "containerd", "runc", "docker", "iptables", "ip")
_START_S = 60.0
_STOP_S = 30.0
_LOCK_S = 300.0
_CAP_SYS_RESOURCE = 24  # linux/capability.h
_PASSED_ON = ("HOME", "LANG", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")


class OwnEngine:
    """Starts, heals and stops the lab's own dockerd.

    Attributes:
        places: Where it keeps its things.
    """

    def __init__(self, places: EnginePlaces, *, manages_firewall: bool = True) -> None:
        """Describe the engine; nothing is started.

        Args:
            places: Where it keeps its things.
            manages_firewall: Whether it writes iptables rules; without them containers reach no other network,
                but a second engine on the same machine keeps its own rules.
        """
        self.places = places
        self._manages_firewall = manages_firewall

    @property
    def address(self) -> Address:
        """Where it listens."""
        return Address(f"unix://{self.places.socket}")

    def answer(self, *, timeout_s: float = 2.0) -> EngineVersion | None:
        """Return the version of the running engine, or None when it does not answer in time."""
        try:
            return ask_version(self.address, timeout_s=timeout_s)
        except ChaosError:
            return None

    def start(self, progress: ProgressSink) -> EngineVersion:
        """Start the engine unless it answers; installs Debian's packages first when they are missing.

        Gets over what a killed engine left: a stale pid file or socket, a containerd without its dockerd.

        Raises:
            EngineUnavailable: It did not come up; carries the last lines of its log.
            DiskFull: There is no room for it.
            LabBusy: Another process has been starting or stopping it for five minutes.
        """
        with exclusive(self.places.lock, "starting the engine", timeout_s=_LOCK_S, progress=progress):
            version = self.answer()
            if version is not None:
                return version
            install(PACKAGES, PROGRAMS, progress)
            progress(Progress("Starting the Docker engine", str(self.places.socket)))
            return self._restart()

    def stop(self, progress: ProgressSink) -> None:
        """Stop the engine and take back all it did to the machine, except its data folder. May be called twice.

        An engine that was killed is started once more, because only it knows its containers.
        """
        with exclusive(self.places.lock, "stopping the engine", timeout_s=_LOCK_S, progress=progress):
            if self.answer() is None and self._processes():
                with contextlib.suppress(ChaosError):
                    self._restart()
            progress(Progress("Stopping the Docker engine"))
            bridges = self._bridges()
            self._end(self._daemons())
            self._end(self._processes())
            self._unmount()
            if self._manages_firewall:
                is_shared = firewall.is_other_engine_here(())
                firewall.restore(bridges, self._network_before(), is_shared=is_shared)
            else:
                firewall.restore(bridges, None, is_shared=True)
            self.places.network_before.unlink(missing_ok=True)
            shutil.rmtree(self.places.run, ignore_errors=True)

    def purge(self) -> None:
        """Remove the data folder of a stopped engine: images, volumes, configuration."""
        shutil.rmtree(self.places.folder, ignore_errors=True)

    def is_left_over(self) -> bool:
        """Whether there is anything of it to stop: a process, or a file in `/run`."""
        return self.places.run.exists() or bool(self._processes())

    def _restart(self) -> EngineVersion:
        try:
            self._end_silent_daemon()
            self._write_configuration()
            self._launch()
        except OSError as exc:
            if says_disk_full(str(exc)):
                raise disk_full("starting the Docker engine", str(exc)) from exc
            raise EngineUnavailable(
                "The files of the lab's own Docker engine could not be written.",
                evidence=str(exc),
                fix=f"Look at {self.places.folder}: it must be a folder of root's. Or set OPCHAOS_ENGINE_FOLDER.",
            ) from exc
        return self._wait_for_answer()

    def _launch(self) -> None:
        places = self.places
        places.run.mkdir(parents=True, exist_ok=True)
        firewall.add_bridge(places.bridge)
        if self._manages_firewall and not places.network_before.exists():
            places.network_before.write_text(firewall.look().model_dump_json(), encoding="utf-8")
        environment = {name: value for name, value in os.environ.items() if name.upper() in _PASSED_ON} | {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        }
        with places.log.open("ab") as log:
            # --fork: the daemon becomes a child of init, so that neither a Ctrl-C here nor our end reaches it.
            subprocess.run(
                ["setsid", "--fork", str(find_program("dockerd")), "--config-file", str(places.config)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                cwd="/",
                check=True,
            )

    def _wait_for_answer(self) -> EngineVersion:
        found: list[EngineVersion] = []
        seen_alive: list[bool] = []

        def probe() -> Reading:
            version = self.answer(timeout_s=1.0)
            if version is not None:
                found.append(version)
                return Reading(True)
            is_alive = bool(self._daemons())
            if seen_alive and not is_alive:
                raise self._failure("ended right after its start")
            if is_alive:
                seen_alive.append(True)
            return Reading(False, self._last_log())

        try:
            wait_until("the Docker engine answers", probe, timeout_s=_START_S, interval_s=0.05)
        except WaitTimeout as exc:
            raise self._failure(f"did not answer within {_START_S:.0f} s") from exc
        return found[0]

    def _failure(self, how: str) -> ChaosError:
        log = self._last_log()
        if says_disk_full(log):
            return disk_full("starting the Docker engine", log)
        return EngineUnavailable(
            f"The lab's own Docker engine {how}.",
            evidence=log,
            fix=f"Its whole log is {self.places.log}. Mend the cause and run `opchaos up` again.",
        )

    def _last_log(self) -> str:
        if not self.places.log.exists():
            return ""
        return "\n".join(self.places.log.read_text(encoding="utf-8", errors="replace").splitlines()[-8:])

    def _write_configuration(self) -> None:
        places = self.places
        places.data_root.mkdir(parents=True, exist_ok=True)
        options: dict[str, object] = {
            "hosts": [self.address.url],
            "data-root": str(places.data_root),
            "exec-root": str(places.exec_root),
            "pidfile": str(places.pid_file),
            "bridge": places.bridge,
            "mtu": firewall.uplink_mtu(),
            "iptables": self._manages_firewall,
            "log-driver": "json-file",
            # The kubelet of the offline cluster and this engine must agree on one driver.
            "exec-opts": ["native.cgroupdriver=cgroupfs"],
            "features": {"buildkit": True},
        }
        if not _has_capability(_CAP_SYS_RESOURCE):
            wrapper = places.folder / "clear-oom-score.sh"
            script = resources.files("chaos_lib.lab").joinpath("runtime/clear-oom-score.sh")
            wrapper.write_text(script.read_text(encoding="utf-8"), encoding="utf-8")
            wrapper.chmod(0o755)
            options |= {
                "oom-score-adjust": 0,
                "runtimes": {"opchaos": {"path": str(wrapper)}},
                "default-runtime": "opchaos",
            }
        places.config.write_text(json.dumps(options, indent=2), encoding="utf-8")
        places.log.unlink(missing_ok=True)

    def _end_silent_daemon(self) -> None:
        """End a dockerd of ours that does not answer, and forget a pid file that names somebody else."""
        daemons = self._daemons()
        self._end(daemons)
        self.places.pid_file.unlink(missing_ok=True)
        self.places.socket.unlink(missing_ok=True)

    def _daemons(self) -> Sequence[psutil.Process]:
        mark = str(self.places.config)
        return [p for p in naming(mark) if p.name() == "dockerd"]

    def _processes(self) -> Sequence[psutil.Process]:
        """Our dockerd, its containerd, the shims and the port proxies: all that name our folders."""
        daemons = self._daemons()
        children = [child for daemon in daemons for child in daemon.children(recursive=True)]
        named = [
            p
            for p in naming(f"{self.places.exec_root}/")
            if p.name().startswith(("containerd", "docker-proxy"))
        ]
        return list({p.pid: p for p in (*daemons, *children, *named)}.values())

    def _end(self, processes: Sequence[psutil.Process]) -> None:
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGTERM)
        _, alive = psutil.wait_procs(processes, timeout=_STOP_S)
        for process in alive:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(alive, timeout=5)

    def _bridges(self) -> Sequence[str]:
        """The engine's own bridge and those of its networks."""
        names = [self.places.bridge]
        if self.answer() is None:
            return names
        client = self.address.connect(timeout_s=20)
        try:
            for network in client.networks.list(filters={"driver": "bridge"}):
                options = network.attrs.get("Options") or {}
                names.append(options.get("com.docker.network.bridge.name") or f"br-{str(network.id)[:12]}")
        finally:
            client.close()
        return names

    def _unmount(self) -> None:
        """Unmount what a killed engine left mounted, innermost first."""
        roots = (self.places.run, self.places.data_root)
        mounts = [
            line.split()[1].encode().decode("unicode_escape")
            for line in Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
        ]
        # The storage driver mounts the data folder onto itself: the root counts too.
        ours = [m for m in mounts if any(Path(m).is_relative_to(root) for root in roots)]
        for mount in sorted(ours, key=len, reverse=True):
            Command(("umount", "--lazy", mount)).run(timeout_s=20)

    def _network_before(self) -> firewall.NetworkBefore | None:
        try:
            return firewall.NetworkBefore.model_validate_json(
                self.places.network_before.read_text(encoding="utf-8")
            )
        except (OSError, ValidationError):
            return None


def _has_capability(number: int) -> bool:
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("CapBnd:"):
            return bool(int(line.split()[1], 16) >> number & 1)
    return True
