"""Run the image of the workspace beside the lab's Postgres and Redis, on a private network."""

from __future__ import annotations

import contextlib
from types import TracebackType

from chaos_lib.defences.container_runs import START_S, running
from chaos_lib.defences.image_gate import Bench
from chaos_lib.service import Answer


class ImageService:
    """The service, running from its image; usable as a context manager, and `stop` may be called twice.

    Args:
        bench: Where.
        image: The image's name.

    Raises:
        ContainerEnded: It ended at start; carries its last lines.
        WaitTimeout: It does not answer.
    """

    def __init__(self, bench: Bench, image: str, *, timeout_s: float = START_S) -> None:
        self._stack = contextlib.ExitStack()
        try:
            self._container = self._stack.enter_context(running(bench, image))
            self._container.wait_until_answering(timeout_s=timeout_s)
        except BaseException:
            self._stack.close()
            raise
        self.url = self._container.url

    def get(self, path: str) -> Answer:
        """Ask the service through the published port; an error status is an answer, not an exception."""
        return self._container.get(path)

    def post(self, path: str, json_text: str) -> Answer:
        """Send JSON to the service."""
        return self._container.post(path, json_text)

    def log(self) -> str:
        """Return the last lines that the service wrote."""
        return self._container.log()

    def stop(self) -> None:
        """Remove the container and its network."""
        self._stack.close()

    def __enter__(self) -> ImageService:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
