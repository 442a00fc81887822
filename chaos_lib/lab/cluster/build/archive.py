"""Fetch packages and sources of a Debian release into a folder, without installing anything.

apt checks every signature, as always, but works with a configuration, lists and a cache of our own: `/etc/apt` is only read, the
machine's own lists are not touched, and no package's service is started.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from chaos_lib.command import Command, CommandResult
from chaos_lib.errors import ClusterUnavailable
from chaos_lib.lab.apt_sources import DebianMirror
from chaos_lib.lab.debian import disk_full, says_disk_full

_TIMEOUT_S = 900


class Archive:
    """The Debian archive, for one release.

    Args:
        folder: Holds lists, cache and what is fetched.
        mirror: Where the archive is.
        suite: `bookworm`; need not be the machine's own.
    """

    def __init__(self, folder: Path, mirror: DebianMirror, suite: str) -> None:
        self._folder = folder
        self._lines = mirror.lines(suite)

    def update(self) -> None:
        """Fetch the lists; raises ClusterUnavailable when the mirror does not give them."""
        for name in ("lists/partial", "cache/archives/partial"):
            (self._folder / name).mkdir(parents=True, exist_ok=True)
        sources = [line.replace("deb ", "deb-src ", 1) for line in self._lines]
        text = "".join(f"{line}\n" for line in (*self._lines, *sources))
        (self._folder / "sources.list").write_text(text, encoding="utf-8")
        self._apt("update", "-o", "APT::Update::Error-Mode=any")

    def packages(self, names: Sequence[str], root: Path) -> None:
        """Fetch binary packages and unpack them below `root`, where they are of no concern to the system."""
        fetched = self._folder / "packages"
        fetched.mkdir(exist_ok=True)
        self._apt("download", *names, cwd=fetched)
        for package in sorted(fetched.glob("*.deb")):
            self._run(("dpkg-deb", "-x", str(package), str(root)))

    def source(self, name: str) -> Path:
        """Fetch a source package, and return the folder with its archives."""
        fetched = self._folder / "source"
        fetched.mkdir(exist_ok=True)
        self._apt("source", "--download-only", name, cwd=fetched)
        return fetched

    def _apt(self, *arguments: str, cwd: Path | None = None) -> None:
        options = (
            f"Dir::Etc::SourceList={self._folder / 'sources.list'}",
            "Dir::Etc::SourceParts=-",
            f"Dir::State::Lists={self._folder / 'lists'}",
            f"Dir::Cache={self._folder / 'cache'}",
            # apt's own user may not read below root's home.
            "APT::Sandbox::User=root",
            "Acquire::Languages=none",
        )
        self._run(
            ("apt-get", "-q", *(part for option in options for part in ("-o", option)), *arguments), cwd=cwd
        )

    def _run(self, argv: Sequence[str], *, cwd: Path | None = None) -> None:
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
        result = Command(argv, cwd=cwd, env=environment).run(timeout_s=_TIMEOUT_S)
        if not result.is_success:
            raise _failure(argv[0], result)


def _failure(program: str, result: CommandResult) -> Exception:
    if says_disk_full(result.output):
        return disk_full("fetching Debian packages", result.last_lines)
    return ClusterUnavailable(
        f"{program} could not fetch what the cluster is built from.",
        evidence=result.last_lines,
        fix="Check that the mirror in the apt sources answers (`apt-get update`), then run "
        "`opchaos up --cluster` again.",
    )
