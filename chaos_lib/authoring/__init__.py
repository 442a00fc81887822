"""Attacks of one's own: a working file to start from."""

from chaos_lib.authoring.scaffold import Scaffold, scaffold

__all__ = ["Scaffold", "scaffold"]
