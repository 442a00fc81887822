"""Runs branches at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from chaos_lib.pipeline.runner.console import Console
from chaos_lib.pipeline.runner.context import BuildThread
from chaos_lib.pipeline.runner.failures import Thrown, interruption
from chaos_lib.pipeline.runner.groovy.values import Value, truth
from chaos_lib.pipeline.runner.interrupts import Interruption
from chaos_lib.pipeline.runner.steps.call import StepCall

Branch = Callable[[BuildThread], Value]


def step(call: StepCall) -> Value:
    """Run the closures of a map at the same time; returns what each returned."""
    given = dict(call.arguments)
    is_failing_fast = truth(given.pop("failFast", False))
    return run(
        call.thread,
        {name: _branch(function) for name, function in given.items() if hasattr(function, "call")},
        is_failing_fast=is_failing_fast,
    )


def _branch(function: Value) -> Branch:
    return lambda thread: function.call(thread)


def run(thread: BuildThread, branches: Mapping[str, Branch], *, is_failing_fast: bool) -> dict[str, Value]:
    """Run branches at the same time, and wait for all of them.

    Args:
        thread: Where `parallel` stands; its line `[Pipeline] parallel` is written already.
        branches: What to run, by name, in the order in which the log shows them.
        is_failing_fast: Whether the first failure interrupts the others.

    Raises:
        Thrown: What a branch threw; of several the first in the order of the file, real failures before interruptions.
    """
    part = Interruption(thread.context.interruption)
    race = _Race(thread, part, is_failing_fast)
    for name, branch in branches.items():
        race.enter(name, branch)
    race.go()
    thread.enter("// parallel")
    if race.broken:
        raise race.broken[0]
    failures = sorted(
        race.failures.items(), key=lambda item: (item[1].is_interruption, race.names.index(item[0]))
    )
    if failures:
        raise failures[0][1]
    return {name: race.values.get(name) for name in race.names}


class _Race:
    """The branches of one `parallel`, and whose turn it is to be shown."""

    def __init__(self, thread: BuildThread, part: Interruption, is_failing_fast: bool) -> None:
        self.names: list[str] = []
        self.values: dict[str, Value] = {}
        self.failures: dict[str, Thrown] = {}
        self.broken: list[BaseException] = []
        self._thread = thread
        self._part = part
        self._is_failing_fast = is_failing_fast
        self._workers: list[threading.Thread] = []
        self._threads: list[BuildThread] = []
        self._consoles: list[Console] = []
        self._order = thread.next_order()
        self._done: set[int] = set()
        self._shown = 0

    def enter(self, name: str, branch: Branch) -> None:
        """Add a branch; none runs before all are there."""
        own = self._thread.console
        console = Console(own.channel.branch(), own.masker, is_timed=own.is_timed)
        at = len(self.names)
        inner = self._thread.spawn(console, (*self._order, at + 1), interruption=self._part)
        self._threads.append(inner)
        worker = threading.Thread(
            target=self._run, args=(at, branch, inner), name=f"branch {name}", daemon=True
        )
        self.names.append(name)
        self._consoles.append(console)
        self._workers.append(worker)

    def go(self) -> None:
        """Run all branches, and wait for them."""
        for console in self._consoles[:1]:
            console.channel.go_live()
        for worker in self._workers:
            worker.start()
        for worker in self._workers:
            worker.join()
        for inner in self._threads:
            self._thread.tags += inner.tags

    def _run(self, at: int, branch: Branch, thread: BuildThread) -> None:
        name = self.names[at]
        thread.enter(f"{{ (Branch: {name})")
        try:
            self.values[name] = branch(thread)
            thread.enter("}")
        except Thrown as thrown:
            thread.enter("}")
            thread.console.line(f"Failed in branch {name}")
            self.failures[name] = thrown
            if self._is_failing_fast and not thrown.is_interruption:
                self._part.interrupt(interruption(f"Failed in branch {name}"))
        except BaseException as exc:
            # Our own mistake: the main thread raises it, so that it is not lost with this thread.
            self.broken.append(exc)
        finally:
            self._finished(at)

    def _finished(self, at: int) -> None:
        """Show the next branch when all before it are over."""
        with self._thread.build.lock:
            self._done.add(at)
            while self._shown in self._done:
                self._shown += 1
                if self._shown < len(self._consoles):
                    self._consoles[self._shown].channel.go_live()
