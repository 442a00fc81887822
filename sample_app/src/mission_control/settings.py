"""The settings: read from `MISSION_…` environment variables, checked once, passed on.

The two addresses have no default on purpose. A service that silently talks to localhost when a variable is
missing works on the developer's machine and nowhere else.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Literal
from urllib.parse import urlsplit

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from mission_control.errors import SettingsInvalid

PREFIX = "MISSION_"
DATABASE_EXAMPLE = "postgresql://user:password@host:5432/name"
REDIS_EXAMPLE = "redis://host:6379/0"
# Kubernetes describes a Service called mission-control to every pod as MISSION_CONTROL_PORT and the like:
# https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
_KUBERNETES_LINK = re.compile(r"CONTROL_(\w+_)?(SERVICE_(HOST|PORT\w*)|PORT(_\d+_(TCP|UDP|SCTP)\w*)?)")


class Settings(BaseSettings):
    """Everything that differs from one deployment to the next."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, hide_input_in_errors=True, frozen=True
    )

    database_url: SecretStr = Field(description=f"Where Postgres is: {DATABASE_EXAMPLE}")
    redis_url: SecretStr = Field(description=f"Where Redis is: {REDIS_EXAMPLE}")
    colour: Literal["blue", "green"] = Field(default="blue", description="Which of two deployments this is.")
    version: str = Field(default="dev", description="Release of the service.")
    git_sha: str | None = Field(default=None, description="Commit the release was built from.")
    host: str = Field(default="0.0.0.0", description="Address to listen on.")  # noqa: S104 - for containers
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    cache_ttl_s: int = Field(default=30, ge=1, description="Seconds the mission list stays in the cache.")
    startup_timeout_s: float = Field(default=10, gt=0, description="Seconds to wait for Postgres at start.")
    drain_s: float = Field(default=1, ge=0, description="Seconds between not being ready and stopping.")
    shutdown_timeout_s: int = Field(default=5, ge=1, description="Seconds for running requests to finish.")

    @field_validator("database_url")
    @classmethod
    def _database_url_names_a_host(cls, url: SecretStr) -> SecretStr:
        if not url.get_secret_value().startswith(("postgresql://", "postgres://")):
            raise ValueError(f"must look like {DATABASE_EXAMPLE}")
        try:
            parts = conninfo_to_dict(url.get_secret_value())
            int(parts.get("port") or 5432)
        except (ProgrammingError, ValueError):  # their message may quote a part of the password
            raise ValueError(
                f"cannot be read; it must look like {DATABASE_EXAMPLE}, and in a password @ is written %40 and / %2F"
            ) from None
        if not parts.get("host"):
            raise ValueError(f"names no host; it must look like {DATABASE_EXAMPLE}")
        return url

    @field_validator("redis_url")
    @classmethod
    def _redis_url_names_a_host(cls, url: SecretStr) -> SecretStr:
        try:
            parts = urlsplit(url.get_secret_value())
            is_complete = {"redis": parts.hostname, "rediss": parts.hostname, "unix": parts.path}.get(
                parts.scheme
            )
            _ = parts.port
        except ValueError:  # its message may quote a part of the password
            is_complete = None
        if not is_complete:
            raise ValueError(f"must look like {REDIS_EXAMPLE}")
        return url


def load_settings() -> Settings:
    """Read the settings from the environment of this process.

    Raises:
        SettingsInvalid: With all problems at once, none of them quoting a password.
    """
    problems = unknown_names(os.environ)
    try:
        settings = Settings()
    except ValidationError as error:
        problems += [
            _in_plain_words(details) for details in error.errors(include_url=False, include_input=False)
        ]
    if problems:
        raise SettingsInvalid(problems)
    return settings


def unknown_names(names: Iterable[str]) -> list[str]:
    """Find variables with our prefix that mean nothing, one sentence each: most likely they are mis-spelt."""
    known = sorted(field.upper() for field in Settings.model_fields)
    problems = []
    for name in sorted(names):
        prefix, found, rest = name.upper().partition(PREFIX)
        if prefix or not found or rest in known or _KUBERNETES_LINK.fullmatch(rest):
            continue
        guesses = get_close_matches(rest, known, n=1)
        advice = f"Did you mean {PREFIX}{guesses[0]}?" if guesses else "Remove it."
        problems.append(f"{name} is not a known setting. {advice}")
    return problems


def _in_plain_words(details: ErrorDetails) -> str:
    field = str(details["loc"][0])
    name = PREFIX + field.upper()
    if details["type"] == "missing":
        return f"{name} is not set. {Settings.model_fields[field].description}"
    message = details["msg"].removeprefix("Value error, ")
    return f"{name} is not right: {message}."
