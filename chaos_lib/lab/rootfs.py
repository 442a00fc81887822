"""A Debian root file system as a tar file, from the machine's own mirror; the only slow part of an offline image."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

from chaos_lib.command import Command, CommandResult
from chaos_lib.errors import LabError
from chaos_lib.lab.apt_sources import debian_mirror
from chaos_lib.lab.debian import disk_full, find_program, install, says_disk_full
from chaos_lib.lab.facility import Progress, ProgressSink

_PACKAGES = ("mmdebstrap",)
_INCLUDE = "ca-certificates"
_TIMEOUT_S = 900
# As in upstream's slim images: an image holds no manuals and no translations.
_LEFT_OUT = (
    "path-exclude=/usr/share/man/*",
    "path-exclude=/usr/share/doc/*",
    "path-include=/usr/share/doc/*/copyright",
    "path-exclude=/usr/share/locale/*",
    "path-exclude=/usr/share/info/*",
)
# As in upstream's images: with /usr merged from the start, the package `usrmerge` is not needed, which brings 50 MB of Perl.
_MERGED_USR = Path("/usr/share/mmdebstrap/hooks/maybe-merged-usr")
# Changes when what goes into a root file system does; part of its names, so that an older one is not taken for it.
EDITION = "2"
_TICKS = 12  # lines of mmdebstrap's output in a whole run, for the progress


def rootfs(suite: str, cache: Path, progress: ProgressSink) -> Path:
    """Return the tar file of a Debian release, made at first use.

    Args:
        suite: `bookworm` and so on.
        cache: The kit's cache folder; the file is in `rootfs/` there.
        progress: Told what is going on.

    Raises:
        LabError: mmdebstrap failed; carries its last lines.
        DiskFull: There is no room for it.
    """
    target = cache / "rootfs" / f"{suite}-{EDITION}.tar"
    if target.exists():
        return target
    mirror = debian_mirror()
    install(_PACKAGES, _PACKAGES, progress)
    work = target.parent / f"work-{suite}-{os.getpid()}"
    step = f"Building Debian {suite}"
    progress(Progress(step, "from the machine's own mirror", 0.0))
    seen: list[str] = []

    def tell(line: str) -> None:
        seen.append(line)
        progress(Progress(step, line[:120], min(0.95, len(seen) / _TICKS)))

    _remove_abandoned(target.parent)
    try:
        work.mkdir(parents=True)
        draft = work / "rootfs.tar"
        result = Command(
            (
                # A mount namespace of its own: whatever ends mmdebstrap, no mount stays behind.
                *("unshare", "--mount", "--propagation", "private"),
                *(str(find_program("mmdebstrap")), "--mode=root", "--variant=minbase"),
                *([f"--hook-dir={_MERGED_USR}"] if _MERGED_USR.is_dir() else []),
                *(f"--include={_INCLUDE}", *(f"--dpkgopt={option}" for option in _LEFT_OUT)),
                *('--aptopt=Acquire::Languages "none"', suite, str(draft), *mirror.lines(suite)),
            ),
            env={**os.environ, "TMPDIR": str(work), "LC_ALL": "C.UTF-8"},
        ).run(timeout_s=_TIMEOUT_S, on_line=tell)
        if not result.is_success:
            raise _failure(suite, result)
        draft.replace(target)
    except OSError as exc:
        if says_disk_full(str(exc)):
            raise disk_full(f"building Debian {suite}", str(exc)) from exc
        raise
    finally:
        shutil.rmtree(work, ignore_errors=True)
    progress(Progress(step, "done", 1.0))
    return target


def _remove_abandoned(folder: Path) -> None:
    """Remove what killed builds left."""
    for work in folder.glob("work-*"):
        pid = work.name.rpartition("-")[2]
        with contextlib.suppress(ProcessLookupError, ValueError):
            os.kill(int(pid), 0)
            continue
        shutil.rmtree(work, ignore_errors=True)


def _failure(suite: str, result: CommandResult) -> LabError:
    if says_disk_full(result.output):
        return disk_full(f"building Debian {suite}", result.last_lines)
    return LabError(
        f"mmdebstrap could not build Debian {suite}.",
        evidence=result.last_lines,
        fix="Check that the mirror in the apt sources answers (`apt-get update`), then run `opchaos up` again.",
    )
