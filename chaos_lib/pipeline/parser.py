"""From the text of a Jenkinsfile to its model."""

from __future__ import annotations

from chaos_lib.pipeline.model import ParsedPipeline


def parse(text: str) -> ParsedPipeline:
    """Read a Jenkinsfile: its Groovy, its Declarative model and everything Jenkins would object to.

    Args:
        text: The content of the file.

    Returns:
        The model, with the problems found. Never raises for the text's content.
    """
    raise NotImplementedError
