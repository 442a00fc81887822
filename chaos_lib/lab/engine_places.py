"""Where the Docker engine that the lab starts itself keeps its things."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

_DEFAULT_FOLDER = Path("/var/lib/opchaos")


@dataclass(frozen=True)
class EnginePlaces:
    """Where the lab's own engine keeps its things: nothing is shared with another engine.

    Attributes:
        folder: Data and configuration; survives a stop, as a cache.
        run: Socket, pid file and the like; gone after a stop.
        bridge: Name of the network bridge (15 characters at most).
    """

    folder: Path
    run: Path
    bridge: str

    @staticmethod
    def default_folder() -> Path:
        """The folder of the engine that all missions share."""
        return _DEFAULT_FOLDER

    @classmethod
    def of(cls, folder: Path) -> EnginePlaces:
        """Return the places of the engine with this data folder."""
        if folder == _DEFAULT_FOLDER:
            return cls(folder, Path("/run/opchaos"), "opchaos0")
        mark = hashlib.sha256(str(folder).encode()).hexdigest()[:8]
        return cls(folder, Path(f"/run/opchaos-{mark}"), f"opc{mark}")

    @property
    def socket(self) -> Path:
        """The engine's socket."""
        return self.run / "docker.sock"

    @property
    def pid_file(self) -> Path:
        """Process id of dockerd."""
        return self.run / "docker.pid"

    @property
    def exec_root(self) -> Path:
        """State of what runs: containerd's socket, network namespaces."""
        return self.run / "exec"

    @property
    def data_root(self) -> Path:
        """Images, containers, volumes."""
        return self.folder / "data"

    @property
    def config(self) -> Path:
        """The engine's configuration file."""
        return self.folder / "daemon.json"

    @property
    def log(self) -> Path:
        """The engine's log."""
        return self.folder / "dockerd.log"

    @property
    def lock(self) -> Path:
        """Held while the engine is started or stopped."""
        return self.folder / "engine.lock"

    @property
    def network_before(self) -> Path:
        """The host's network settings before the start."""
        return self.folder / "network-before.json"
