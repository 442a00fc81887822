"""Boot an embedded Postgres: copy a prepared data folder, make role and database, serve."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from chaos_lib.command import Command
from chaos_lib.lab.lock import exclusive
from chaos_lib.lab.services.account import Account, server_account
from chaos_lib.lab.services.base import Credentials
from chaos_lib.lab.services.last_words import disk_errors, error_from_log, require_free
from chaos_lib.lab.services.server import HOST, Server, free_port, spawn
from chaos_lib.lab.services.wheels import Wheels

_INITDB_TIMEOUT_S = 120.0
_LOCK_TIMEOUT_S = 180.0
# The whole boot is one process that becomes the server, so that starting can return at once, as it does for a
# container: whoever connects too early is refused, in both tiers. `-j` ends a statement at an empty line.
_BOOT = """\
set -e
cp -R "$1" data
"$2/postgres" --single -j -F -O -D data postgres < roles.sql > /dev/null
rm roles.sql
shift
programs=$1
shift
exec "$programs/postgres" -D data "$@"
"""
# Durability is not wanted: the data dies with the server. `mmap` keeps shared memory inside the data folder,
# so that nothing is left in /dev/shm after a kill.
_OPTIONS = (
    "-F",
    "-k",
    "",
    "-c",
    "synchronous_commit=off",
    "-c",
    "full_page_writes=off",
    "-c",
    "dynamic_shared_memory_type=mmap",
    "-c",
    "io_method=sync",
    "-c",
    "timezone=UTC",
    "-c",
    "log_timezone=UTC",
)
_HBA = f"host all all {HOST}/32 scram-sha-256\n"


def boot_postgres(
    folder: Path,
    credentials: Credentials,
    *,
    wheels: Wheels,
    cache: Path,
    port: int | None = None,
    options: Sequence[str] = (),
) -> Server:
    """Start a Postgres and return without waiting for it.

    Args:
        folder: A folder for it alone; must not exist yet.
        credentials: The superuser and the database it starts with.
        wheels: Where the programs are.
        cache: Folder for the data folder that all servers are copied from; made at first use (1 s).
        port: TCP port on 127.0.0.1; any free one when None.
        options: More options for the server: `["-c", "max_connections=20"]`.

    Raises:
        PortTaken: `port` is in use.
        DiskFull: There was no room.
        ServiceDied: The data folder could not be prepared.
    """
    if port is not None:
        require_free(HOST, port)
    chosen = port or free_port()
    template = ensure_template(wheels, cache)
    with disk_errors("starting the embedded postgres"):
        folder.mkdir(parents=True)
        account = server_account(wheels.postgres_bin / "postgres", template, folder)
        (folder / "roles.sql").write_text(_roles(credentials), encoding="utf-8")
        (folder / "roles.sql").chmod(0o644)  # readable for the account; the folder itself is closed
        account.give(folder)
        server_options = [*_OPTIONS, *options, "-h", HOST, "-p", str(chosen)]
        return spawn(
            "postgres",
            [
                *account.prefix,
                "sh",
                "-c",
                _BOOT,
                "sh",
                str(template),
                str(wheels.postgres_bin),
                *server_options,
            ],
            port=chosen,
            folder=folder,
            path=os.environ.get("PATH", os.defpath),
        )


def ensure_template(wheels: Wheels, cache: Path) -> Path:
    """Return a prepared data folder, made by `initdb` at first use (about 1 s, 30 MB).

    Raises:
        DiskFull: There was no room.
        ServiceDied: `initdb` failed.
        LabBusy: Another process has been making it for three minutes.
    """
    home = cache / "postgres-template"
    with disk_errors("preparing an empty postgres"):
        home.mkdir(parents=True, exist_ok=True)
        owner = server_account(wheels.postgres_bin / "postgres", home / "data")
        # Another version of the wheel, or another account, needs its own.
        template = home / f"{_version(wheels)}-{owner.uid}"
        if template.exists():
            return template
        with exclusive(home / "lock", "preparing an empty Postgres", timeout_s=_LOCK_TIMEOUT_S):
            if not template.exists():
                _make_template(wheels, owner, template)
    return template


def _make_template(wheels: Wheels, owner: Account, template: Path) -> None:
    draft = template.with_name(f"{template.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)  # of a run that was killed
    draft.mkdir()
    owner.give(draft)
    data = draft / "data"
    program = [*owner.prefix, str(wheels.postgres_bin / "initdb")]
    who = ["-D", str(data), "-U", "postgres", "-A", "trust"]
    locale = ["--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8"]
    result = Command(
        # Small WAL segments make the copy that every server starts from small.
        [*program, *who, *locale, "--no-sync", "--wal-segsize=1"],
        env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
    ).run(timeout_s=_INITDB_TIMEOUT_S)
    if not result.is_success:
        shutil.rmtree(draft, ignore_errors=True)
        raise error_from_log("postgres", 0, result.output)
    (data / "pg_hba.conf").write_text(_HBA, encoding="utf-8")
    data.rename(template)
    with contextlib.suppress(OSError):
        draft.rmdir()


def _version(wheels: Wheels) -> str:
    programs = (wheels.postgres_bin / "postgres").stat()
    return f"{programs.st_size}-{programs.st_mtime_ns}"


def _roles(credentials: Credentials) -> str:
    role = _identifier(credentials.username)
    password = "'" + credentials.password.replace("'", "''") + "'"
    verb = "ALTER" if credentials.username == "postgres" else "CREATE"
    statements = [f"{verb} ROLE {role} SUPERUSER LOGIN PASSWORD {password};"]
    if credentials.database not in ("postgres", "template1"):
        statements.append(f"CREATE DATABASE {_identifier(credentials.database)} OWNER {role};")
    return "".join(f"{statement}\n\n" for statement in statements)


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
