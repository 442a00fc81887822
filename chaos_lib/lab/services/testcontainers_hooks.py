"""The few places where a test session's Testcontainers is led our way, each put back at the end."""

from __future__ import annotations

import contextlib
import functools
import importlib.machinery
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

CONTAINER = "testcontainers.core.container"
DATABASE = "testcontainers.core.generic"
REDIS = "testcontainers.community.redis"
_POLL_S = 0.1


class AfterImport(MetaPathFinder):
    """Call a function once a module has been imported; sessions that never do so pay nothing (0.3 s)."""

    def __init__(self, module: str, action: Callable[[], None]) -> None:
        self._module = module
        self._action = action

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find the one module as usual, with the action after its code has run."""
        if fullname != self._module:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.loader is None:
            return None
        loader, execute = spec.loader, spec.loader.exec_module

        def execute_and_act(module: ModuleType) -> None:
            execute(module)
            del loader.exec_module
            self._action()

        loader.exec_module = execute_and_act  # type: ignore[method-assign]
        return spec


def when_imported(module: str, action: Callable[[], None], cleanup: contextlib.ExitStack) -> None:
    """Run `action` when the module is imported, at once if it is; not after `cleanup` has been closed."""
    if module in sys.modules:
        action()
        return
    finder = AfterImport(module, action)
    sys.meta_path.insert(0, finder)
    cleanup.callback(sys.meta_path.remove, finder)


def add_labels(labels: Mapping[str, str], on_use: Callable[[], None], cleanup: contextlib.ExitStack) -> None:
    """Put our labels on every container and network that Testcontainers creates.

    Args:
        labels: What to add.
        on_use: Called each time something is created.
        cleanup: Takes it back.
    """
    # `docker_client` took the function by name, so that name is what has to change.
    from testcontainers.core import docker_client
    from testcontainers.core.config import testcontainers_config

    original = docker_client.create_labels

    @functools.wraps(original)
    def create_labels(image: str, own: dict[str, str] | None) -> dict[str, str]:
        if image == testcontainers_config.ryuk_image:
            return dict(original(image, own))  # the reaper lives longer than a session, and ends by itself
        on_use()
        made: dict[str, str] = original(image, {**labels, **(own or {})})
        return made

    _replace(docker_client, "create_labels", create_labels, cleanup)


def use_engine(engine: object, cleanup: contextlib.ExitStack) -> None:
    """Let Testcontainers talk to `engine` instead of a Docker client of its own; nothing else is changed.

    Source: `DockerContainer.__init__` and `Network.__init__` of testcontainers 4.15.
    """
    from testcontainers.core import container, network
    from testcontainers.core.config import testcontainers_config

    for module in (container, network):
        _replace(module, "DockerClient", lambda **_: engine, cleanup)
    _replace(testcontainers_config, "ryuk_disabled", True, cleanup)


def look_often(cleanup: contextlib.ExitStack) -> None:
    """Let Testcontainers look every tenth of a second whether a server is there, for as long as before.

    Its own second between two looks is long for a server that is there in a fifth of it. Who set
    `TC_POOLING_INTERVAL` keeps it. Source: `TestcontainersConfiguration` of testcontainers 4.15.
    """
    from testcontainers.core.config import testcontainers_config

    if "TC_POOLING_INTERVAL" not in os.environ:
        longest_s = testcontainers_config.timeout
        _replace(testcontainers_config, "sleep_time", _POLL_S, cleanup)
        _replace(testcontainers_config, "max_tries", int(longest_s / _POLL_S), cleanup)


def ping_redis_once_a_look(cleanup: contextlib.ExitStack) -> None:
    """Let a look at a new Redis end with the first refusal.

    The client repeats a refused ping by itself, after up to two seconds: by then the next look would have found the
    server long ago. Source: `Redis.__init__` of redis 6, whose default is three retries with a growing pause.
    """
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    strategy = sys.modules[REDIS].PingWaitStrategy
    original = strategy.wait_until_ready

    class Once:
        def __init__(self, container: Any) -> None:
            self._container = container

        def get_client(self) -> Any:
            return self._container.get_client(retry=Retry(NoBackoff(), 0))

    def wait_until_ready(self: Any, container: Any) -> None:
        original(self, Once(container))

    _replace(strategy, "wait_until_ready", wait_until_ready, cleanup)


class StartTimer:
    """Measures each container's outermost `start`.

    Args:
        record: Called with the image, the seconds and whether it succeeded.
    """

    def __init__(self, record: Callable[[str, float, bool], None]) -> None:
        self._record = record
        self._running: set[int] = set()

    def watch(self, module: str, class_name: str, cleanup: contextlib.ExitStack) -> None:
        """Measure a class's own `start` from now on.

        A database's `start` calls the plain container's: only the outer one is the whole wait.
        """
        from testcontainers.core.config import testcontainers_config

        owner = getattr(sys.modules[module], class_name)
        original = owner.start

        @functools.wraps(original)
        def start(container: Any, *args: Any, **kwargs: Any) -> Any:
            if id(container) in self._running or container.image == testcontainers_config.ryuk_image:
                return original(container, *args, **kwargs)
            self._running.add(id(container))
            begin = time.monotonic()
            is_started = False
            try:
                result = original(container, *args, **kwargs)
                is_started = True
            finally:
                self._running.discard(id(container))
                self._record(container.image, time.monotonic() - begin, is_started)
            return result

        _replace(owner, "start", start, cleanup)


def _replace(owner: Any, name: str, value: object, cleanup: contextlib.ExitStack) -> None:
    cleanup.callback(setattr, owner, name, getattr(owner, name))
    setattr(owner, name, value)
