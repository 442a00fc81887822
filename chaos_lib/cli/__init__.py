"""The command line: `opchaos`."""

from chaos_lib.cli.app import app, main

__all__ = ["app", "main"]
