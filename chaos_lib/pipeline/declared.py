"""The credentials that mission control's pipeline reads from the store, by the ids that jenkins/casc.yaml declares.

Their values are drawn, never written: no file, no notebook and no log holds one.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from chaos_lib.credentials import Credential, CredentialStore
from chaos_lib.settings import Settings

JENKINSFILE = "Jenkinsfile"
SIGNING_KEY = "signing-key"
KUBECONFIG = "cluster-kubeconfig"
_BYTES = 24
_NO_CLUSTER = "# This lab has no cluster: nothing is deployed.\n"


def store_of(settings: Settings) -> CredentialStore:
    """Return the mission's credentials."""
    return CredentialStore(settings.state / "credentials")


def provide(settings: Settings) -> None:
    """Declare what the finished pipeline uses and the store does not have."""
    store = store_of(settings)
    known = store.ids()
    if SIGNING_KEY not in known:
        store.put(SIGNING_KEY, drawn())
    if KUBECONFIG not in known:
        store.put(KUBECONFIG, kubeconfig({}))


def drawn() -> Credential:
    """Return a new token that nobody has seen."""
    return Credential(kind="string", secret=SecretStr(secrets.token_urlsafe(_BYTES)))


def kubeconfig(lab: Mapping[str, str]) -> Credential:
    """Return the way into the lab's cluster.

    Args:
        lab: The lab's variables; without a cluster the file says so.
    """
    path = lab.get("KUBECONFIG", "")
    text = Path(path).read_text(encoding="utf-8") if path and Path(path).is_file() else _NO_CLUSTER
    return Credential(kind="file", secret=SecretStr(text))
