"""Which Kubernetes contexts may be touched: those that the lab wrote, and those that the user allowed by name, for a while.

Both are kept in the mission's state: `lab-contexts.json` (with the namespaces we created) and `allowed-contexts.json`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from chaos_lib import durable
from chaos_lib.errors import InvalidInput, JournalDamaged

VALID_S = 8 * 3600.0


class AllowedContext(BaseModel):
    """A context that the user allowed.

    Attributes:
        name: The context's name.
        kubeconfig: The file that it stands in, absolute.
        server: The URL that it led to; one that leads elsewhere by now is another cluster.
        until: Seconds since the epoch; from then on it is not allowed any more.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    kubeconfig: Path
    server: str
    until: float


class LabContext(BaseModel):
    """A context that the lab itself wrote.

    Attributes:
        name: The context's name.
        kubeconfig: The file that the lab wrote, absolute.
        server: The URL that it leads to.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    kubeconfig: Path
    server: str


class CreatedNamespace(BaseModel):
    """A namespace that we created.

    Attributes:
        context: The context's name.
        kubeconfig: The file that it stands in, absolute.
        namespace: The namespace's name.
    """

    model_config = ConfigDict(frozen=True)

    context: str
    kubeconfig: Path
    namespace: str


_ALLOWED = TypeAdapter(tuple[AllowedContext, ...])


class _Ours(BaseModel):
    contexts: tuple[LabContext, ...] = ()
    namespaces: tuple[CreatedNamespace, ...] = ()


class Contexts:
    """The contexts of one mission.

    Args:
        state: The mission's state folder.
        now: Seconds since the epoch.
    """

    def __init__(self, state: Path, *, now: Callable[[], float] = time.time) -> None:
        self._allowed_file = state / "allowed-contexts.json"
        self._ours_file = state / "lab-contexts.json"
        self._drafts = state / "drafts"
        self._now = now

    # What the user allows

    def allow(
        self, name: str, kubeconfig: Path, *, asks: Callable[[str], bool], valid_s: float = VALID_S
    ) -> AllowedContext | None:
        """Allow a context by name, after asking twice.

        Args:
            name: The context, exactly as `kubectl config get-contexts` lists it.
            kubeconfig: The file that it stands in.
            asks: Puts a question to the user; whether the answer was yes.
            valid_s: For how many seconds, at most a day.

        Returns:
            What was allowed; None when the user said no.

        Raises:
            InvalidInput: The file has no such context, or the time is out of range.
        """
        if not 0 < valid_s <= 24 * 3600:
            raise InvalidInput(
                f"A context cannot be allowed for {valid_s:.0f} seconds.", fix="Choose up to 24 hours."
            )
        server = server_of(name, kubeconfig)
        hours = valid_s / 3600
        questions = (
            f"Attacks will break things in the cluster behind the context `{name}` ({server}), in namespaces that "
            f"the workshop creates there, for the next {hours:.0f} h. Is this a cluster that you may break?",
            f"Once more: nobody else works on `{name}`, and it is not production?",
        )
        if not all(asks(question) for question in questions):
            return None
        allowed = AllowedContext(
            name=name, kubeconfig=_absolute(kubeconfig), server=server, until=self._now() + valid_s
        )
        others = [c for c in self.allowed() if (c.name, c.kubeconfig) != (allowed.name, allowed.kubeconfig)]
        self._write(self._allowed_file, _ALLOWED.dump_json((*others, allowed), indent=2))
        return allowed

    def extend_to(self, allowed: AllowedContext, copy: Path) -> None:
        """Let the leave for a context hold for a copy of it as well, for just as long.

        Args:
            allowed: What the user allowed.
            copy: A kubeconfig of ours with the same context.

        Raises:
            InvalidInput: The copy has no such context, or leads elsewhere.
        """
        file = _absolute(copy)
        if server_of(allowed.name, copy) != allowed.server:
            raise InvalidInput(
                f"The context `{allowed.name}` leads elsewhere than when it was allowed.",
                evidence=f"allowed was {allowed.server}",
                fix=f"If you may break that cluster, too: `opchaos allow-context {allowed.name}`.",
            )
        extended = allowed.model_copy(update={"kubeconfig": file})
        others = [c for c in self.allowed() if (c.name, c.kubeconfig) != (allowed.name, file)]
        self._write(self._allowed_file, _ALLOWED.dump_json((*others, extended), indent=2))

    def withdraw(self, name: str) -> bool:
        """Allow a context no longer; returns whether it was allowed."""
        kept = tuple(context for context in self.allowed() if context.name != name)
        was_allowed = len(kept) < len(self.allowed())
        if was_allowed:
            self._write(self._allowed_file, _ALLOWED.dump_json(kept, indent=2))
        return was_allowed

    def allowed(self) -> tuple[AllowedContext, ...]:
        """Return what the user allows now; what has expired is not in it."""
        content = self._read(self._allowed_file)
        try:
            every = _ALLOWED.validate_json(content) if content else ()
        except ValidationError as exc:
            raise _damaged(self._allowed_file, exc) from exc
        return tuple(context for context in every if self._now() < context.until)

    # What the lab wrote

    def record_lab_context(self, name: str, kubeconfig: Path) -> None:
        """Record that the lab wrote a context; called by the lab when it has made a cluster.

        Raises:
            InvalidInput: The file has no such context.
        """
        ours, file = self._ours(), _absolute(kubeconfig)
        context = LabContext(name=name, kubeconfig=file, server=server_of(name, kubeconfig))
        others = [c for c in ours.contexts if (c.name, c.kubeconfig) != (name, file)]
        self._keep(ours.model_copy(update={"contexts": (*others, context)}))

    def forget_lab_context(self, name: str, kubeconfig: Path) -> None:
        """Record that the lab took a context away, and its namespaces with it."""
        ours, file = self._ours(), _absolute(kubeconfig)
        self._keep(
            _Ours(
                contexts=tuple(c for c in ours.contexts if (c.name, c.kubeconfig) != (name, file)),
                namespaces=tuple(n for n in ours.namespaces if (n.context, n.kubeconfig) != (name, file)),
            )
        )

    def record_namespace(self, name: str, kubeconfig: Path, namespace: str) -> None:
        """Record that we created a namespace; called before it is created, so that a kill leaves none unknown."""
        ours = self._ours()
        created = CreatedNamespace(context=name, kubeconfig=_absolute(kubeconfig), namespace=namespace)
        self._keep(ours.model_copy(update={"namespaces": tuple({*ours.namespaces, created})}))

    def is_ours(self, name: str, kubeconfig: Path) -> bool:
        """Whether the lab wrote this context, or the user allows it now, and it still leads to the same server."""
        try:
            wanted = (name, _absolute(kubeconfig), server_of(name, kubeconfig))
        except InvalidInput:
            return False
        known: tuple[LabContext | AllowedContext, ...] = (*self._ours().contexts, *self.allowed())
        return wanted in {(context.name, context.kubeconfig, context.server) for context in known}

    def namespaces(self, name: str, kubeconfig: Path) -> tuple[str, ...]:
        """Return the namespaces that we created in a context, sorted."""
        place = (name, _absolute(kubeconfig))
        return tuple(
            sorted(n.namespace for n in self._ours().namespaces if (n.context, n.kubeconfig) == place)
        )

    def _ours(self) -> _Ours:
        content = self._read(self._ours_file)
        try:
            return _Ours.model_validate_json(content) if content else _Ours()
        except ValidationError as exc:
            raise _damaged(self._ours_file, exc) from exc

    def _keep(self, ours: _Ours) -> None:
        self._write(self._ours_file, ours.model_dump_json(indent=2).encode())

    def _write(self, path: Path, content: bytes) -> None:
        durable.make_folders(path.parent)
        durable.write_bytes(path, content, mode=0o600, draft_folder=self._drafts)

    @staticmethod
    def _read(path: Path) -> bytes:
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as exc:
            raise _damaged(path, exc) from exc


class _Entry(BaseModel):
    cluster: str


class _NamedEntry(BaseModel):
    name: str
    context: _Entry


class _Cluster(BaseModel):
    server: str


class _NamedCluster(BaseModel):
    name: str
    cluster: _Cluster


class _Kubeconfig(BaseModel):
    contexts: list[_NamedEntry]
    clusters: list[_NamedCluster]


def server_of(name: str, kubeconfig: Path) -> str:
    """Return the URL of the server that a context leads to.

    Raises:
        InvalidInput: The file is no kubeconfig that can be read, or has no such context.
    """
    try:
        document = _Kubeconfig.model_validate(yaml.safe_load(kubeconfig.read_text(encoding="utf-8")))
    except (OSError, ValueError, yaml.YAMLError) as exc:
        raise InvalidInput(
            "The kubeconfig cannot be read.",
            evidence=f"{kubeconfig}: {type(exc).__name__}: {exc}",
            fix="Name a kubeconfig file with contexts in it; `kubectl config view` shows the one in use.",
        ) from exc
    clusters = {entry.name: entry.cluster.server for entry in document.clusters}
    servers = {entry.name: clusters.get(entry.context.cluster) for entry in document.contexts}
    server = servers.get(name)
    if server is None:
        raise InvalidInput(
            f"There is no context `{name}`, or it names no cluster.",
            evidence=f"{kubeconfig} has {', '.join(servers) or 'none'}",
            fix="`kubectl config get-contexts` lists the names. Name one that you may break.",
        )
    return server


def _absolute(kubeconfig: Path) -> Path:
    return kubeconfig.expanduser().resolve()


def _damaged(path: Path, exc: Exception) -> JournalDamaged:
    return JournalDamaged(
        "The record of allowed contexts cannot be read, so none is allowed.",
        evidence=f"{path}: {exc}",
        fix="Move the file away, then allow the context again: `opchaos allow-context NAME`.",
    )
