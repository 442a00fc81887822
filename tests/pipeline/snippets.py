"""Pieces of pipelines, put where they belong."""

from __future__ import annotations

from chaos_lib.pipeline.parser import parse


def steps(body: str) -> str:
    """Return a pipeline whose only stage has these steps, the first of them in line 4."""
    return f"pipeline {{\nagent any\nstages {{ stage('S') {{ steps {{\n{body}\n}} }} }}\n}}\n"


def stage(body: str) -> str:
    """Return a pipeline whose only stage has these sections, the first of them in line 4."""
    return f"pipeline {{\nagent any\nstages {{ stage('S') {{\n{body}\n}} }}\n}}\n"


def top(body: str) -> str:
    """Return a pipeline with these sections above its stages, the first of them in line 2."""
    return f"pipeline {{\n{body}\nstages {{ stage('S') {{ steps {{ echo 'a' }} }} }}\n}}\n"


def problems(text: str) -> list[tuple[str, int, int]]:
    """Return message, line and column of each problem."""
    return [(found.message, found.line, found.column) for found in parse(text).problems]


def messages(text: str) -> list[str]:
    """Return the messages."""
    return [found.message for found in parse(text).problems]
