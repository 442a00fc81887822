"""What the facility *services* gives, and what a provider of it must do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from chaos_lib.lab.facility import ProgressSink, Usability
from chaos_lib.settings import Tier


@dataclass(frozen=True)
class Credentials:
    """How to sign in to a Postgres.

    Attributes:
        username: The role; a superuser, as in the official image.
        password: Its password.
        database: The database that is made for it.
    """

    username: str
    password: str
    database: str

    def url(self, host: str, port: int) -> str:
        """Return the connection URL for a server at this host and port."""
        return f"postgresql://{self.username}:{self.password}@{host}:{port}/{self.database}"


SHARED_CREDENTIALS = Credentials("mission", "control", "mission")


@dataclass(frozen=True)
class Services:
    """A Postgres and a Redis that answer.

    Attributes:
        postgres_url: `postgresql://user:password@host:port/database`.
        redis_url: `redis://host:port/0`.
        tier: How real they are.
        provider: Name of the provider that runs them.
    """

    postgres_url: str
    redis_url: str
    tier: Tier
    provider: str


class ServicesProvider(Protocol):
    """One way to run Postgres and Redis for a mission.

    Attributes:
        name: Unique, one word.
        tier: How real its services are.
    """

    @property
    def name(self) -> str:
        """Unique, one word."""
        ...

    @property
    def tier(self) -> Tier:
        """How real its services are."""
        ...

    def usability(self) -> Usability:
        """Say whether this provider can work here; it changes nothing and takes under a second."""
        ...

    def start(self, progress: ProgressSink) -> Services:
        """Start both services, or find them running; they outlive this process.

        What an earlier, killed run left behind is removed first. A second call at the same time waits for
        the first and returns the same services.

        Raises:
            LabError: A service could not be started; the subclass says why.
            ToolMissing: A package that this provider needs is not installed.
        """
        ...

    def stop(self) -> None:
        """Stop both services and remove everything they left; may be called again."""
        ...

    def attach(self) -> Services | None:
        """Return what an earlier `start` of this mission keeps running, if both truly answer."""
        ...
