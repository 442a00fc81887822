"""The settings of the certificate service: read once from the environment, then passed on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class BackendSettings(BaseSettings):
    """Every field can be set by an environment variable `OPCHAOS_BACKEND_<FIELD>`.

    Attributes:
        folder: Where the service keeps its key, and its SQLite database.
        database: `sqlite:///FILE` or `postgresql://…`; empty: a SQLite file in the folder.
        public_url: The address under which participants reach it; stands in QR codes and links. Empty: no links.
        attested_by: The instructor's name on certificates.
        class_code: What participants must send to get a certificate or to sync. Without one everybody may, and
            certificates are self-attested even with an instructor's key.
        instructor_code: What an instructor must send to see the class. Without one nobody may.
        cors_origins: Origins whose pages may call the service from a browser, separated by commas.
        largest_body_bytes: Requests with more are refused.
        write_limit: How often one address may issue and sync, such as `30/minute`.
        read_limit: How often one address may read.
    """

    model_config = SettingsConfigDict(env_prefix="OPCHAOS_BACKEND_", frozen=True, extra="ignore")

    folder: Path = Path("backend")
    database: str = ""
    public_url: str = ""
    attested_by: str = ""
    class_code: SecretStr = SecretStr("")
    instructor_code: SecretStr = SecretStr("")
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    largest_body_bytes: int = Field(default=2 * 1024 * 1024, ge=1024)
    write_limit: str = "30/minute"
    read_limit: str = "240/minute"

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return (
            tuple(part.strip() for part in value.split(",") if part.strip())
            if isinstance(value, str)
            else value
        )

    @property
    def database_url(self) -> str:
        """The database's address."""
        return self.database or f"sqlite:///{self.folder.absolute() / 'backend.sqlite'}"
