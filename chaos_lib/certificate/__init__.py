"""Certificates: issued from the mission log, signed, drawn as vectors, and verified without a network.

`Office` is what notebooks and commands use. Nothing heavy is imported before it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from chaos_lib.errors import ToolMissing

if TYPE_CHECKING:
    from chaos_lib.certificate.layout import Paper as Paper
    from chaos_lib.certificate.office import Issued as Issued
    from chaos_lib.certificate.office import Office as Office
    from chaos_lib.certificate.record import Attestation as Attestation
    from chaos_lib.certificate.verifying import Verified as Verified

__all__ = ["Attestation", "Issued", "Office", "Paper", "Verified"]

_PLACES = {
    "Attestation": "record",
    "Issued": "office",
    "Office": "office",
    "Paper": "layout",
    "Verified": "verifying",
}


def __getattr__(name: str) -> Any:
    """Load a name at its first use."""
    if name in _PLACES:
        return getattr(load(_PLACES[name]), name)
    raise AttributeError(f"module 'chaos_lib.certificate' has no attribute {name!r}")


def load(module: str) -> Any:
    """Import a module of this package.

    Raises:
        ToolMissing: A package that it needs is not installed; the lean core does without them.
    """
    try:
        return import_module(f"chaos_lib.certificate.{module}")
    except ModuleNotFoundError as exc:
        if exc.name is None or exc.name.startswith("chaos_lib"):
            raise
        raise ToolMissing(
            "A package for certificates is not installed.",
            evidence=str(exc),
            fix="`pip install 'operation-chaos[lab]'`, or `make setup` in the repository.",
        ) from exc
