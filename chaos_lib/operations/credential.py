"""Operations on the mission's credentials: remove, replace.

A credential's state is the key of its JSON in the journal's blobs, or None: the journal's own lines hold no secret.
"""

from __future__ import annotations

import json

from chaos_lib.credentials import Credential, CredentialStore, exposed
from chaos_lib.errors import InvalidInput
from chaos_lib.journal import Journal
from chaos_lib.operations.base import Operator

KIND = "credential"


class CredentialKind:
    """Knows the state of a credential and how to bring it back."""

    kind = KIND

    def __init__(self, store: CredentialStore, journal: Journal) -> None:
        self._store = store
        self._journal = journal

    def capture(self, target: str) -> str | None:
        """Return the key of the credential's blob; None when there is no such credential."""
        credential = self._store.get(target)
        return None if credential is None else keep(credential, self._journal)

    def put(self, target: str, state: str | None) -> None:
        """Bring the credential to a state."""
        if state is None:
            self._store.put(target, None)
            return
        self._store.put(target, Credential.model_validate_json(self._journal.load(state)))


class Credentials:
    """What an attack may do to credentials: every call is journaled and undoes itself."""

    def __init__(self, operator: Operator, store: CredentialStore, run: str) -> None:
        self._operator = operator
        self._store = store
        self._run = run

    def remove(self, credential_id: str) -> None:
        """Remove a credential."""
        self._require(credential_id)
        self._operator.perform(self._run, KIND, credential_id, None)

    def replace(self, credential_id: str, credential: Credential) -> None:
        """Give a credential another value."""
        self._require(credential_id)
        self._operator.perform(self._run, KIND, credential_id, keep(credential, self._operator.journal))

    def _require(self, credential_id: str) -> None:
        if self._store.get(credential_id) is None:
            raise InvalidInput(
                f"There is no credential `{credential_id}` to attack.",
                evidence=f"known: {', '.join(self._store.ids()) or 'none'}",
                fix="Add it first, or choose another attack.",
            )


def keep(credential: Credential, journal: Journal) -> str:
    """Store a credential in the journal's blobs (readable by their owner alone) and return its key."""
    return journal.store(json.dumps(exposed(credential), sort_keys=True).encode())
