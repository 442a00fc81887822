"""Boot an embedded Redis."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from chaos_lib.lab.services.account import server_account
from chaos_lib.lab.services.last_words import disk_errors, require_free
from chaos_lib.lab.services.server import HOST, Server, free_port, spawn
from chaos_lib.lab.services.wheels import Wheels


def boot_redis(
    folder: Path, *, wheels: Wheels, port: int | None = None, options: Sequence[str] = ()
) -> Server:
    """Start a Redis and return without waiting for it.

    Args:
        folder: A folder for it alone; must not exist yet.
        wheels: Where the program is.
        port: TCP port on 127.0.0.1; any free one when None.
        options: More options for the server: `["--requirepass", "secret"]`.

    Raises:
        PortTaken: `port` is in use.
        DiskFull: There was no room.
    """
    if port is not None:
        require_free(HOST, port)
    chosen = port or free_port()
    program = wheels.redis_bin / "redis-server"
    with disk_errors("starting the embedded redis"):
        folder.mkdir(parents=True)
        account = server_account(program, folder)
        account.give(folder)
        # Nothing is saved: the data dies with the server.
        fixed = ["--bind", HOST, "--port", str(chosen), "--dir", str(folder), "--daemonize", "no"]
        return spawn(
            "redis",
            [*account.prefix, str(program), "--save", "", "--appendonly", "no", *options, *fixed],
            port=chosen,
            folder=folder,
            path=os.environ.get("PATH", os.defpath),
        )
