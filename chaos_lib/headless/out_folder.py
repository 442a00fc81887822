"""The folder `out/`: a fresh mission and fresh files for every run, and nothing of the last mission lost."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import filelock

from chaos_lib.errors import ChaosError, DiskFull, InvalidInput, LabBusy

_MARKER = ".opchaos-out"
_LOCK = ".lock"


@dataclass(frozen=True)
class OutFolder:
    """The paths a run writes to.

    Attributes:
        root: The folder itself.
    """

    root: Path

    @property
    def mission(self) -> Path:
        """The mission folder of the run, the kernels' `OPCHAOS_HOME`."""
        return self.root / "mission"

    @property
    def mission_log(self) -> Path:
        """The run's mission log."""
        return self.mission / "state" / "mission.sqlite"

    @property
    def kernels(self) -> Path:
        """IPython's and Jupyter's own files, and the kernels' logs."""
        return self.mission / "state" / "kernels"

    @property
    def notebooks(self) -> Path:
        """The executed notebooks, `<phase>.ipynb`."""
        return self.root / "notebooks"

    @property
    def html(self) -> Path:
        """The executed notebooks as pages, `<phase>.html`."""
        return self.root / "html"

    @property
    def report(self) -> Path:
        """The report for people."""
        return self.root / "report.html"

    @property
    def junit(self) -> Path:
        """The report for CI systems."""
        return self.root / "junit.xml"

    @property
    def scoreboard(self) -> Path:
        """The report for programs."""
        return self.root / "scoreboard.json"

    @contextmanager
    def prepared(self) -> Iterator[Path | None]:
        """Make the folder ready and keep other runs out for as long as the block runs.

        Yields:
            Where the mission of the run before was put aside; None when there was none.

        Raises:
            InvalidInput: The folder holds files that no run has written, or it cannot be written.
            DiskFull: There is no room.
            LabBusy: Another run is using it.
        """
        try:
            self._claim()
        except OSError as exc:
            raise unwritable(self.root, exc) from exc
        lock = filelock.FileLock(self.root / _LOCK)
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout as exc:
            raise LabBusy(
                "Another run is writing to this folder right now.",
                evidence=str(self.root),
                fix="Wait until it has ended, or give this run a folder of its own with `--out`.",
            ) from exc
        try:
            try:
                previous = self._set_mission_aside()
                self._remove_old_files()
                for folder in (self.kernels, self.notebooks, self.html):
                    folder.mkdir(parents=True, exist_ok=True)
            except OSError as exc:
                raise unwritable(self.root, exc) from exc
            yield previous
        finally:
            lock.release()

    def _claim(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        marker = self.root / _MARKER
        if not marker.exists():
            foreign = sorted(path.name for path in self.root.iterdir() if path.name != _LOCK)
            if foreign:
                raise InvalidInput(
                    f"The folder {self.root} holds files that no run has written.",
                    evidence=", ".join(foreign[:5]),
                    fix="Choose an empty or a new folder with `--out`: a run replaces what is in it.",
                )
            marker.write_text("Written by `opchaos run`; replaced by the next run.\n", encoding="utf-8")

    def _set_mission_aside(self) -> Path | None:
        if not self.mission.exists():
            return None
        began = datetime.fromtimestamp(self.mission.stat().st_mtime).astimezone()
        stem = f"mission-{began:%Y%m%d-%H%M%S}"
        target, number = self.root / stem, 1
        while target.exists():
            number += 1
            target = self.root / f"{stem}-{number}"
        self.mission.rename(target)
        return target

    def _remove_old_files(self) -> None:
        # Only files of the names a run gives: whatever else lies here was put here by someone.
        old = [self.report, self.junit, self.scoreboard]
        old += [*self.notebooks.glob("*.ipynb"), *self.html.glob("*.html")]
        for path in old:
            path.unlink(missing_ok=True)


def unwritable(folder: Path, error: OSError) -> ChaosError:
    """Return our error for a folder that refused to be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(
            f"There is no room left to write to {folder}.",
            evidence=str(error),
            fix="Make room on that disk, or choose a folder on another one with `--out`.",
        )
    return InvalidInput(
        f"The folder {folder} cannot be written.",
        evidence=str(error),
        fix="Choose another one with `--out`, or correct its permissions.",
    )
