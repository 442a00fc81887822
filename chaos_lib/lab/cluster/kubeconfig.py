"""Kubeconfig files of our own: the lab never writes into the user's."""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from chaos_lib import durable
from chaos_lib.contexts import server_of
from chaos_lib.errors import InvalidInput

_FILES = ("certificate-authority", "client-certificate", "client-key")


def document(
    context: str, server: str, *, authority: bytes, certificate: bytes, key: bytes
) -> Mapping[str, Any]:
    """Return a kubeconfig with one context, which is its current one.

    Args:
        context: Its name.
        server: URL of the API server.
        authority: The certificate, PEM, that signed the server's.
        certificate: The user's certificate, PEM.
        key: The user's key, PEM.
    """
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": context,
        "contexts": [{"name": context, "context": {"cluster": context, "user": context}}],
        "clusters": [
            {
                "name": context,
                "cluster": {"server": server, "certificate-authority-data": _base64(authority)},
            }
        ],
        "users": [
            {
                "name": context,
                "user": {"client-certificate-data": _base64(certificate), "client-key-data": _base64(key)},
            }
        ],
    }


def only(context: str, kubeconfig: Path) -> Mapping[str, Any]:
    """Return a kubeconfig that has one context of another and nothing else; files that it names are taken in.

    Raises:
        InvalidInput: It has no such context, or names a file that cannot be read.
    """
    try:
        whole = yaml.safe_load(kubeconfig.read_text(encoding="utf-8"))
        entry = _named(whole, "contexts", context)
        cluster = _named(whole, "clusters", entry["context"]["cluster"])
        user = _named(whole, "users", entry["context"]["user"])
        taken_in = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": context,
            "contexts": [entry],
            "clusters": [{**cluster, "cluster": _with_files(cluster["cluster"], kubeconfig.parent)}],
            "users": [{**user, "user": _with_files(user["user"], kubeconfig.parent)}],
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError) as exc:
        raise InvalidInput(
            f"The context `{context}` cannot be read.",
            evidence=f"{kubeconfig}: {type(exc).__name__}: {exc}",
            fix="`kubectl config get-contexts` lists the names; `kubectl --context NAME get nodes` tries one.",
        ) from exc
    return taken_in


def current(path: Path) -> str:
    """Return the current context of a kubeconfig of ours; empty when it cannot be read."""
    try:
        return str(yaml.safe_load(path.read_text(encoding="utf-8"))["current-context"])
    except (OSError, TypeError, KeyError, yaml.YAMLError):
        return ""


def local_host(context: str, path: Path) -> str:
    """Return the host of a context's server when it is an address of this machine or room; empty otherwise.

    No proxy leads there.
    """
    try:
        host = urlsplit(server_of(context, path)).hostname or ""
        return host if ipaddress.ip_address(host).is_private else ""
    except (InvalidInput, ValueError):
        return ""


def write(path: Path, content: Mapping[str, Any]) -> None:
    """Write a kubeconfig that its owner alone can read; a reader sees the old one or the new one."""
    durable.make_folders(path.parent)
    text = yaml.safe_dump(dict(content), sort_keys=False)
    durable.write_bytes(path, text.encode(), mode=0o600, draft_folder=path.parent / "drafts")


def _named(whole: Mapping[str, Any], what: str, name: str) -> dict[str, Any]:
    found = next((entry for entry in whole[what] if entry["name"] == name), None)
    if found is None:
        raise KeyError(f"{what} has no `{name}`")
    return dict(found)


def _with_files(entry: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Take in the files that an entry names: relative ones are relative to the kubeconfig."""
    found = dict(entry)
    for name in _FILES:
        if name in found:
            content = (folder / Path(found.pop(name)).expanduser()).read_bytes()
            found[f"{name}-data"] = _base64(content)
    if "tokenFile" in found:
        found["token"] = (folder / Path(found.pop("tokenFile"))).read_text(encoding="utf-8").strip()
    return found


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
