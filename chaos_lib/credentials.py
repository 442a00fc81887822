"""The credentials that pipelines use, by id; their values never leave this store but into a step's environment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from chaos_lib import durable
from chaos_lib.errors import InvalidInput

_MODE = 0o600


class Credential(BaseModel):
    """One credential.

    Attributes:
        kind: `string` holds a token, `usernamePassword` a name and a password, `file` a file's content.
        secret: The token, the password or the content.
        username: Only for `usernamePassword`.
    """

    model_config = ConfigDict(frozen=True)

    kind: Literal["string", "usernamePassword", "file"]
    secret: SecretStr
    username: str = ""


class CredentialStore:
    """The credentials of one mission, one file each, readable by their owner alone.

    Args:
        folder: Where they are kept; made at first use.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def ids(self) -> tuple[str, ...]:
        """Return the ids, sorted; never a value."""
        return tuple(sorted(path.stem for path in self.folder.glob("*.json")))

    def get(self, credential_id: str) -> Credential | None:
        """Return a credential, or None when there is none of that id.

        Raises:
            InvalidInput: Its file cannot be read; the message holds no value.
        """
        path = self._path(credential_id)
        if not path.exists():
            return None
        try:
            return Credential.model_validate_json(path.read_text(encoding="utf-8"))
        except ValidationError as exc:
            raise InvalidInput(
                f"The credential `{credential_id}` cannot be read.",
                evidence=f"{exc.error_count()} problems in {path.name}",
                fix="Remove it and add it again.",
            ) from None

    def put(self, credential_id: str, credential: Credential | None) -> None:
        """Keep a credential, or remove it when it is None."""
        path = self._path(credential_id)
        if credential is None:
            path.unlink(missing_ok=True)
            return
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        durable.write_bytes(
            path, json.dumps(exposed(credential)).encode(), mode=_MODE, draft_folder=self.folder / "drafts"
        )

    def _path(self, credential_id: str) -> Path:
        if (
            not credential_id
            or not all(c.isalnum() or c in "-_." for c in credential_id)
            or credential_id[0] == "."
        ):
            raise InvalidInput(
                f"`{credential_id}` is no credentials id.", fix="Use letters, digits, dashes and underscores."
            )
        return self.folder / f"{credential_id}.json"


def exposed(credential: Credential) -> Mapping[str, Any]:
    """Return a credential as JSON values, the secret in clear: for its own file and the journal's blobs only."""
    return {
        "kind": credential.kind,
        "secret": credential.secret.get_secret_value(),
        "username": credential.username,
    }
