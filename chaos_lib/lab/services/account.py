"""The system account that embedded servers run as: Postgres refuses to run as root."""

from __future__ import annotations

import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from chaos_lib.errors import ToolMissing

_ACCOUNT = "nobody"


@dataclass(frozen=True)
class Account:
    """Who the servers run as.

    Attributes:
        uid: User id, the owner of the data.
        prefix: What to put before a command line so that it runs as this account; empty when it is us.
    """

    uid: int
    prefix: tuple[str, ...] = ()

    def give(self, folder: Path) -> None:
        """Make a new, empty folder the account's own, closed to others."""
        if self.prefix:
            os.chown(folder, self.uid, -1)
        folder.chmod(0o700)


def server_account(*paths: Path) -> Account:
    """Choose the account for servers that need these paths.

    Root steps down to `nobody`, an account that is there on every Linux, so none is added. Where a folder
    above a path is closed to others (root's home is), the servers keep root's right to pass it, so no
    folder has to be opened.

    Args:
        paths: Programs and data folders that the servers must reach.

    Raises:
        ToolMissing: We are root, and `setpriv` (util-linux) is not installed.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid())
    import pwd  # not there on Windows

    if shutil.which("setpriv") is None:
        raise ToolMissing(
            "Postgres does not run as root, and `setpriv`, which would step down to another account, was not found.",
            evidence=f"PATH={os.environ.get('PATH', '')}",
            fix="Install util-linux (`apt-get install util-linux`), or run as a normal user.",
        )
    entry = pwd.getpwnam(_ACCOUNT)
    prefix = ["setpriv", f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--clear-groups"]
    if not all(_is_open(folder) for path in paths for folder in path.resolve().parents):
        prefix += ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    return Account(entry.pw_uid, (*prefix, "--"))


def _is_open(folder: Path) -> bool:
    return not folder.exists() or bool(folder.stat().st_mode & stat.S_IXOTH)
