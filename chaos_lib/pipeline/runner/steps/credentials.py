"""`withCredentials`, and the bindings of `credentials()` in `environment`."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chaos_lib.credentials import Credential
from chaos_lib.pipeline.runner.context import BuildThread
from chaos_lib.pipeline.runner.failures import Thrown, abort, not_supported
from chaos_lib.pipeline.runner.groovy.values import Value, text
from chaos_lib.pipeline.runner.steps.call import StepCall

NOT_FOUND = "org.jenkinsci.plugins.credentialsbinding.impl.CredentialNotFoundException"

BINDINGS = ("string", "usernamePassword", "usernameColonPassword", "file")
_KINDS = {
    "string": ("string", "org.jenkinsci.plugins.plaincredentials.StringCredentials"),
    "usernamePassword": (
        "usernamePassword",
        "com.cloudbees.plugins.credentials.common.StandardUsernamePasswordCredentials",
    ),
    "usernameColonPassword": (
        "usernamePassword",
        "com.cloudbees.plugins.credentials.common.StandardUsernamePasswordCredentials",
    ),
    "file": ("file", "org.jenkinsci.plugins.plaincredentials.FileCredentials"),
}
_TYPES = {"string": "Secret text", "usernamePassword": "Username with password", "file": "Secret file"}


@dataclass(frozen=True)
class Binding:
    """One credential bound to variables.

    Attributes:
        kind: The binding's name: one of `BINDINGS`.
        id: The credential's.
        variables: For `usernamePassword` two, else one.
    """

    kind: str
    id: str
    variables: tuple[str, ...]


def with_credentials(call: StepCall) -> Value:
    """Set variables to credentials for the block."""
    bindings = [_binding(value, call) for value in call.get("bindings") or []]
    with bound(call.thread, bindings):
        return call.run_block()


def for_environment(name: str, credential_id: str, thread: BuildThread) -> list[Binding]:
    """Return the bindings of `NAME = credentials('id')`.

    A user name with a password gives three variables: `NAME` as `user:password`, `NAME_USR` and `NAME_PSW`.

    Raises:
        Thrown: There is no credential of that id: its message is the id alone, as in Jenkins.
    """
    credential = thread.build.store.get(credential_id) if _is_id(credential_id) else None
    if credential is None:
        raise Thrown(NOT_FOUND, credential_id)
    if credential.kind == "usernamePassword":
        return [
            Binding("usernameColonPassword", credential_id, (name,)),
            Binding("usernamePassword", credential_id, (f"{name}_USR", f"{name}_PSW")),
        ]
    return [Binding(credential.kind, credential_id, (name,))]


def _binding(value: Any, call: StepCall) -> Binding:
    if not isinstance(value, dict) or value.get("$class") not in BINDINGS:
        named = value.get("$class", text(value)) if isinstance(value, dict) else text(value)
        raise not_supported(f"The binding `{named}`", call.node)
    kind = value["$class"]
    names = ("usernameVariable", "passwordVariable") if kind == "usernamePassword" else ("variable",)
    return Binding(
        kind, text(value.get("credentialsId", "")), tuple(text(value.get(name, "")) for name in names)
    )


@contextmanager
def bound(thread: BuildThread, bindings: Sequence[Binding]) -> Iterator[None]:
    """Bind credentials for a block; secret files are deleted behind it.

    Raises:
        Thrown: A credential is unknown or of another kind.
    """
    scratch = thread.build.folder / "tmp" / "secretFiles" / uuid.uuid4().hex
    values: dict[str, str] = {}
    secret: list[str] = []
    try:
        for binding in bindings:
            given = _values(binding, _find(binding, thread), scratch)
            values |= given
            secret.append(binding.variables[-1])
            thread.build.masker.add(given[binding.variables[-1]])
        if secret:
            names = " or ".join(f"${name}" for name in secret)
            thread.console.line(f"Masking supported pattern matches of {names}")
        with thread.within(overrides={**thread.context.overrides, **values}):
            yield
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _find(binding: Binding, thread: BuildThread) -> Credential:
    credential = thread.build.store.get(binding.id) if _is_id(binding.id) else None
    if credential is None:
        raise Thrown(NOT_FOUND, f"Could not find credentials entry with ID '{binding.id}'")
    wanted, class_name = _KINDS[binding.kind]
    if credential.kind != wanted:
        raise abort(
            f"Credentials '{binding.id}' is of type '{_TYPES[credential.kind]}' where '{class_name}' was expected"
        )
    secret = credential.secret.get_secret_value()
    thread.build.masker.add(secret)
    return credential


def _values(binding: Binding, credential: Credential, scratch: Path) -> dict[str, str]:
    secret = credential.secret.get_secret_value()
    if binding.kind == "usernamePassword":
        user, password = binding.variables
        return {user: credential.username, password: secret}
    if binding.kind == "usernameColonPassword":
        return {binding.variables[0]: f"{credential.username}:{secret}"}
    if binding.kind == "string":
        return {binding.variables[0]: secret}
    scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = scratch / binding.id
    path.touch(0o600)
    path.write_text(secret, encoding="utf-8")
    return {binding.variables[0]: str(path)}


def _is_id(credential_id: str) -> bool:
    return (
        credential_id[:1] != "."
        and bool(credential_id)
        and all(c.isalnum() or c in "-_." for c in credential_id)
    )
