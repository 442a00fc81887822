"""The EMBEDDED provider: real servers from wheels, kept running for one mission."""

from __future__ import annotations

import importlib.util
import platform
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from chaos_lib.errors import PortTaken, ToolMissing
from chaos_lib.lab.facility import Progress, ProgressSink, Usability
from chaos_lib.lab.lock import exclusive
from chaos_lib.lab.services.account import server_account
from chaos_lib.lab.services.base import SHARED_CREDENTIALS, Services
from chaos_lib.lab.services.postgres_server import boot_postgres
from chaos_lib.lab.services.probes import answers_ping, answers_sql
from chaos_lib.lab.services.redis_server import boot_redis
from chaos_lib.lab.services.server import HOST, Server, remove_server_folder
from chaos_lib.lab.services.twin_folder import sweep_twins
from chaos_lib.lab.services.wheels import find_wheels
from chaos_lib.settings import Settings, Tier
from chaos_lib.wait import Reading

_LOCK_TIMEOUT_S = 60.0
_PORT_TRIES = 3


class _State(BaseModel):
    """Which servers a mission keeps running."""

    model_config = ConfigDict(frozen=True)

    postgres: Server
    redis: Server

    def services(self) -> Services:
        return Services(
            postgres_url=_postgres_url(self.postgres),
            redis_url=_redis_url(self.redis),
            tier=Tier.EMBEDDED,
            provider=EmbeddedServices.name,
        )


@dataclass(frozen=True)
class EmbeddedServices:
    """Postgres and Redis without containers.

    Attributes:
        settings: Whose mission: the servers live in its `state/services/`.
    """

    settings: Settings

    name = "embedded"
    tier = Tier.EMBEDDED

    def usability(self) -> Usability:
        """Say whether both wheels and their clients are installed here."""
        if platform.system() == "Windows":
            return Usability(
                False, "The wheels with Postgres and Redis do not exist for Windows.", "Use WSL 2."
            )
        try:
            wheels = find_wheels()
            server_account(wheels.postgres_bin)
            _require_clients()
        except ToolMissing as missing:
            return Usability(False, missing.what, missing.fix)
        return Usability(True, "Real Postgres and Redis servers from wheels, without containers.", "")

    def start(self, progress: ProgressSink) -> Services:
        """Start both servers, or find them running; they outlive this process."""
        _require_clients()
        find_wheels()
        with self._exclusive("starting the services", progress):
            running = self.attach()
            if running is not None:
                return running
            self._remove_all()
            progress(Progress("Starting Postgres", "embedded, from a wheel", 0.0))
            postgres = self._boot_on_free_port(self._boot_postgres)
            try:
                progress(Progress("Starting Redis", "embedded, from a wheel", 0.7))
                redis = self._boot_on_free_port(self._boot_redis)
            except BaseException:
                postgres.stop()
                raise
            state = _State(postgres=postgres, redis=redis)
            self._write(state)
            progress(Progress("Services are up", f"ports {postgres.port} and {redis.port}", 1.0))
            return state.services()

    def stop(self) -> None:
        """Stop both servers and remove everything they left; may be called again."""
        if not self._folder.exists():
            return
        with self._exclusive("stopping the services", lambda _: None):
            self._remove_all()

    def attach(self) -> Services | None:
        """Return the services of an earlier start, if both truly answer."""
        state = self._read()
        if state is None or not (state.postgres.is_running() and state.redis.is_running()):
            return None
        services = state.services()
        if answers_sql(services.postgres_url).is_ready and answers_ping(services.redis_url).is_ready:
            return services
        return None

    @property
    def _folder(self) -> Path:
        return self.settings.state / "services"

    @property
    def _state_file(self) -> Path:
        return self._folder / "embedded.json"

    def _exclusive(self, doing: str, progress: ProgressSink) -> AbstractContextManager[None]:
        return exclusive(self._folder / "embedded.lock", doing, timeout_s=_LOCK_TIMEOUT_S, progress=progress)

    def _read(self) -> _State | None:
        try:
            return _State.model_validate_json(self._state_file.read_text(encoding="utf-8"))
        except (OSError, ValidationError):
            return None

    def _write(self, state: _State) -> None:
        draft = self._state_file.with_suffix(".draft")
        draft.write_text(state.model_dump_json(indent=1), encoding="utf-8")
        draft.replace(self._state_file)

    def _remove_all(self) -> None:
        state = self._read()
        for server in (state.postgres, state.redis) if state else ():
            server.stop()
        # A start that was killed before it wrote the state leaves folders with living servers.
        for name in ("postgres", "redis"):
            remove_server_folder(self._folder / name)
        self._state_file.unlink(missing_ok=True)
        sweep_twins(self.settings)

    def _boot_postgres(self) -> Server:
        server = boot_postgres(
            self._folder / "postgres", SHARED_CREDENTIALS, wheels=find_wheels(), cache=self.settings.cache
        )
        return _awaited(server, lambda: answers_sql(_postgres_url(server)))

    def _boot_redis(self) -> Server:
        server = boot_redis(self._folder / "redis", wheels=find_wheels())
        return _awaited(server, lambda: answers_ping(_redis_url(server)))

    @staticmethod
    def _boot_on_free_port(boot: Callable[[], Server]) -> Server:
        # Between choosing a free port and listening on it, another program may take it.
        for _ in range(_PORT_TRIES - 1):
            try:
                return boot()
            except PortTaken:
                continue
        return boot()


def _awaited(server: Server, probe: Callable[[], Reading]) -> Server:
    try:
        server.wait_until_answering(probe)
    except BaseException:
        server.stop()
        raise
    return server


def _postgres_url(server: Server) -> str:
    return SHARED_CREDENTIALS.url(HOST, server.port)


def _redis_url(server: Server) -> str:
    return f"redis://{HOST}:{server.port}/0"


def _require_clients() -> None:
    for module in ("psycopg", "redis"):
        if importlib.util.find_spec(module) is None:
            raise ToolMissing(
                f"The package `{module}`, with which a service is asked whether it answers, is not installed.",
                evidence=f"no module named {module}",
                fix="Install the lab's packages into this environment: `pip install 'operation-chaos[lab]'`.",
            )
    if shutil.which("sh") is None:
        raise ToolMissing("No shell `sh` was found.", evidence="not on PATH", fix="Put `sh` on the PATH.")
