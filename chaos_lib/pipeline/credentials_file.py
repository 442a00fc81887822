"""Credentials for a build outside of a mission: a file that says where the values are, and never holds one.

```yaml
api-token: {kind: string, from_env: API_TOKEN}
registry: {kind: usernamePassword, username: ann, from_env: REGISTRY_PASSWORD}
signing-key: {kind: file, from_file: key.pem}
```
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict, RootModel, SecretStr, ValidationError

from chaos_lib.credentials import Credential
from chaos_lib.errors import InvalidInput

_HOW = "Write `id: {kind: string, from_env: NAME}` or `id: {kind: file, from_file: PATH}`, one credential a line."


class CredentialSource(Protocol):
    """Where a build finds its credentials."""

    def ids(self) -> tuple[str, ...]:
        """Return the ids, sorted; never a value."""
        ...

    def get(self, credential_id: str) -> Credential | None:
        """Return a credential, or None when there is none of that id."""
        ...

    def put(self, credential_id: str, credential: Credential | None) -> None:
        """Keep a credential, or remove it when it is None."""
        ...


class GivenCredentials:
    """Credentials for one program, in memory alone.

    Args:
        known: By id.
    """

    def __init__(self, known: Mapping[str, Credential]) -> None:
        self._known = dict(known)

    def ids(self) -> tuple[str, ...]:
        """Return the ids, sorted; never a value."""
        return tuple(sorted(self._known))

    def get(self, credential_id: str) -> Credential | None:
        """Return a credential, or None when there is none of that id."""
        return self._known.get(credential_id)

    def put(self, credential_id: str, credential: Credential | None) -> None:
        """Keep a credential, or forget it when it is None."""
        if credential is None:
            self._known.pop(credential_id, None)
        else:
            self._known[credential_id] = credential


class _Entry(BaseModel):
    """One credential of the file."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["string", "usernamePassword", "file"]
    username: str = ""
    from_env: str = ""
    from_file: str = ""


class _File(RootModel[dict[str, _Entry]]):
    pass


def read(path: Path, environment: Mapping[str, str]) -> GivenCredentials:
    """Read a file of credentials and get the values from where it says.

    Args:
        path: The file; `from_file` is relative to its folder.
        environment: Holds what `from_env` names.

    Raises:
        InvalidInput: The file cannot be read or understood, or a value is not where it says. No value is in the message.
    """
    # Imported here: only builds with a file of credentials need it.
    import yaml

    try:
        entries = _File.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")) or {}).root
    except (OSError, UnicodeDecodeError) as exc:
        raise InvalidInput(
            f"`{path}` cannot be read.", evidence=str(exc), fix="Give the path of a file."
        ) from exc
    except yaml.YAMLError as exc:
        where = getattr(exc, "problem_mark", None)
        said = f"line {where.line + 1}" if where is not None else ""
        raise InvalidInput(f"`{path}` is no YAML.", evidence=said, fix=_HOW) from None
    except ValidationError as exc:
        places = ", ".join(".".join(str(part) for part in error["loc"]) for error in exc.errors())
        raise InvalidInput(
            f"`{path}` lists no credentials.", evidence=f"not right: {places}", fix=_HOW
        ) from None
    return GivenCredentials({name: _value(name, entry, path, environment) for name, entry in entries.items()})


def _value(name: str, entry: _Entry, path: Path, environment: Mapping[str, str]) -> Credential:
    if bool(entry.from_env) == bool(entry.from_file):
        raise InvalidInput(
            f"The credential `{name}` of `{path}` needs exactly one of `from_env` and `from_file`.", fix=_HOW
        )
    if entry.from_env:
        secret = environment.get(entry.from_env)
        if not secret:
            raise InvalidInput(
                f"The variable {entry.from_env}, which the credential `{name}` comes from, is not set.",
                fix=f"Set it, as a secret of your CI system or by `read -rs {entry.from_env}; export {entry.from_env}`.",
            )
    else:
        try:
            secret = (path.parent / entry.from_file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as exc:
            raise InvalidInput(
                f"The file that the credential `{name}` comes from cannot be read.",
                evidence=type(exc).__name__,
                fix=f"Check `from_file: {entry.from_file}`; it is relative to {path.parent}.",
            ) from None
        secret = secret if entry.kind == "file" else secret.rstrip("\r\n")
    return Credential(kind=entry.kind, secret=SecretStr(secret), username=entry.username)
