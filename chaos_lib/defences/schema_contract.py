"""Run the old colour against the new colour's schema: both share one Postgres while a release goes live."""

from __future__ import annotations

import contextlib
import json
import secrets
import tarfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from chaos_lib import scratch
from chaos_lib.defences.base import GREEN, DefenceContext, Verdict
from chaos_lib.defences.scope import CONTAINERS, SERVICE, Scope
from chaos_lib.errors import CommandFailed, WaitTimeout
from chaos_lib.git import Git
from chaos_lib.service import Answer, Service

_MIGRATIONS = "src/mission_control/migrations"
_REMEDIES: Mapping[str, str] = {
    "OLD_COLOUR_BROKEN": "Expand, then contract: add what is new beside what the old colour reads and writes, and remove the "
    "old part in a later release.",
    "NEW_COLOUR_BROKEN": "Read its answer: does the code fit its own migrations?",
    "SERVICE_DOES_NOT_START": "Read its last lines: they name the setting, the service or the migration.",
    "NO_DATABASE": "Run `opchaos doctor`: it says what is missing.",
}


@dataclass(frozen=True)
class _Finding:
    reason: str = GREEN
    evidence: str = ""
    asked: int = 0


class SchemaContract:
    """The version that serves now must go on working when the workspace's version has migrated the database.

    The old colour is the newest commit that lacks a migration of the workspace, or the last commit where none does. It starts on an empty
    database of the lab's Postgres; then the workspace's version starts beside it and migrates; then both are asked.
    """

    name = "schema-contract"
    title = "Expand and contract"
    phase = "phase-5-final"
    uses_services = True
    looks_at = SERVICE | Scope((), (CONTAINERS,))
    reasons: Mapping[str, str] = {
        "OLD_COLOUR_BROKEN": "The new version's migration breaks the colour that still serves.",
        "NEW_COLOUR_BROKEN": "The new version does not work on its own schema.",
        "SERVICE_DOES_NOT_START": "A version does not start, so nothing could be asked.",
        "NO_DATABASE": "There is no Postgres to try it in.",
    }
    command = "git stash && python -m mission_control serve &  # the old one; then migrate, and ask the old one again"

    def run(self, context: DefenceContext) -> Verdict:
        """Start old, migrate by new, ask both."""
        start = time.monotonic()
        finding = self._judge(context)
        well = f"The old colour serves on the new schema: {finding.asked} answers, no error."
        return Verdict(
            defence=self.name,
            reason=finding.reason,
            summary=self.reasons.get(finding.reason, well),
            evidence=finding.evidence,
            remedy=_REMEDIES.get(finding.reason, ""),
            command=self.command,
            tier=context.tier,
            elapsed_s=time.monotonic() - start,
        )

    def _judge(self, context: DefenceContext) -> _Finding:
        import psycopg  # the lab's driver: only this gate talks SQL itself

        admin = context.lab.get("LAB_POSTGRES_URL", "")
        if not admin:
            return _Finding("NO_DATABASE", "the lab names no Postgres")
        try:
            with (
                scratch.folder(context.settings, "old-colour") as folder,
                _database(admin) as url,
                contextlib.ExitStack() as stack,
            ):
                old = _start(stack, context, _old_version(context.workspace, folder), url)
                before = _ask_all(old, "silent-heron-01")
                if before.reason != GREEN:
                    return _Finding(
                        "SERVICE_DOES_NOT_START", f"old colour, before the migration: {before.evidence}"
                    )
                new = _start(stack, context, context.workspace, url)
                after, its_own = _ask_all(old, "silent-heron-02"), _ask_all(new, "silent-heron-03")
        except (CommandFailed, WaitTimeout) as exc:
            return _Finding("SERVICE_DOES_NOT_START", exc.evidence or exc.what)
        except psycopg.Error as exc:
            return _Finding("NO_DATABASE", str(exc))
        if after.reason != GREEN:
            return _Finding("OLD_COLOUR_BROKEN", f"old colour: {after.evidence}")
        if its_own.reason != GREEN:
            return _Finding("NEW_COLOUR_BROKEN", f"new colour: {its_own.evidence}")
        return _Finding(asked=after.asked)


def _old_version(workspace: Path, folder: Path) -> Path:
    """Unpack the source of the version before; its folder is `folder`."""
    git = Git(workspace)
    commit = _commit_before(git, workspace)
    archive = folder / "old.tar"
    git.run("archive", f"--output={archive}", commit, "--", "src")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data") if hasattr(tarfile, "data_filter") else tar.extractall(folder)  # noqa: S202 - our own archive
    return folder


def _commit_before(git: Git, workspace: Path) -> str:
    """Return the newest commit that has only some of the workspace's migrations; HEAD where there is none.

    A migration that was committed and corrected since has never been live: the commits that hold it are passed over.
    """
    files = sorted((workspace / _MIGRATIONS).glob("*.sql"))
    hashes = git.run("hash-object", *map(str, files)).output.split() if files else []
    now = {(f"{_MIGRATIONS}/{file.name}", blob) for file, blob in zip(files, hashes, strict=True)}
    newest = "HEAD"
    for changed in git.run("log", "--format=%H", "--", _MIGRATIONS).output.split():
        lines = git.run("ls-tree", "-r", changed, "--", _MIGRATIONS).output.splitlines()
        then = {
            (path, entry.split()[2])
            for entry, path in (line.split("\t") for line in lines)
            if path.endswith(".sql")
        }
        if then < now:
            return newest
        newest = f"{changed}^"
    return "HEAD"


@contextlib.contextmanager
def _database(admin: str) -> Iterator[str]:
    """Make an empty database beside the lab's own, and drop it afterwards; yields its URL."""
    import psycopg
    from psycopg import sql

    name = f"opchaos_schema_{secrets.token_hex(6)}"
    with psycopg.connect(admin, autocommit=True, connect_timeout=10) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield urlunsplit(urlsplit(admin)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(admin, autocommit=True, connect_timeout=10) as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )


def _start(stack: contextlib.ExitStack, context: DefenceContext, folder: Path, url: str) -> Service:
    own = {
        **context.environment,
        "MISSION_DATABASE_URL": url,
        # What a colour answers must come from the database, not from what the other colour has put into the cache.
        "MISSION_REDIS_URL": "redis://127.0.0.1:1/0",
        "MISSION_DRAIN_S": "0",
    }
    service = Service(replace(context, workspace=folder, environment=own))
    stack.callback(service.stop)
    return service


def _ask_all(service: Service, codename: str) -> _Finding:
    """Write and read as users do; the first answer that is an error of the service is the evidence."""
    asked = 0
    for method, path, body in (
        ("GET", "/missions", None),
        ("POST", "/missions", {"codename": codename}),
        ("GET", "/missions", None),
        ("GET", "/readyz", None),
    ):
        answer = _ask(service.url, method, path, body)
        asked += 1
        if answer.status == 0 or answer.status >= 400:
            said = f"{method} {path}: {answer.status or 'no answer'} {answer.body[:200]}"
            return _Finding("BAD", f"{said}\n{service.log()}", asked)
    return _Finding(asked=asked)


def _ask(url: str, method: str, path: str, body: Mapping[str, str] | None) -> Answer:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(  # noqa: S310 - our own URL
        url + path, data=data, method=method, headers={"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=10.0) as answer:  # noqa: S310 - our own URL
            return Answer(answer.status, answer.read().decode())
    except urllib.error.HTTPError as exc:
        with exc:
            return Answer(exc.code, exc.read().decode())
    except OSError as exc:
        return Answer(0, str(exc))


SCHEMA_CONTRACT = SchemaContract()
