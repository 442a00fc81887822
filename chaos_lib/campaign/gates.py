"""The gates of the pipeline, in order: cheap ones first, and the first red one stops it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from chaos_lib import phases
from chaos_lib.attacks.base import Attack
from chaos_lib.defences import catalogue as defences
from chaos_lib.defences.base import GREEN, Defence, Verdict, scope_of
from chaos_lib.defences.scope import Target
from chaos_lib.defences.triage import TRIAGE
from chaos_lib.errors import AttackRefused, InvalidInput, UnknownPhase
from chaos_lib.mission import Mission

OnGate = Callable[[str, int, int], None]

# Gates that only read files, or start one short process: whatever layer they guard, they cost next to nothing.
_CHEAP = {"settings-gate", "manifest-lint", "reference-resolver", "capacity-lint"}
# Gates for the night, which run the tests several times or shake the cluster: the last of all, in this order. The flake detector goes before the random
# order: what fails by chance would fail there, too, and be taken for something else.
NIGHTLY = (
    "must-fail-run",
    "frozen-clock",
    "flake-detector",
    "random-order",
    # Drills: they kill and restart on purpose.
    "availability-probe",
    "registry-drill",
)


def is_cheap(defence: Defence) -> bool:
    """Whether a gate goes before all that run tests; a defence may say so itself with `is_static = True`."""
    return defence.name in _CHEAP or bool(getattr(defence, "is_static", False))


def gates_for(
    attacks: Iterable[Attack], known: Mapping[str, Defence] = defences.DEFENCES
) -> tuple[Defence, ...]:
    """Return the pipeline's gates: every defence that must catch one of the attacks, in the order in which they are run.

    Cheap ones go first, then one layer after the other, and in the end those that run the tests several times: nobody should
    wait for minutes to hear of a fault in the image. The triage is none of them: it only asks others again.

    Args:
        attacks: Those that can be played here; a gate for what cannot happen would only cost time.
        known: The defences; their order decides the rest.
    """
    wanted = {attack.defence for attack in attacks} - {TRIAGE.name}
    order = {name: position for position, name in enumerate(known)}
    return tuple(
        sorted(
            (known[name] for name in wanted if name in known),
            key=lambda gate: (_turn(gate.name), *place(gate), order[gate.name]),
        )
    )


def place(gate: Defence) -> tuple[bool, int]:
    """Where a gate belongs in a pipeline: what is cheap first, then layer by layer. Smaller is earlier."""
    return not is_cheap(gate), _layer(gate.phase)


def _turn(name: str) -> int:
    return NIGHTLY.index(name) + 1 if name in NIGHTLY else 0


def _layer(phase: str) -> int:
    try:
        return phases.phase(phase).number
    except UnknownPhase:
        return phases.FINISHED.number


@dataclass(frozen=True)
class GatesRun:
    """One run of the pipeline.

    Attributes:
        verdicts: Of the gates that were run, in order; only the last can be red.
        total: How many gates the pipeline has.
        standing: The gates that were not run again: they were green, and nothing that they look at has been touched since.
    """

    verdicts: tuple[Verdict, ...]
    total: int
    standing: frozenset[str] = frozenset()

    @property
    def red(self) -> Verdict | None:
        """The gate that stopped it; None when all are green."""
        return next((verdict for verdict in self.verdicts if not verdict.is_green), None)

    @property
    def passed(self) -> tuple[str, ...]:
        """The names of the green gates."""
        return tuple(verdict.defence for verdict in self.verdicts if verdict.is_green)

    @property
    def elapsed_s(self) -> float:
        """Seconds of all gates together."""
        return sum(verdict.elapsed_s for verdict in self.verdicts)


def no_gate(_name: str, _number: int, _total: int) -> None:
    """Drop the news: for callers that show none."""


def run_gates(
    mission: Mission,
    names: Sequence[str],
    *,
    standing: frozenset[str] = frozenset(),
    on_gate: OnGate = no_gate,
    on_line: Callable[[str], None] | None = None,
) -> GatesRun:
    """Run gates in order until one is red.

    Args:
        mission: Judges.
        names: The gates.
        standing: Gates that are known to be green still; they are not run.
        on_gate: Told name, number (from 1) and total before each gate.
        on_line: Told each line of a gate's output.

    Raises:
        InvalidInput: There is no gate to run.
    """
    if not names:
        raise InvalidInput("The pipeline has no gates.", fix="Run `opchaos doctor`: it says what is missing.")
    verdicts: list[Verdict] = []
    for number, name in enumerate(names, start=1):
        if name in standing:
            verdicts.append(Verdict(name, GREEN, "Green as before: nothing that it looks at was touched."))
            continue
        on_gate(name, number, len(names))
        verdicts.append(mission.judge(name, on_line))
        if not verdicts[-1].is_green:
            break
    return GatesRun(tuple(verdicts), len(names), standing & {verdict.defence for verdict in verdicts})


def still_green(names: Iterable[str], touched: Sequence[Target]) -> frozenset[str]:
    """Return those of some green gates whose verdict stands after a change: they look at nothing of it.

    Args:
        names: Gates that were green before the change.
        touched: Everything that it touched; when that is nothing, nobody knows what happened, and no verdict stands.
    """
    if not touched:
        return frozenset()
    return frozenset(
        name
        for name in names
        if name in defences.DEFENCES
        and not any(scope_of(defences.DEFENCES[name]).covers(target) for target in touched)
    )


def require_steady(
    mission: Mission,
    names: Sequence[str],
    *,
    on_gate: OnGate = no_gate,
    on_line: Callable[[str], None] | None = None,
) -> GatesRun | None:
    """Make sure that every gate is green before something is broken; a workspace that was found green is not asked again.

    Returns:
        The run; None when nothing has changed since the last one that was green.

    Raises:
        AttackRefused: A gate is red already: what it would say about an attack would mean nothing.
    """
    if is_known_green(mission, names):
        return None
    run = run_remembered(mission, names, on_gate=on_gate, on_line=on_line)
    if run.red is not None:
        raise AttackRefused(
            f"The pipeline is red already: `{run.red.defence}` says {run.red.reason}.",
            evidence=f"{run.red.summary}\n{run.red.evidence}",
            fix="Make it green first; only then does it mean something when an attack turns it red.",
        )
    return run


def is_known_green(mission: Mission, names: Sequence[str]) -> bool:
    """Whether this very workspace was found green by these gates, on this tier."""
    digest, tier = mission.workspace.digest(), mission.tier_of("services").value
    return any(
        event.name == digest and event.data.get("tier") == tier and event.data.get("gates") == list(names)
        for event in mission.log.events(kind="steady_state")
    )


def run_remembered(
    mission: Mission,
    names: Sequence[str],
    *,
    on_gate: OnGate = no_gate,
    on_line: Callable[[str], None] | None = None,
) -> GatesRun:
    """Run gates in order until one is red; when all are green, that is remembered for this very workspace.

    Raises:
        InvalidInput: There is no gate to run.
    """
    digest, tier = mission.workspace.digest(), mission.tier_of("services").value
    run = run_gates(mission, names, on_gate=on_gate, on_line=on_line)
    if run.red is None:
        mission.log.add(mission.phase.name, "steady_state", digest, tier=tier, gates=list(names))
    return run
